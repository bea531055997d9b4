from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from document_processor.processor import DocumentProcessor as Step
from student_helper.database import Item, Status
from testing_support.document_files import pdf
from testing_support.rows import execute

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import DocumentProcessor

    from testing_support.metrics import Metric


def test_a_repeated_event_does_nothing(processor: DocumentProcessor) -> None:
    item_id = processor.upload(b"Water moves.")

    assert [processor.see(item_id) for _ in range(2)] == [True, True]

    assert len(processor.bus.published) == 1
    assert processor.passages(item_id) == [(1, None, "Water moves.")]


def test_an_event_that_was_not_published_is_published_by_the_next_attempt(processor: DocumentProcessor) -> None:
    item_id = processor.upload(b"Water moves.")
    processor.bus.failures = 1

    assert [processor.see(item_id, attempt=attempt) for attempt in (1, 2)] == [False, True]

    assert len(processor.bus.published) == 1
    assert processor.passages(item_id) == [(1, None, "Water moves.")]


def test_a_function_that_ends_after_its_event_spoils_nothing_that_others_made_of_it(
    processor: DocumentProcessor,
) -> None:
    item_id = processor.upload(b"Water moves.")
    processor.see(item_id)
    # The functions after it are done, and its own checkpoint was never set.
    vector = str([1.0] + [0.0] * 1023)
    execute(processor.database, "insert into passages (item_id, number, text) values (:id, 0, 'Osmosis')", id=item_id)
    execute(processor.database, "update passages set embedding = cast(:vector as vector)", vector=vector)
    execute(processor.database, "update items set status = 'ready', title = 'Osmosis'")
    processor.table.rows.clear()

    assert processor.see(item_id, seconds=3)

    embedded = execute(processor.database, "select number from passages where embedding is not null order by number")
    item = processor.item(item_id)
    assert ([number for (number,) in embedded], item.status, item.title) == ([0, 1], Status.READY, "Osmosis")
    assert len(processor.bus.published) == 2


def test_a_later_version_takes_the_place_of_an_earlier_one(processor: DocumentProcessor) -> None:
    item_id = processor.upload(pdf("Old."))
    processor.see(item_id)
    processor.upload_again(item_id, b"New.", "v2")

    assert processor.see(item_id, "v2", sequencer="1B")
    processor.table.rows.clear()
    assert processor.see(item_id)  # the first version's event, late

    item = processor.item(item_id)
    assert (item.object_version, item.pages, processor.passages(item_id)) == ("v2", None, [(1, None, "New.")])
    assert [detail["object_version"] for _, detail in processor.bus.published] == ["v1", "v2"]


def test_an_item_that_was_deleted_before_its_event_is_no_failure(processor: DocumentProcessor) -> None:
    item_id = processor.upload(b"Water moves.")
    execute(processor.database, "delete from items")

    assert processor.see(item_id)

    assert processor.bus.published == []


def test_a_file_that_was_deleted_before_its_event_is_no_failure(processor: DocumentProcessor) -> None:
    item_id = processor.upload(b"Water moves.")
    processor.bucket.contents.clear()

    assert processor.see(item_id)

    assert processor.bus.published == []


def test_an_item_that_is_deleted_while_it_is_read_leaves_nothing_behind(
    processor: DocumentProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_id = processor.upload(b"Water moves.")
    keep = Step._keep

    def delete_first(step: Step, *what: Any) -> None:
        execute(processor.database, "delete from items")
        keep(step, *what)

    monkeypatch.setattr(Step, "_keep", delete_first)

    assert processor.see(item_id)

    assert processor.passages(item_id) == []
    assert processor.bus.published == []


def test_a_good_document_is_not_rejected_for_slow_storage(
    processor: DocumentProcessor, metrics: Callable[[], list[Metric]]
) -> None:
    item_id = processor.upload(b"Water moves.")

    assert not processor.see(item_id, seconds=16)

    assert processor.item(item_id).status is Status.PROCESSING
    assert metrics() == []


def test_a_mistake_of_ours_is_no_fault_of_the_file(
    processor: DocumentProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: bytes) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("document_processor.processor.read_document", broken)
    item_id = processor.upload(b"Water moves.")

    assert not processor.see(item_id, attempt=4)

    assert processor.item(item_id).status is Status.FAILED


def test_an_event_of_something_else_is_left_to_the_dead_letter_queue(processor: DocumentProcessor) -> None:
    item_id = processor.upload(b"Water moves.")

    assert not processor.receive("DocumentProcessed", item_id)

    with processor.database.connect() as connection:
        assert connection.scalar(sa.select(Item.status)) is Status.PENDING


def test_the_module_that_lambda_loads_makes_its_handler_from_the_environment(processor: DocumentProcessor) -> None:
    from document_processor.handler import handler

    assert type(handler) is type(processor.handler)
