"""Light in, payloads out: picture sources, decoders, and the moment when a code counts as seen."""
