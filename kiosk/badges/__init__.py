"""
Turns the payload of a code into a badge; one format per module.

Nothing is imported here: the settings need only `profile`, and the patterns of all formats take longer to compile than
the rest of a short command takes to start.
"""
