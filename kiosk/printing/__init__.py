"""Makes QR badges for people who have none: for practice, for speakers, for staff."""
