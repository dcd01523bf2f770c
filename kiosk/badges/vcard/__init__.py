"""vCards, in every version and dress: `card.read_vcard` turns one into a badge."""
