"""From a badge to a saved lead: the camera scanner, the USB scanner, and what both save with."""
