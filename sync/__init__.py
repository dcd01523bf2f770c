"""Sends the outbox to the CRM, in a separate process."""
