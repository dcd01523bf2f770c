"""From a badge to a saved lead: the camera, USB scanners, and the capture that both end in."""
