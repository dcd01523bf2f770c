"""Alerts: detect problems with the kiosk as a whole, show them on every screen, and post them to a webhook."""
