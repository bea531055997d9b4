"""The function under test: its real handler, called with a queue's events, and the vendor's own client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from embedder_answers import answer

from testing_support.aws import (
    ENVIRONMENT,
    PARAMETER_PREFIX,
    FakeBus,
    FakeParameterStore,
    FakeQueue,
    FakeTable,
    Function,
)
from testing_support.rows import execute, read_item
from testing_support.vendor import Vendor


@dataclass
class Embedder(Function):
    """The embedder, with what it works on."""

    database: sa.Engine
    voyage: Vendor

    def batches(self) -> list[list[str]]:
        """The texts of each request."""
        return [request.body["input"] for request in self.voyage.requests]

    def vectors(self, item_id: UUID) -> list[list[float] | None]:
        """The vectors of an item's passages."""
        statement = "select embedding::real[] from passages where item_id = :item_id order by number"
        return [row[0] for row in execute(self.database, statement, item_id=item_id)]

    def status(self, item_id: UUID) -> tuple[str, str | None]:
        """The item's status, and its reason."""
        item = read_item(self.database, item_id)
        assert item is not None
        return item.status, item.reason


@pytest.fixture
def embedder(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedder]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    vendor = Vendor(answer)
    with vendor.running():
        monkeypatch.setenv("VOYAGE_BASE_URL", f"{vendor.url}/v1")
        # Importing the handler reads the environment.
        from embedder.handler import create_handler
        from embedder.settings import EmbedderSettings
        from student_helper.parameters import Parameters

        store: Any = FakeParameterStore(
            {"voyage/api_key": "pa-first", "voyage/model": "voyage-test", "checkpoints/table": "table"}
        )
        clients: Any = (table := FakeTable(), queue := FakeQueue())
        handler = create_handler(
            EmbedderSettings.from_environment(),
            Parameters(PARAMETER_PREFIX, [*store.values], store),
            database,
            *clients,
        )
        yield Embedder(handler, store, table, queue, FakeBus(), database, vendor)
