from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import boto3
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.migrate import LOCK, LockedError, downgrade, handler, migrate, upgrade
from student_helper.database import Base
from student_helper.deadline import MARGIN_SECONDS, Deadline

if TYPE_CHECKING:
    from testing_support.aws import FakeParameterStore

HEAD = "0002"
INSERT = "insert into items (item_id, owner, filename, content_type, object_key) values (:id, '', '', '', 'key')"


def lambda_context(seconds: float) -> LambdaContext:
    """An invocation that always has so many seconds left for its work."""
    milliseconds = int((seconds + MARGIN_SECONDS) * 1000)
    context = SimpleNamespace(
        function_name="migrate",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:migrate",
        aws_request_id="invocation-1",
        get_remaining_time_in_millis=lambda: milliseconds,
    )
    return cast("LambdaContext", context)


def deadline(seconds: float = 60) -> Deadline:
    return Deadline(lambda_context(seconds))


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def extensions(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("select extname from pg_extension where extname = 'vector'")))


@pytest.fixture
def new_database(postgres: sa.URL) -> Iterator[sa.URL]:
    """A database without any schema."""
    name = f"test_{uuid4().hex}"
    administrator = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
        yield postgres.set(database=name)
        connection.execute(sa.text(f"drop database {name} with (force)"))
    administrator.dispose()


@pytest.fixture
def empty(new_database: sa.URL) -> Iterator[sa.Engine]:
    engine = sa.create_engine(new_database)
    yield engine
    engine.dispose()


@pytest.fixture
def before(empty: sa.Engine) -> sa.Engine:
    """A database with the tables of the first migration alone."""
    with empty.begin() as connection:
        upgrade(connection, "0001")
    return empty


def has_correlation_id(engine: sa.Engine) -> bool:
    return "correlation_id" in {column["name"] for column in sa.inspect(engine).get_columns("items")}


def wait_until(engine: sa.Engine, question: str) -> None:
    """Waits until the database answers with yes."""
    patience_ends = time.monotonic() + 20
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(sa.text(question)):
            assert time.monotonic() < patience_ends, question
            time.sleep(0.01)


def test_the_schema_goes_up_and_down_and_up_again(empty: sa.Engine) -> None:
    assert migrate(empty, deadline()) == HEAD
    assert (tables(empty), extensions(empty)) == ({"alembic_version", "items", "passages"}, ["vector"])

    with empty.begin() as connection:
        downgrade(connection, "base")
    assert (tables(empty), extensions(empty)) == ({"alembic_version"}, [])

    assert migrate(empty, deadline()) == HEAD
    assert tables(empty) == {"alembic_version", "items", "passages"}


def test_a_second_migration_finds_nothing_to_do(empty: sa.Engine) -> None:
    migrate(empty, deadline())
    with empty.begin() as connection:
        connection.execute(
            sa.text(
                "insert into items (item_id, owner, filename, content_type, object_key) values (:id, '', '', '', '')"
            ),
            {"id": uuid4()},
        )

    assert migrate(empty, deadline()) == HEAD
    with empty.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from items")) == 1


def test_rows_from_before_keep_all_but_a_correlation_id(empty: sa.Engine) -> None:
    with empty.begin() as connection:
        upgrade(connection, "0001")
        connection.execute(sa.text(INSERT), {"id": uuid4()})

    migrate(empty, deadline())

    with empty.connect() as connection:
        rows = connection.execute(sa.text("select object_key, correlation_id from items")).all()
    assert [tuple(row) for row in rows] == [("key", None)]


def test_two_migrations_at_once_are_done_one_after_the_other(new_database: sa.URL) -> None:
    engines = [sa.create_engine(new_database) for _ in range(2)]
    start = threading.Barrier(2)

    def run(engine: sa.Engine) -> str:
        start.wait(10)
        return migrate(engine, deadline())

    with ThreadPoolExecutor(2) as pool:
        revisions = list(pool.map(run, engines))

    assert revisions == [HEAD, HEAD]
    for engine in engines:
        engine.dispose()


def test_a_migration_does_not_wait_for_another_beyond_its_own_end(empty: sa.Engine) -> None:
    with empty.begin() as other:
        other.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))

        with pytest.raises(LockedError, match="pg_stat_activity"):
            migrate(empty, deadline(0.2))
    assert tables(empty) == set()


