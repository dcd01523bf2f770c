"""What the columns of a list mean: judged by the header, the values below it, and the columns beside it."""
