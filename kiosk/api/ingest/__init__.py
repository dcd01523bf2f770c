"""From a posted contact to a saved lead."""
