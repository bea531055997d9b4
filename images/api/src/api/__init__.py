"""The HTTP API of Student Helper."""
