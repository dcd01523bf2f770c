"""The character set of a code: the one it declares, or the one that its words prove."""
