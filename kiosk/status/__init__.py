"""The kiosk status: where the leads are and why, in the words that screens and commands share."""
