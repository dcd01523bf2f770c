"""Decides what the columns of a list mean, by the header, the values below it, and the other columns."""
