"""What people see and type: the screens, the command line and the settings."""
