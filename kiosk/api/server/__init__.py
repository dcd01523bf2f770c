"""The API as a process: the server, and what stands between it and a route."""
