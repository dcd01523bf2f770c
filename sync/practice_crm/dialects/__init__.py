"""The dialects that the practice CRM speaks, one CRM a file."""
