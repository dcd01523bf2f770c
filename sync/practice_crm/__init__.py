"""A practice CRM: a real HTTP server with its own database, whose faults can be switched on for rehearsals."""
