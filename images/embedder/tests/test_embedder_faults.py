from __future__ import annotations

import io
import math
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from embedder_answers import DIMENSIONS, answer, vector, vectors

from testing_support.aws import event
from testing_support.rows import add_item
from testing_support.vendor import Answer

if TYPE_CHECKING:
    from uuid import UUID

    from conftest import Embedder

ERROR = {"detail": "Not embedded: the diary of Ada"}


@pytest.fixture(autouse=True)
def no_waits_but_those_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("student_helper.vendors.random.uniform", lambda *_: 0.0)


def state(embedder: Embedder, item_id: UUID) -> tuple[str, int]:
    """The item's status, and how many requests there were."""
    return embedder.status(item_id)[0], len(embedder.voyage.requests)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
@pytest.mark.parametrize("body", [ERROR, {"error": "in another form"}, b"not JSON"])
def test_a_busy_vendor_is_asked_again(embedder: Embedder, status: int, body: Any) -> None:
    item_id = add_item(embedder.database, "text")
    embedder.voyage.answers = [Answer(body, status)]

    done = embedder.receive("ItemAnalyzed", item_id)

    assert done
    assert state(embedder, item_id) == ("ready", 2)


def test_a_wait_that_fits_is_waited_in_full(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "text")
    embedder.voyage.answers = [Answer(ERROR, 429, {"Retry-After": "1"})]

    done = embedder.receive("ItemAnalyzed", item_id)

    first, second = embedder.voyage.requests
    assert done
    assert second.at - first.at >= 1


@pytest.mark.parametrize("status", [429, 500, 503, 529])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_wait_that_does_not_fit_goes_back_to_the_queue(embedder: Embedder, status: int, form: str) -> None:
    item_id = add_item(embedder.database, "text")
    value = "300" if form == "seconds" else formatdate(time.time() + 301, usegmt=True)
    embedder.voyage.answers = [Answer({"error": "in another form"}, status, {"Retry-After": value})]

    done = embedder.receive("ItemAnalyzed", item_id)

    assert not done
    assert state(embedder, item_id) == ("processing", 1)
    assert 300 <= embedder.queue.visibility[0] <= 301
    assert embedder.table.rows == {}


def test_a_vendor_that_stays_down_fails_the_item_after_the_last_attempt(embedder: Embedder) -> None:
    item_id = add_item(embedder.database, "text")
    embedder.voyage.answers = [Answer(ERROR, 500)] * 6

    first = embedder.receive("ItemAnalyzed", item_id, attempt=1)
    after_first = state(embedder, item_id)
    last = embedder.receive("ItemAnalyzed", item_id, attempt=4)
    after_last = state(embedder, item_id)
    redriven = embedder.receive("ItemAnalyzed", item_id)

    assert (first, last, redriven) == (False, False, True)
    assert after_first == ("processing", 3)
    assert after_last == ("failed", 6)
    assert embedder.queue.visibility == [10, 0]
    assert embedder.status(item_id) == ("ready", None)


def test_a_vendor_that_says_nothing_is_asked_again_and_then_left_to_the_queue(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedder.model.REQUEST_SECONDS", 0.2)
    item_id = add_item(embedder.database, "text")
    embedder.voyage.answers = [Answer(ERROR, seconds=1)] * 3

    done = embedder.receive("ItemAnalyzed", item_id)

    assert not done
    assert state(embedder, item_id) == ("processing", 3)
    assert embedder.queue.visibility == [10]


@pytest.mark.parametrize(
    "unusable",
    [
        pytest.param(Answer(answer({"input": ["text"]}), announced=100), id="truncated"),
        pytest.param(Answer(b'{"object": "list", "da'), id="half of a JSON"),
        pytest.param(Answer(b"hello", headers={"Content-Type": "text/plain"}), id="not JSON"),
        pytest.param(Answer(status=204), id="nothing"),
        pytest.param(Answer(["unexpected"]), id="not an answer"),
        pytest.param(Answer({"data": None}), id="no data"),
        pytest.param(Answer({"data": [{"index": 0}]}), id="no vector"),
        pytest.param(Answer({"data": [{"embedding": "%%%"}]}), id="not base64"),
        pytest.param(Answer(vectors()), id="a vector too few"),
        pytest.param(Answer(vectors(vector("a"), vector("b"))), id="a vector too many"),
        pytest.param(Answer(vectors([0.5] * (DIMENSIONS - 1))), id="too short"),
        pytest.param(Answer(vectors([math.nan, *[0.5] * (DIMENSIONS - 1)])), id="not a number"),
        pytest.param(Answer(vectors([math.inf, *[0.5] * (DIMENSIONS - 1)])), id="infinite"),
        pytest.param(
            Answer({"data": [{"embedding": ["x"] * DIMENSIONS}], "usage": {"total_tokens": 1}}), id="not numbers"
        ),
    ],
)
def test_an_answer_that_cannot_be_used_is_asked_for_again(embedder: Embedder, unusable: Answer) -> None:
    item_id = add_item(embedder.database, "text")
    embedder.voyage.answers = [unusable]

    done = embedder.receive("ItemAnalyzed", item_id)

    assert done
    assert state(embedder, item_id) == ("ready", 2)
    assert embedder.vectors(item_id) == [vector("text")]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_request_that_the_vendor_refuses_fails_at_once(embedder: Embedder, status: int) -> None:
    item_id = add_item(embedder.database, "text")
    embedder.voyage.answers = [Answer(ERROR, status)] * 2

    done = embedder.receive("ItemAnalyzed", item_id)

    assert done
    assert state(embedder, item_id) == ("failed", 1)
    assert embedder.queue.dead_letters == [event("ItemAnalyzed", item_id)]
    assert embedder.table.rows == {}  # A redrive does the step again.


def test_a_rotated_key_is_used_at_once(embedder: Embedder) -> None:
    first, second = add_item(embedder.database, "text"), add_item(embedder.database, "text")
    embedder.receive("ItemAnalyzed", first)
    embedder.parameters.values["voyage/api_key"] = "pa-second"
    embedder.voyage.answers = [Answer(ERROR, 401)]

    done = embedder.receive("ItemAnalyzed", second)

    keys = [request.headers["authorization"].removeprefix("Bearer ") for request in embedder.voyage.requests]
    assert done
    assert keys == ["pa-first", "pa-first", "pa-second"]
    assert state(embedder, second) == ("ready", 3)


@pytest.mark.parametrize(
    "unusable",
    [
        Answer(ERROR, 400),
        Answer(ERROR, 500),
        Answer(b"Not embedded: the diary of Ada", headers={"Content-Type": "text/plain"}),
        Answer(b"Not embedded: the diary of Ada"),
    ],
)
def test_logs_hold_neither_content_nor_keys(embedder: Embedder, logs: io.StringIO, unusable: Answer) -> None:
    item_id = add_item(embedder.database, "Dear diary, I am Ada")
    embedder.voyage.answers = [unusable] * 3

    embedder.receive("ItemAnalyzed", item_id)

    lines = logs.getvalue()
    assert '"vendor":"voyage"' in lines
    assert not [word for word in ("diary", "Ada", "pa-first") if word in lines]
