"""Runs migrations on the connection that `api.migrate` hands over, in the transaction that it has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
