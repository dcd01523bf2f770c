"""vCards, in every version and notation: `card.read_vcard` turns one into a badge."""
