"""The comparison that `kiosk demo` runs: the same visitors at a booth that waits for its CRM, and at this one."""
