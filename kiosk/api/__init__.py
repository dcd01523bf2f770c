"""The HTTP API for other devices, and the page with the numbers; a process of its own beside the screen."""
