"""The HTTP API for other devices, and the dashboard; a process of its own beside the screen."""
