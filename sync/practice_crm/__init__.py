"""A practice CRM: a real HTTP server with its own database, which can misbehave on request."""
