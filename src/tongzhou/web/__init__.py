"""Settings, addresses, ASGI and the command line."""
