"""kiosk.toml as typed settings."""
