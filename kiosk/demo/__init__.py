"""The story in two minutes: the same visitors at a booth that waits for the CRM, and at this one."""