def test_a_migration_does_not_wait_for_a_table_beyond_its_own_end(before: sa.Engine) -> None:
    with before.begin() as long:
        long.execute(sa.text("select from items"))

        with pytest.raises(LockedError, match=r"long transaction.*nothing was changed"):
            migrate(before, deadline(0.2))
    assert not has_correlation_id(before)


def test_who_reads_a_table_waits_but_shortly_behind_a_migration(
    before: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.migrate.TABLE_LOCK_SECONDS", 0.5)
    monkeypatch.setattr("api.migrate.RETRY_SECONDS", 0.5)
    waits: list[float] = []

    with ThreadPoolExecutor(1) as pool:
        with before.begin() as long:
            long.execute(sa.text("select from items"))
            migration = pool.submit(migrate, before, deadline())
            for _ in range(2):
                wait_until(
                    before, "select count(*) > 0 from pg_locks where relation = 'items'::regclass and not granted"
                )
                started = time.monotonic()
                with before.begin() as reader:
                    reader.execute(sa.text("set local statement_timeout = '5s'"))
                    reader.execute(sa.text("select from items"))
                waits.append(time.monotonic() - started)
            still_migrating = not migration.done()
        revision = migration.result(30)

    assert max(waits) < 2
    assert (still_migrating, revision) == (True, HEAD)
    assert has_correlation_id(before)


def test_a_migration_that_fails_changes_nothing(empty: sa.Engine) -> None:
    with empty.begin() as connection:
        connection.execute(sa.text("create table passages (theirs text)"))

    with pytest.raises(sa.exc.ProgrammingError, match='"passages" already exists'):
        migrate(empty, deadline())
    assert (tables(empty), extensions(empty)) == ({"passages"}, [])


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> Callable[[sa.Engine, int], list[float]]:
    """Makes an engine's first connections fail; gives the waits between them."""
    waits: list[float] = []
    monkeypatch.setattr("api.migrate.time.sleep", waits.append)

    def refuse(engine: sa.Engine, times: int) -> list[float]:
        attempts = iter(range(times))

        @sa.event.listens_for(engine, "do_connect")
        def _(*_: Any) -> None:
            if next(attempts, None) is not None:
                raise psycopg.OperationalError("the database system is starting up")

        return waits

    return refuse


def test_a_database_that_is_starting_is_waited_for(
    empty: sa.Engine, refusals: Callable[[sa.Engine, int], list[float]]
) -> None:
    waits = refusals(empty, 3)

    assert migrate(empty, deadline()) == HEAD
    assert waits == [2, 2, 2]


def test_a_database_that_does_not_start_is_not_waited_for_beyond_the_end(
    empty: sa.Engine, refusals: Callable[[sa.Engine, int], list[float]]
) -> None:
    waits = refusals(empty, 3)

    with pytest.raises(sa.exc.OperationalError, match="starting up"):
        migrate(empty, deadline(1))
    assert waits == []


def test_the_function_migrates_the_stacks_database(
    new_database: sa.URL, store: FakeParameterStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A socket's folder stands for a host.
    store.values |= {
        "database/host": str(new_database.query["host"]),
        "database/name": str(new_database.database),
        "database/username": str(new_database.username),
    }
    monkeypatch.setattr(boto3, "client", lambda *_, **__: store)

    assert handler({}, lambda_context(60)) == {"revision": HEAD}


def test_functions_see_the_tables_as_the_migrations_make_them(database: sa.Engine) -> None:
    def known(_object: object, name: str | None, type_: str, reflected: bool, _same: object) -> bool:
        # Of the database's own there are indexes, and the column that is used in SQL alone.
        return not (reflected and (type_ == "index" or name == "embedding"))

    options = {"include_object": known, "compare_type": True, "compare_server_default": True}
    with database.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Did not recognize type 'vector'", sa.exc.SAWarning)
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)

    assert differences == []


def test_one_key_belongs_to_one_item(database: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="items_object_key"), database.begin() as connection:
        connection.execute(sa.text(INSERT), [{"id": uuid4()}, {"id": uuid4()}])
