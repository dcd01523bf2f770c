"""The character set of a code: the one that it declares, or the one that its words prove."""
