"""The terminal app: what people at the booth see, press and touch."""
