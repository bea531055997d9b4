from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import Base, Item, connect, patiently
from student_helper.deadline import Deadline
from student_helper.errors import DependencyError
from student_helper.parameters import Parameters
from testing_support.aws import Context, FakeParameterStore

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Server:
    """Takes the place of psycopg's `connect`: the tests' server asks for no password, and speaks no TLS."""

    def __init__(self, url: sa.URL) -> None:
        self._connect = psycopg.connect
        self._socket = {"host": url.query["host"], "user": url.username, "dbname": url.database}
        self.password = "first"
        self.down = False
        self.full = False
        self.attempts: list[dict[str, Any]] = []

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        self.attempts.append(options)
        if self.down:
            raise psycopg.OperationalError("connection refused")
        if self.full:
            raise psycopg.OperationalError("FATAL:  sorry, too many clients already")
        if options["password"] != self.password:
            raise psycopg.OperationalError("password authentication failed")
        return self._connect(**self._socket, context=options["context"])  # type: ignore[arg-type]

    def another(self) -> psycopg.Connection[Any]:
        """A connection of somebody else."""
        return self._connect(**self._socket)  # type: ignore[arg-type]


@pytest.fixture
def server(postgres: sa.URL) -> Server:
    return Server(postgres)


@pytest.fixture
def store() -> FakeParameterStore:
    return FakeParameterStore(
        {
            "database/host": "database.internal",
            "database/port": "5432",
            "database/name": "student_helper",
            "database/username": "student_helper",
            "database/password": "first",
        }
    )


