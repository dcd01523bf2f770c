"""Reading lists of people: attendee lists and leads from other systems."""
