"""The SQLite file that holds the truth: leads, scans, and what is still owed to the CRM."""
