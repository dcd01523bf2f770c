"""The character set of a code: the one that it declares, or else a guess from its words."""
