"""From a posted contact to a saved lead: parse, save, correct, and the group commit."""
