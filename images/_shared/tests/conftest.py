from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from student_helper.checkpoints import Checkpoints
from student_helper.consumer import Consumer, ConsumerSettings, E
from student_helper.events import ItemAnalyzed, ObjectUploaded
from student_helper.items import Items
from testing_support.aws import ENVIRONMENT, FakeBus, FakeParameterStore, FakeQueue, FakeTable, Function
from testing_support.rows import add_item
from testing_support.work import PRIVATE, Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from student_helper.deadline import Deadline


@pytest.fixture
def items(database: sa.Engine) -> Items:
    return Items(database)


@pytest.fixture
def work(items: Items) -> Work:
    return Work(items)


@pytest.fixture
def function(items: Items, work: Work) -> Function:
    """A function that does the work, and the AWS that it sees."""
    return function_of("embedder", ItemAnalyzed.parse, work, items)


@pytest.fixture
def first_function(items: Items) -> Function:
    """A function that begins the work on an upload, and the AWS that it sees."""
    return function_of("image-processor", ObjectUploaded.parse, lambda uploaded, _: items.begin(uploaded), items)


def function_of(
    step: str, parse: Callable[[dict[str, Any]], E], work: Callable[[E, Deadline], object], items: Items
) -> Function:
    table, queue = FakeTable(), FakeQueue()
    consumer = Consumer(
        step,
        parse,
        work,  # type: ignore[arg-type]
        settings=ConsumerSettings.from_environment(ENVIRONMENT),
        items=items,
        checkpoints=Checkpoints(table, lambda: "checkpoints"),  # type: ignore[arg-type]
        sqs=queue,  # type: ignore[arg-type]
    )
    return Function(consumer, FakeParameterStore({}), table, queue, FakeBus())


@pytest.fixture
def stop_database(items: Items, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the database be down from now on."""
    nowhere = sa.create_engine("postgresql+psycopg://", connect_args={"host": "/nowhere"})
    return lambda: monkeypatch.setattr(items, "_engine", nowhere)


@pytest.fixture
def item_id(database: sa.Engine) -> UUID:
    return add_item(database, PRIVATE, title=PRIVATE)
