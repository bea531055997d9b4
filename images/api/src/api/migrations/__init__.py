"""The database's schema, as the steps that make it."""
