"""The terminal app: what people at the booth see and press."""
