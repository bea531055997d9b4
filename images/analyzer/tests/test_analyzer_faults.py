from __future__ import annotations

import io
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from analyzer_answers import message, says

from testing_support.aws import event
from testing_support.rows import add_item, read_item
from testing_support.vendor import Answer

if TYPE_CHECKING:
    from uuid import UUID

    from conftest import Analyzer

ERROR = {"type": "error", "error": {"type": "some_error", "message": "The photo shows the diary of Ada"}}


@pytest.fixture(autouse=True)
def no_waits_but_those_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("student_helper.vendors.random.uniform", lambda *_: 0.0)


def state(analyzer: Analyzer, item_id: UUID) -> tuple[str, str | None, int]:
    """The item's status and title, and how many requests there were."""
    item = read_item(analyzer.database, item_id)
    assert item is not None
    return item.status, item.title, len(analyzer.anthropic.requests)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
def test_a_busy_vendor_is_asked_again(analyzer: Analyzer, status: int) -> None:
    item_id = analyzer.add_picture()
    analyzer.anthropic.answers = [Answer(ERROR, status)]

    done = analyzer.receive("ImageProcessed", item_id)

    assert done
    assert state(analyzer, item_id) == ("processing", "Photosynthesis", 2)


def test_a_wait_that_fits_is_waited_in_full(analyzer: Analyzer) -> None:
    item_id = analyzer.add_picture()
    analyzer.anthropic.answers = [Answer(ERROR, 429, {"Retry-After": "1"})]

    done = analyzer.receive("ImageProcessed", item_id)

    first, second = analyzer.anthropic.requests
    assert done
    assert second.at - first.at >= 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_wait_that_does_not_fit_goes_back_to_the_queue(analyzer: Analyzer, form: str) -> None:
    item_id = analyzer.add_picture()
    value = "300" if form == "seconds" else formatdate(time.time() + 301, usegmt=True)
    analyzer.anthropic.answers = [Answer(ERROR, 429, {"Retry-After": value})]

    done = analyzer.receive("ImageProcessed", item_id)

    assert not done
    assert state(analyzer, item_id) == ("processing", None, 1)
    assert 300 <= analyzer.queue.visibility[0] <= 301
    assert analyzer.table.rows == {}


def test_a_vendor_that_stays_down_fails_the_item_after_the_last_attempt(analyzer: Analyzer) -> None:
    item_id = analyzer.add_picture()
    analyzer.anthropic.answers = [Answer(ERROR, 529)] * 6

    first = analyzer.receive("ImageProcessed", item_id, attempt=1)
    after_first = state(analyzer, item_id)
    last = analyzer.receive("ImageProcessed", item_id, attempt=4)
    after_last = state(analyzer, item_id)
    redriven = analyzer.receive("ImageProcessed", item_id)

    assert (first, last, redriven) == (False, False, True)
    assert after_first == ("processing", None, 3)
    assert after_last == ("failed", None, 6)
    assert analyzer.queue.visibility == [10, 0]
    assert state(analyzer, item_id) == ("processing", "Photosynthesis", 7)


def test_a_vendor_that_says_nothing_is_asked_again_and_then_left_to_the_queue(
    analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.model.REQUEST_SECONDS", 0.2)
    item_id = analyzer.add_picture()
    analyzer.anthropic.answers = [Answer(message(), seconds=1)] * 3

    done = analyzer.receive("ImageProcessed", item_id)

    assert not done
    assert state(analyzer, item_id) == ("processing", None, 3)
    assert analyzer.queue.visibility == [10]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(message(title="Half"), announced=100), id="truncated"),
        pytest.param(Answer(b'{"id": "msg_1", "conte'), id="half of a JSON"),
        pytest.param(Answer(b"<html>hello</html>", headers={"Content-Type": "text/html"}), id="not JSON"),
        pytest.param(Answer(["unexpected"]), id="not a message"),
        pytest.param(Answer({"stop_reason": "tool_use", "content": None}), id="no content"),
        pytest.param(Answer(message()), id="no tool"),
        pytest.param(Answer(message("end_turn")), id="nothing said"),
        pytest.param(Answer(message(title="Alone")), id="fields missing"),
        pytest.param(says(title=" \x00\n"), id="empty title"),
        pytest.param(says(tags=[]), id="no tags"),
        pytest.param(says(tags="biology"), id="wrong type"),
    ],
)
def test_an_answer_that_cannot_be_used_is_asked_for_again(analyzer: Analyzer, answer: Answer) -> None:
    item_id = analyzer.add_picture()
    analyzer.anthropic.answers = [answer]

    done = analyzer.receive("ImageProcessed", item_id)

    assert done
    assert state(analyzer, item_id) == ("processing", "Photosynthesis", 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_a_request_that_the_vendor_refuses_fails_at_once(analyzer: Analyzer, status: int) -> None:
    item_id = analyzer.add_picture()
    analyzer.anthropic.answers = [Answer(ERROR, status)] * 2

    done = analyzer.receive("ImageProcessed", item_id)

    assert done
    assert state(analyzer, item_id) == ("failed", None, 1)
    assert analyzer.queue.dead_letters == [event("ImageProcessed", item_id)]
    assert analyzer.table.rows == {}  # A redrive does the step again.


def test_a_rotated_key_is_used_at_once(analyzer: Analyzer) -> None:
    first, second = analyzer.add_picture(), analyzer.add_picture()
    analyzer.receive("ImageProcessed", first)
    analyzer.parameters.values["anthropic/api_key"] = "sk-ant-second"
    analyzer.anthropic.answers = [Answer(ERROR, 401)]

    done = analyzer.receive("ImageProcessed", second)

    keys = [request.headers["authorization"].removeprefix("Bearer ") for request in analyzer.anthropic.requests]
    assert done
    assert keys == ["sk-ant-first", "sk-ant-first", "sk-ant-second"]
    assert state(analyzer, second)[1] == "Photosynthesis"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(ERROR, 400),
        Answer(ERROR, 500),
        Answer(b"The photo shows the diary of Ada", headers={"Content-Type": "text/plain"}),
        says(title="", description="The photo shows the diary of Ada"),
    ],
)
def test_logs_hold_neither_content_nor_keys(analyzer: Analyzer, logs: io.StringIO, answer: Answer) -> None:
    item_id = add_item(analyzer.database, "Dear diary, I am Ada", content_type="text/plain")
    analyzer.anthropic.answers = [answer] * 3

    analyzer.receive("DocumentProcessed", item_id)

    lines = logs.getvalue()
    assert '"vendor":"anthropic"' in lines
    assert not [word for word in ("diary", "Ada", "sk-ant", "Photosynthesis") if word in lines]
