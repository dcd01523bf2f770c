"""Load test of the API: many clients at once, measured from outside (`kiosk loadtest`)."""
