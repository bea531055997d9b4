from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from analyzer_answers import message
from sqlalchemy.orm import Session

from student_helper.database import Item, Passage, Status
from testing_support.hostile import Injection, injections
from testing_support.hostile.injections import VICTIM, VICTIMS_ITEM
from testing_support.rows import OWNER, add_item, execute, read_item
from testing_support.vendor import Answer

if TYPE_CHECKING:
    from conftest import Analyzer

INJECTIONS = injections()
CHECKPOINT = {"item_id": {"S": VICTIMS_ITEM}, "step": {"S": "analyzer"}, "status": {"S": "COMPLETED"}}
# Controls, what turns the direction of writing around, and letters that nobody sees.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


@pytest.fixture
def victim(analyzer: Analyzer) -> None:
    """What another student has."""
    item_id = UUID(VICTIMS_ITEM)
    key = f"results/{VICTIM}/{VICTIMS_ITEM}/v1/rendition.jpg"
    with Session(analyzer.database) as session, session.begin():
        values = {"filename": "diary.jpg", "content_type": "image/jpeg", "object_version": "v1", "title": "Diary"}
        session.add(Item(item_id=item_id, owner=VICTIM, object_key=key, status=Status.READY, tags=["mine"], **values))
        session.flush()
        session.add(Passage(item_id=item_id, number=0, text="Diary"))
    analyzer.bucket.objects[key] = b"the diary"
    analyzer.table.rows[VICTIMS_ITEM, "analyzer"] = CHECKPOINT


def all_but(analyzer: Analyzer, item_id: UUID) -> Any:
    """Everything that is stored but for one item's rows and checkpoints."""
    rows = [
        execute(analyzer.database, f"select * from {table} where item_id <> :item_id order by 1", item_id=item_id)  # noqa: S608
        for table in ("items", "passages")
    ]
    checkpoints = {key: row for key, row in analyzer.table.rows.items() if key[0] != str(item_id)}
    return deepcopy((rows, checkpoints, analyzer.bucket.objects, analyzer.parameters.values))


def add(analyzer: Analyzer, injection: Injection) -> UUID:
    """An item with this material, as the functions before the analyzer leave it."""
    if not injection.picture:
        return add_item(analyzer.database, injection.content.decode(), content_type="text/plain")
    item_id = add_item(analyzer.database)
    analyzer.bucket.objects[f"results/{OWNER}/{item_id}/v1/rendition.jpg"] = injection.content
    return item_id


def fixed(item: Item | None) -> tuple[object, ...]:
    """What a description says nothing about."""
    assert item is not None
    return (item.owner, item.object_key, item.object_version, item.filename, item.content_type, item.collection)


@pytest.mark.usefixtures("victim")
@pytest.mark.parametrize("injection", INJECTIONS, ids=[injection.name for injection in INJECTIONS])
def test_a_model_that_obeys_changes_nothing_but_its_own_item(analyzer: Analyzer, injection: Injection) -> None:
    item_id = add(analyzer, injection)
    own, others = fixed(read_item(analyzer.database, item_id)), all_but(analyzer, item_id)
    analyzer.anthropic.default = lambda _: message() | injection.answer

    done = analyzer.receive("ImageProcessed" if injection.picture else "DocumentProcessed", item_id, seconds=8.3)

    item = read_item(analyzer.database, item_id)
    assert item is not None
    assert fixed(item) == own
    assert all_but(analyzer, item_id) == others
    assert item.status is (Status.REJECTED if injection.outcome == "rejected" else Status.PROCESSING)
    assert (item.title is not None) == (injection.outcome == "stored")
    assert done == (injection.outcome != "asked again")
    event = ("ItemAnalyzed", {"version": 1, "item_id": str(item_id), "object_version": "v1"})
    assert analyzer.bus.published == ([event] if injection.outcome == "stored" else [])
    assert analyzer.queue.dead_letters == []


@pytest.mark.parametrize(
    "injection",
    [injection for injection in INJECTIONS if injection.outcome == "stored"],
    ids=[injection.name for injection in INJECTIONS if injection.outcome == "stored"],
)
def test_what_a_model_that_obeys_says_is_stored_within_bounds(analyzer: Analyzer, injection: Injection) -> None:
    item_id = add(analyzer, injection)
    analyzer.anthropic.answers = [Answer(message() | injection.answer)]

    analyzer.receive("ImageProcessed" if injection.picture else "DocumentProcessed", item_id)

    item = read_item(analyzer.database, item_id)
    assert item is not None
    assert item.title
    assert item.description
    assert item.tags
    [[passage]] = execute(analyzer.database, "select text from passages where number = 0")
    lengths = (len(item.title), len(item.description), len(item.tags), len(item.text or ""), len(passage))
    assert all(length <= most for length, most in zip(lengths, (120, 1_000, 10, 20_000, 8_000), strict=True))
    assert all(0 < len(tag) <= 40 for tag in item.tags)
    assert "\n" not in item.title
    assert not INVISIBLE.search("".join((item.title, item.description, *item.tags, item.text or "")))


@pytest.mark.parametrize("injection", INJECTIONS, ids=[injection.name for injection in INJECTIONS])
def test_material_is_asked_about_as_material(analyzer: Analyzer, injection: Injection) -> None:
    item_id = add(analyzer, injection)
    honest = analyzer.add_picture()
    analyzer.receive("ImageProcessed", honest)

    analyzer.receive("ImageProcessed" if injection.picture else "DocumentProcessed", item_id)

    usual, asked = (request.body for request in analyzer.anthropic.requests)
    [of_the_material] = asked.pop("messages")
    assert usual.pop("messages")
    assert asked == usual
    assert of_the_material["role"] == "user"
    assert [block["type"] for block in of_the_material["content"]] == ["image" if injection.picture else "text"]
