"""How the booth's API does when many post at once, measured from outside; and the story that the figures tell."""
