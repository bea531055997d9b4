"""Reads uploaded documents and splits them into passages."""
