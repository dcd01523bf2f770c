"""Running the kiosk: startup, the service processes, logging, and the kiosk without a screen."""
