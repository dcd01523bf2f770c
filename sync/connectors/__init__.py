"""The CRMs that leads can be delivered to, one a file."""
