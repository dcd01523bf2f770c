"""What is wrong with the kiosk as a whole: noticed, shown on every screen, told to a webhook, and so is its end."""
