from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from student_helper.checkpoints import Checkpoints
from student_helper.consumer import Consumer, ConsumerSettings
from student_helper.events import ItemAnalyzed
from student_helper.items import Items
from testing_support.aws import ENVIRONMENT, FakeBus, FakeParameterStore, FakeQueue, FakeTable, Function
from testing_support.rows import add_item
from testing_support.work import PRIVATE, Work

if TYPE_CHECKING:
    from uuid import UUID

    import sqlalchemy as sa


@pytest.fixture
def items(database: sa.Engine) -> Items:
    return Items(database)


@pytest.fixture
def work(items: Items) -> Work:
    return Work(items)


@pytest.fixture
def function(items: Items, work: Work) -> Function:
    """A function that does the work, and the AWS that it sees."""
    table, queue = FakeTable(), FakeQueue()
    consumer = Consumer(
        "embedder",
        ItemAnalyzed.parse,
        work,
        settings=ConsumerSettings.from_environment(ENVIRONMENT),
        items=items,
        checkpoints=Checkpoints(table, lambda: "checkpoints"),  # type: ignore[arg-type]
        sqs=queue,  # type: ignore[arg-type]
    )
    return Function(consumer, FakeParameterStore({}), table, queue, FakeBus())


@pytest.fixture
def item_id(database: sa.Engine) -> UUID:
    return add_item(database, PRIVATE, title=PRIVATE)
