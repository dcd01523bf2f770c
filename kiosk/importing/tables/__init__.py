"""Lists in files written by any program, read row by row: no list is ever in memory as a whole."""
