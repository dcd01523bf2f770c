"""Running the kiosk: its processes, its log, and the kiosk without a screen."""
