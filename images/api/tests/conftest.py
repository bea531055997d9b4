"""The function under test, and what it depends on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from api_client import ENVIRONMENT, PARAMETERS, Api, make_api, vector

from testing_support.aws import FakeParameterStore
from testing_support.vendor import Vendor


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "AWS_CA_BUNDLE", "VOYAGE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def voyage() -> Iterator[Vendor]:
    """Voyage's API, to which all queries mean the same."""
    embedding = {"object": "embedding", "embedding": vector(0), "index": 0}
    vendor = Vendor(lambda _: {"object": "list", "data": [embedding]}, keeps_connections=True)
    with vendor.running():
        yield vendor


@pytest.fixture
def store() -> FakeParameterStore:
    """All parameters that the function reads."""
    return FakeParameterStore({**PARAMETERS})


@pytest.fixture
def api(database: sa.Engine, store: FakeParameterStore, voyage: Vendor) -> Iterator[Api]:
    with make_api(database, store, voyage) as api:
        yield api


@pytest.fixture
def api_without_database(store: FakeParameterStore, voyage: Vendor) -> Iterator[Api]:
    """The function when nothing listens where its database should be."""
    engine = sa.create_engine("postgresql+psycopg://127.0.0.1:1/student_helper")
    with make_api(engine, store, voyage) as api:
        yield api
