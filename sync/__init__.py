"""From the outbox to the CRM, in a process of its own."""
