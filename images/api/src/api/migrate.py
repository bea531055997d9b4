"""The entry point of the function that migrates the database: each deployment invokes it before new code serves."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import psycopg
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

TABLE_LOCK_SECONDS = 3
"""How long a migration waits for a table that a transaction still uses: whoever reads the table meanwhile waits behind
it."""

RETRY_SECONDS = 2
"""The pause before either is tried again."""


class LockedError(Exception):
    """Somebody else held a lock for as long as the migration could wait."""

    def __init__(self) -> None:
        """Says where to look."""
        super().__init__(
            "Another migration, or a long transaction on a table that changes, did not end in time; nothing was"
            " changed. Find it in pg_stat_activity by its xact_start, let it end or end it with"
            " pg_terminate_backend(pid), and deploy again."
        )


def upgrade(connection: sa.Connection, revision: str = HEAD) -> None:
    """Brings the schema up to a revision, within the connection's transaction."""
    command.upgrade(_config(connection), revision)


def downgrade(connection: sa.Connection, revision: str) -> None:
    """Takes the schema back to a revision, `base` for none, within the connection's transaction."""
    command.downgrade(_config(connection), revision)


def migrate(engine: sa.Engine, deadline: Deadline) -> str:
    """Brings the schema up to date, and returns its revision. All migrations are done, or none is.

    Two that migrate at once do it one after the other; the second finds nothing to do.

    Raises:
        LockedError: others kept what has to be locked until the deadline.
    """
    while True:
        try:
            return _migrate_once(engine, deadline)
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                raise
            if deadline.seconds_left() < RETRY_SECONDS:
                raise LockedError from error
            logger.warning("Others use what the migration has to lock")
            time.sleep(RETRY_SECONDS)


def _migrate_once(engine: sa.Engine, deadline: Deadline) -> str:
    with _connection(engine, deadline) as connection, connection.begin():
        # Nobody but who migrates waits for this lock.
        _limit_waits(connection, deadline.seconds_left())
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        _limit_waits(connection, min(TABLE_LOCK_SECONDS, deadline.seconds_left()))
        upgrade(connection)
        revision = MigrationContext.configure(connection).get_current_revision()
    assert revision is not None  # noqa: S101 - there are migrations
    return revision


def _limit_waits(connection: sa.Connection, seconds: float) -> None:
    # 0 would be no limit.
    milliseconds = str(max(1, int(seconds * 1000)))
    connection.execute(sa.select(sa.func.set_config("lock_timeout", milliseconds, True)))


@logger.inject_lambda_context(log_event=False)
def handler(_event: dict[str, object], context: LambdaContext) -> dict[str, str]:
    """Migrates the stack's database; whatever fails is raised, and fails the deployment."""
    engine = connect(Parameters.named_by(Settings.from_environment(), boto3.client("ssm", config=CLIENT)))
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
