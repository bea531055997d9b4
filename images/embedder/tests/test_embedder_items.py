from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from embedder_answers import answer, vector

from testing_support.metrics import Metric
from testing_support.rows import add_item, cut_off_once, execute
from testing_support.vendor import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Embedder


def test_every_passage_gets_its_vector_and_the_item_is_ready(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "one", "three", reason="an earlier attempt failed")
    execute(embedder.database, "insert into passages values (:item_id, 0, null, 'a title')", item_id=item_id)

    done = embedder.receive("ItemAnalyzed", item_id)

    [request] = embedder.voyage.requests
    assert done
    assert embedder.vectors(item_id) == [vector("a title"), vector("one"), vector("three")]
    assert embedder.status(item_id) == ("ready", None)
    assert (request.path, request.headers["authorization"]) == ("/v1/embeddings", "Bearer pa-first")
    assert request.body["input"] == ["a title", "one", "three"]
    assert (request.body["model"], request.body["input_type"]) == ("voyage-test", "document")
    assert request.body["output_dimension"] == 1024


def test_an_item_that_is_ready_is_counted_once_with_the_time_that_it_took(
    embedder: Embedder, metrics: Callable[[], list[Metric]]
) -> None:
    created_at = datetime.now(UTC) - timedelta(seconds=30)
    item_id = add_item(embedder.database, "text", created_at=created_at)

    embedder.receive("ItemAnalyzed", item_id)
    embedder.table.rows.clear()
    embedder.receive("ItemAnalyzed", item_id, attempt=2)

    ready, time = metrics()
    pipeline = {"service": "pipeline"}
    assert ready == Metric("student-helper-test", pipeline, "ItemsReady", "Count", 1)
    assert time._replace(value=0) == Metric("student-helper-test", pipeline, "TimeToSearchable", "Seconds", 0)
    assert 30 <= time.value < 60


def test_an_item_without_passages_is_ready(embedder: Embedder) -> None:
    item_id = add_item(embedder.database)

    assert embedder.receive("ItemAnalyzed", item_id)
    assert embedder.status(item_id) == ("ready", None)
    assert embedder.voyage.requests == []


def test_a_batch_has_a_limited_number_of_texts(embedder: Embedder) -> None:
    texts = [f"text {number}" for number in range(300)]
    item_id = add_item(embedder.database, *texts)

    embedder.receive("ItemAnalyzed", item_id)

    assert [len(batch) for batch in embedder.batches()] == [128, 128, 44]
    assert [text for batch in embedder.batches() for text in batch] == texts
    assert embedder.vectors(item_id) == [vector(text) for text in texts]
    assert embedder.status(item_id) == ("ready", None)


def test_a_batch_has_a_limited_number_of_characters(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, *["x" * 40_000] * 3, "y" * 100_001, "z")

    embedder.receive("ItemAnalyzed", item_id)

    assert [[len(text) for text in batch] for batch in embedder.batches()] == [[40_000] * 2, [40_000], [100_001], [1]]
    assert embedder.status(item_id) == ("ready", None)


def test_an_event_that_comes_twice_is_paid_for_once(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "text")

    done = [embedder.receive("ItemAnalyzed", item_id) for _ in range(2)]

    assert done == [True, True]
    assert len(embedder.voyage.requests) == 1


def test_what_was_stored_before_a_crash_is_not_paid_for_again(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "text")
    embedder.receive("ItemAnalyzed", item_id)
    embedder.table.rows.clear()

    done = embedder.receive("ItemAnalyzed", item_id, attempt=2)

    assert done
    assert len(embedder.voyage.requests) == 1
    assert embedder.status(item_id) == ("ready", None)


def test_vectors_that_the_database_did_not_take_are_not_paid_for_again(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "one")

    with cut_off_once(embedder.database, "UPDATE passages"):
        done = embedder.receive("ItemAnalyzed", item_id)

    assert done
    assert len(embedder.voyage.requests) == 1
    assert embedder.vectors(item_id) == [vector("one")]


def test_an_interrupted_attempt_leaves_less_for_the_next(embedder: Embedder) -> None:
    texts = [f"text {number}" for number in range(130)]
    item_id = add_item(embedder.database, *texts)

    def fail_after_one(request: Any) -> Any:
        embedder.voyage.answers = [Answer({"detail": "no"}, 429, {"Retry-After": "600"})]
        return answer(request)

    embedder.voyage.default = fail_after_one
    first = embedder.receive("ItemAnalyzed", item_id)
    stored = embedder.vectors(item_id)
    status = embedder.status(item_id)
    embedder.voyage.default = answer
    second = embedder.receive("ItemAnalyzed", item_id, attempt=2)

    assert (first, second) == (False, True)
    assert stored == [*[vector(text) for text in texts[:128]], None, None]
    assert status == ("processing", None)
    assert [len(batch) for batch in embedder.batches()] == [128, 2, 2]
    assert embedder.vectors(item_id) == [vector(text) for text in texts]
    assert embedder.status(item_id) == ("ready", None)


def test_no_batch_is_begun_for_which_the_time_is_short(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "text")

    done = embedder.receive("ItemAnalyzed", item_id, seconds=7.9)

    assert not done
    assert embedder.voyage.requests == []
    assert embedder.status(item_id) == ("processing", None)


def test_an_event_of_another_version_changes_nothing(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "text")

    done = embedder.receive("ItemAnalyzed", item_id, "v0")

    assert done
    assert (embedder.vectors(item_id), embedder.voyage.requests) == ([None], [])
    assert embedder.status(item_id) == ("processing", None)


@pytest.mark.parametrize(
    "statement",
    ["delete from items where item_id = :item_id", "update items set object_version = 'v2' where item_id = :item_id"],
)
def test_an_item_that_goes_while_the_model_works_leaves_nothing(embedder: Embedder, statement: str) -> None:
    item_id = add_item(embedder.database, *[f"text {number}" for number in range(130)])

    def answer_late(request: Any) -> Any:
        execute(embedder.database, statement, item_id=item_id)
        return answer(request)

    embedder.voyage.default = answer_late

    done = embedder.receive("ItemAnalyzed", item_id)

    assert done
    assert not any(embedder.vectors(item_id))
    assert len(embedder.voyage.requests) == 1


def test_an_item_that_somebody_gave_up_meanwhile_is_ready_all_the_same(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "text")

    def answer_late(request: Any) -> Any:
        statement = "update items set status = 'failed', reason = 'gone wrong' where item_id = :item_id"
        execute(embedder.database, statement, item_id=item_id)
        return answer(request)

    embedder.voyage.default = answer_late

    embedder.receive("ItemAnalyzed", item_id)

    assert embedder.status(item_id) == ("ready", None)


def test_other_items_keep_their_state(embedder: Embedder) -> None:
    other = add_item(embedder.database, "text")

    embedder.receive("ItemAnalyzed", add_item(embedder.database, "text"))

    assert (embedder.vectors(other), embedder.status(other)) == ([None], ("processing", None))


def test_an_event_that_is_not_for_this_function_stays_in_the_queue(embedder: Embedder) -> None:
    assert not embedder.receive("ImageProcessed", add_item(embedder.database, "text"))
    assert embedder.voyage.requests == []
