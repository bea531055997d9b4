"""What holds for whatever the model's vendor answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from analyzer_answers import DESCRIPTION, message
from hypothesis import example, given
from hypothesis import strategies as st

from student_helper.database import Status
from testing_support.rows import execute, read_item
from testing_support.vendor import Answer

if TYPE_CHECKING:
    from conftest import Analyzer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
TEXTS = st.text() | st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: text * 2_000)
DESCRIPTIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"title": TEXTS, "description": TEXTS, "tags": st.lists(TEXTS, max_size=15), "text": TEXTS}
)
BLOCKS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["tool_use", "text", "thinking"]),
        "name": st.sampled_from(["describe_item", "delete_item"]),
        "input": DESCRIPTIONS | JSON,
    },
)
MESSAGES = st.fixed_dictionaries(
    {"content": st.lists(BLOCKS, max_size=3) | JSON, "stop_reason": st.sampled_from(["tool_use", "end_turn"]) | JSON}
)


@given(
    body=st.binary()
    | JSON
    | MESSAGES.map(lambda parts: message(**DESCRIPTION) | parts)
    | DESCRIPTIONS.map(lambda parts: message(**parts))
)
def test_any_answer_is_stored_within_bounds_rejected_or_asked_for_again(analyzer: Analyzer, body: Any) -> None:
    item_id = analyzer.add_picture()
    # There is not enough time for a second request.
    analyzer.anthropic.answers = [Answer(body)]

    done = analyzer.receive("ImageProcessed", item_id, seconds=8.3)

    item = read_item(analyzer.database, item_id)
    assert item is not None
    assert analyzer.queue.dead_letters == []
    if item.title is None:
        assert done == (item.status is Status.REJECTED)
        return
    assert done
    assert (item.status, item.reason) == (Status.PROCESSING, None)
    assert 0 < len(item.title) <= 120
    assert 0 < len(item.description or "") <= 1_000
    assert 0 < len(item.tags or []) <= 10
    assert all(0 < len(tag) <= 40 for tag in item.tags or [])
    assert len(item.text or "") <= 20_000


@given(description=DESCRIPTIONS)
@example(description=DESCRIPTION | {"title": "before \x80 behind"})
def test_an_answer_that_is_stored_is_stored_the_same_again(analyzer: Analyzer, description: dict[str, Any]) -> None:
    stored: list[Any] = []
    for _ in range(2):
        item_id = analyzer.add_picture()
        analyzer.anthropic.answers = [Answer(json.dumps(message(**description)).encode())]
        # What was stored once is given the time of a busy machine.
        analyzer.receive("ImageProcessed", item_id, seconds=120 if stored else 8.3)
        [row] = execute(
            analyzer.database, "select title, description, tags, text from items where item_id = :id", id=item_id
        )
        if not stored and row.title is None:
            return
        stored.append(row)
        description = row._asdict() | {"text": row.text or ""}

    assert stored[0] == stored[1]
