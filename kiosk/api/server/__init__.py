"""The API as a process: uvicorn with connection limits, TLS, and authentication before the routes."""
