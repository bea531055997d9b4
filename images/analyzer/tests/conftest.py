"""The function under test: its real handler, called with a queue's events, and the vendor's own client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from analyzer_answers import DESCRIPTION, PICTURE, message

from testing_support.aws import (
    ENVIRONMENT,
    PARAMETER_PREFIX,
    FakeBucket,
    FakeBus,
    FakeParameterStore,
    FakeQueue,
    FakeTable,
    Function,
)
from testing_support.rows import OWNER, add_item
from testing_support.vendor import Vendor


@dataclass
class Analyzer(Function):
    """The analyzer, with what it works on."""

    database: sa.Engine
    bucket: FakeBucket
    anthropic: Vendor

    def add_picture(self, **columns: Any) -> UUID:
        """An item of which the image-processor has made a rendition."""
        item_id = add_item(self.database, **columns)
        self.bucket.objects[f"results/{OWNER}/{item_id}/v1/rendition.jpg"] = PICTURE
        return item_id


@pytest.fixture
def analyzer(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Analyzer]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    vendor = Vendor(lambda _: message(**DESCRIPTION))
    with vendor.running():
        monkeypatch.setenv("ANTHROPIC_BASE_URL", vendor.url)
        # Importing the handler reads the environment.
        from analyzer.handler import create_handler
        from analyzer.settings import AnalyzerSettings
        from student_helper.parameters import Parameters

        store: Any = FakeParameterStore(
            {
                "anthropic/api_key": "sk-ant-first",
                "anthropic/model": "claude-test",
                "storage/bucket": "bucket",
                "events/bus_name": "bus",
                "checkpoints/table": "table",
            }
        )
        clients: Any = (bucket := FakeBucket(), bus := FakeBus(), table := FakeTable(), queue := FakeQueue())
        handler = create_handler(
            AnalyzerSettings.from_environment(),
            Parameters(PARAMETER_PREFIX, [*store.values], store),
            database,
            *clients,
        )
        yield Analyzer(handler, store, table, queue, bus, database, bucket, vendor)
