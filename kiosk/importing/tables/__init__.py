"""Lists in files, whatever program wrote them, row by row: none is ever in memory as a whole."""