@pytest.fixture
def engine(server: Server, store: FakeParameterStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    monkeypatch.setattr(psycopg, "connect", server.connect)
    engine = connect(Parameters("/student-helper/test", [*store.values], store))  # type: ignore[arg-type]
    yield engine
    engine.dispose()


class Clock:
    """Takes the place of `time`: who waits has waited at once."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._alarm: tuple[float, Callable[[], None]] | None = None

    def monotonic(self) -> float:
        return sum(self.waits)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self._alarm and self.monotonic() >= self._alarm[0]:
            self._alarm[1]()

    def at(self, seconds: float, ring: Callable[[], None]) -> None:
        self._alarm = (seconds, ring)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("student_helper.database.time", clock)
    return clock


def backend(engine: sa.Engine) -> int:
    """The number of the server's process for the engine's connection."""
    with engine.connect() as connection:
        return int(connection.execute(sa.text("select pg_backend_pid()")).scalar_one())


def terminate(database: sa.Engine, process: int) -> None:
    with database.connect() as connection:
        connection.execute(sa.text("select pg_terminate_backend(:process, 5000)"), {"process": process})


def test_the_address_comes_from_the_parameters_and_tls_is_required(engine: sa.Engine, server: Server) -> None:
    backend(engine)

    (options,) = server.attempts
    assert options | {"context": None} == {
        "host": "database.internal",
        "port": "5432",
        "dbname": "student_helper",
        "user": "student_helper",
        "password": "first",
        "sslmode": "require",
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,
        "application_name": "student-helper",
        "context": None,
    }


def test_nothing_is_read_before_the_first_use(server: Server, store: FakeParameterStore, engine: sa.Engine) -> None:
    store.values.clear()

    with pytest.raises(DependencyError):
        backend(engine)
    assert server.attempts == []


def test_one_connection_is_used_again(engine: sa.Engine, server: Server) -> None:
    assert backend(engine) == backend(engine)
    assert len(server.attempts) == 1


def test_a_connection_that_the_server_closed_is_made_again(
    engine: sa.Engine, server: Server, database: sa.Engine
) -> None:
    first = backend(engine)
    terminate(database, first)

    assert backend(engine) != first
    assert len(server.attempts) == 2


def test_a_rotated_password_is_used_at_once(
    engine: sa.Engine, server: Server, store: FakeParameterStore, database: sa.Engine
) -> None:
    first = backend(engine)
    store.values["database/password"] = server.password = "rotated"
    terminate(database, first)

    backend(engine)

    assert [attempt["password"] for attempt in server.attempts] == ["first", "first", "rotated"]


@pytest.mark.parametrize("down", [True, False])
def test_a_server_that_lets_nobody_in_is_asked_until_patience_ends(
    engine: sa.Engine, server: Server, clock: Clock, down: bool
) -> None:
    server.down = down
    server.password = "another"

    with pytest.raises(sa.exc.OperationalError):
        backend(engine)

    assert len(server.attempts) > 1
    assert 7.9 <= clock.monotonic() <= 8


def test_a_server_that_is_back_in_time_is_used(engine: sa.Engine, server: Server, clock: Clock) -> None:
    server.down = True
    clock.at(7, lambda: setattr(server, "down", False))

    backend(engine)

    assert 7 <= clock.monotonic() <= 8


def test_a_password_that_cannot_be_read_again_is_read_at_the_next_attempt(
    engine: sa.Engine, server: Server, store: FakeParameterStore, clock: Clock, database: sa.Engine
) -> None:
    terminate(database, backend(engine))
    del store.values["database/password"]
    server.password = "rotated"
    clock.at(3, lambda: store.values.update({"database/password": "rotated"}))

    backend(engine)

    assert 3 <= clock.monotonic() < 5


def test_a_server_that_is_back_is_used_though_parameters_cannot_be_read(
    engine: sa.Engine, server: Server, store: FakeParameterStore, clock: Clock, database: sa.Engine
) -> None:
    terminate(database, backend(engine))
    store.values.clear()
    server.down = True
    clock.at(3, lambda: setattr(server, "down", False))

    backend(engine)

    assert 3 <= clock.monotonic() < 5


def test_a_full_server_is_asked_again_and_the_parameter_store_is_not(
    engine: sa.Engine, server: Server, store: FakeParameterStore, clock: Clock
) -> None:
    server.full = True

    with pytest.raises(sa.exc.OperationalError):
        backend(engine)

    assert len(server.attempts) > 1
    assert 7.9 <= clock.monotonic() <= 8
    assert store.reads.count("database/password") == 1


def test_who_has_waited_longest_for_a_full_server_asks_most_often(
    engine: sa.Engine, server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda _least, most: most)
    server.full = True

    with pytest.raises(sa.exc.OperationalError):
        backend(engine)

    assert clock.waits[:3] == pytest.approx([1, 0.8, 0.64])
    assert clock.waits == sorted(clock.waits, reverse=True)
    assert clock.waits[-1] == 0.1


def test_a_connection_of_a_crowded_server_is_not_kept(engine: sa.Engine, server: Server) -> None:
    with contextlib.ExitStack() as others:
        for _ in range(51):  # of 100
            others.enter_context(server.another())
        crowded = [backend(engine), backend(engine)]
    alone = [backend(engine), backend(engine)]

    assert crowded[0] != crowded[1]
    assert alone[0] == alone[1]


def time_left(seconds: float) -> Deadline:
    return Deadline(cast("LambdaContext", Context(seconds)))


def test_a_transaction_that_is_cut_off_is_repeated(database: sa.Engine) -> None:
    attempts = []

    def add() -> None:
        with Session(database) as session, session.begin():
            attempts.append(session.scalar(sa.text("select pg_backend_pid()")))
            session.execute(sa.text("create temporary table kept ()"))
            if len(attempts) == 1:
                terminate(database, attempts[0])
            session.execute(sa.text("select * from kept"))

    patiently(add, time_left(10))

    assert len(attempts) == 2


def test_a_transaction_is_repeated_until_the_parameters_can_be_read(
    engine: sa.Engine, store: FakeParameterStore, clock: Clock
) -> None:
    values = dict(store.values)
    store.values.clear()
    clock.at(2, lambda: store.values.update(values))

    assert patiently(lambda: backend(engine), time_left(10)) > 0

    assert clock.monotonic() == 2


def test_parameters_are_not_read_again_without_time_left(
    engine: sa.Engine, store: FakeParameterStore, clock: Clock
) -> None:
    store.values.clear()

    with pytest.raises(DependencyError):
        patiently(lambda: backend(engine), time_left(0))

    assert clock.waits == []


def test_a_transaction_is_not_repeated_without_time_left(database: sa.Engine) -> None:
    attempts = []

    def fail() -> None:
        attempts.append(1)
        with Session(database) as session:
            terminate(database, session.scalar(sa.text("select pg_backend_pid()")))
            session.execute(sa.text("select 1"))

    with pytest.raises(sa.exc.OperationalError):
        patiently(fail, time_left(0))

    assert len(attempts) == 1


def test_a_statement_that_is_wrong_is_not_repeated(database: sa.Engine) -> None:
    attempts = []

    def fail() -> None:
        attempts.append(1)
        with Session(database) as session:
            session.execute(sa.text("select nothing"))

    with pytest.raises(sa.exc.ProgrammingError):
        patiently(fail, time_left(10))

    assert len(attempts) == 1


@pytest.mark.usefixtures("database")
def test_errors_show_nothing_that_a_student_wrote(engine: sa.Engine) -> None:
    item = Item(item_id=uuid4(), filename="private notes", content_type="image/jpeg", object_key="key")

    def add() -> None:
        with Session(engine) as session, session.begin():
            session.add(item)

    with pytest.raises(sa.exc.IntegrityError) as raised:
        add()

    text = "".join(traceback.format_exception(raised.value))
    assert 'null value in column "owner"' in text
    assert "private notes" not in text


@pytest.mark.filterwarnings("ignore:Did not recognize type .vector.")
def test_the_migrations_make_the_tables_as_they_are_described(database: sa.Engine) -> None:
    found = sa.inspect(database)

    for table in Base.metadata.sorted_tables:
        columns = {column["name"]: column for column in found.get_columns(table.name)}
        assert set(columns) - {"embedding"} == set(table.columns.keys())
        for column in table.columns:
            assert columns[column.name]["nullable"] == column.nullable, column
            types = [type_.compile(database.dialect) for type_ in (columns[column.name]["type"], column.type)]
            assert types[0] == types[1], column
