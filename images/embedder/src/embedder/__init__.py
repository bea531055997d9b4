"""The function that makes vectors of passages."""
