"""The libraries that find codes in a picture, one a file."""
