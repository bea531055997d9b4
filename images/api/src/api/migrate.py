"""The entry point of the function that migrates the database: each deployment invokes it before new code serves."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from aws_lambda_powertools.utilities.typing import LambdaContext

from student_helper.clients import CLIENT
from student_helper.database import connect
from student_helper.deadline import Deadline
from student_helper.logs import logger
from student_helper.parameters import Parameters
from student_helper.settings import Settings

HEAD = "head"
"""Alembic's name for the newest revision."""

LOCK = 0x73747564656E74
"""Number of the advisory lock that whoever migrates holds; any number that nobody else uses will do."""

PATIENCE_SECONDS = 180
"""How long a database that does not answer is waited for: one that was just made or restarted, or whose proxy does not
know it yet, needs some time."""

RETRY_SECONDS = 2


def upgrade(connection: sa.Connection, revision: str = HEAD) -> None:
    """Brings the schema up to a revision, within the connection's transaction."""
    command.upgrade(_config(connection), revision)


def downgrade(connection: sa.Connection, revision: str) -> None:
    """Takes the schema back to a revision, `base` for none, within the connection's transaction."""
    command.downgrade(_config(connection), revision)


def migrate(engine: sa.Engine, deadline: Deadline) -> str:
    """Brings the schema up to date, and returns its revision. All migrations are done, or none is.

    Two that migrate at once do it one after the other; the second finds nothing to do.
    """
    with _connection(engine, deadline) as connection, connection.begin():
        # Whoever holds the lock, or a table that changes, may never let go of it.
        milliseconds = str(max(1, int(deadline.seconds_left() * 1000)))
        connection.execute(sa.select(sa.func.set_config("lock_timeout", milliseconds, True)))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        upgrade(connection)
        revision = MigrationContext.configure(connection).get_current_revision()
    assert revision is not None  # noqa: S101 - there are migrations
    return revision


@logger.inject_lambda_context(log_event=False)
def handler(_event: dict[str, object], context: LambdaContext) -> dict[str, str]:
    """Migrates the stack's database; whatever fails is raised, and fails the deployment."""
    settings = Settings.from_environment()
    ssm = boto3.client("ssm", config=CLIENT)
    engine = connect(Parameters(settings.parameter_prefix, settings.parameter_names, ssm))
    try:
        revision = migrate(engine, Deadline(context))
    finally:
        engine.dispose()
    logger.info("Database migrated", extra={"revision": revision})
    return {"revision": revision}


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(engine: sa.Engine, deadline: Deadline) -> Iterator[sa.Connection]:
    patience_ends = time.monotonic() + min(PATIENCE_SECONDS, deadline.seconds_left())
    while True:
        try:
            connection = engine.connect()
            break
        except sa.exc.OperationalError:
            if time.monotonic() + RETRY_SECONDS > patience_ends:
                raise
            logger.warning("The database does not answer yet")
            time.sleep(RETRY_SECONDS)
    with connection:
        yield connection
