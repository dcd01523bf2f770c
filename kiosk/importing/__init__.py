"""Reads lists that somebody made elsewhere: attendee lists and leads, in CSV, JSON and workbooks."""
