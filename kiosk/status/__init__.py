"""Where the leads are and why, and how every surface of the kiosk says so."""
