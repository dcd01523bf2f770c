"""The HTTP API for other devices, and the dashboard. It runs in its own process, beside the screen."""
