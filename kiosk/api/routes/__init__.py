"""The endpoints, a family a file."""
