"""kiosk.toml: its tables as typed settings, how it is loaded, and the error messages about it."""
