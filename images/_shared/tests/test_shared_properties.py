"""What holds for whatever comes from outside: events of queues, keys of objects, and headers of vendors."""

from __future__ import annotations

import json
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from student_helper.checkpoints import Checkpoints
from student_helper.consumer import Consumer, ConsumerSettings
from student_helper.events import DocumentProcessed, ImageProcessed, ItemAnalyzed, ItemEvent, ObjectUploaded
from student_helper.items import Items
from student_helper.keys import Kind, Upload, parse_upload_key, rendition_key, results_prefix, thumbnail_key, upload_key
from student_helper.retry_after import retry_after
from testing_support.aws import ENVIRONMENT, Context, FakeQueue, FakeTable, event, object_created

if TYPE_CHECKING:
    import sqlalchemy as sa

    from student_helper.deadline import Deadline

KINDS: st.SearchStrategy[Kind] = st.sampled_from(["images", "documents"])
OWNERS = st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True)
ITEM = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
PIPELINE: st.SearchStrategy[type[ItemEvent]] = st.sampled_from([ImageProcessed, DocumentProcessed, ItemAnalyzed])


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value in which anything has been replaced at one place."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.booleans()):
            return {name: part for name, part in value.items() if name != key}
        return value | {key: draw(changed(value[key]))}
    return draw(JSON)


@given(kind=KINDS, owner=OWNERS, item_id=st.uuids())
def test_the_key_of_an_upload_is_read_back(kind: Kind, owner: str, item_id: UUID) -> None:
    assert parse_upload_key(upload_key(kind, owner, item_id)) == Upload(kind, owner, item_id)


@given(key=st.text() | st.from_regex(r"uploads/(images|documents)/.+/[0-9a-f-]{36}"))
def test_what_is_read_as_a_key_is_one_that_is_made(key: str) -> None:
    upload = parse_upload_key(key)

    assert upload is None or upload_key(*upload) == key


@given(owner=OWNERS, item_id=st.uuids(), version=st.text(min_size=1))
def test_results_are_below_their_own_items_prefix_and_are_no_uploads(owner: str, item_id: UUID, version: str) -> None:
    for key in (thumbnail_key(owner, item_id, version), rendition_key(owner, item_id, version)):
        assert key.startswith(results_prefix(owner, item_id))
        assert parse_upload_key(key) is None


@given(body=JSON | changed(object_created(f"uploads/images/owner/{ITEM}", "v1", "1A")))
def test_an_event_of_s3_is_read_or_refused(body: Any) -> None:
    try:
        uploaded = ObjectUploaded.parse(body) if isinstance(body, dict) else None
    except ValueError:
        return

    assert uploaded is None or (parse_upload_key(uploaded.key) == uploaded.upload and uploaded.size_bytes >= 0)


@given(kind=PIPELINE, data=st.data())
def test_an_event_of_the_pipeline_is_read_or_refused(kind: type[ItemEvent], data: st.DataObject) -> None:
    body = data.draw(changed(event(kind.detail_type, ITEM)))
    try:
        read = kind.parse(body) if isinstance(body, dict) else None
    except ValueError:
        return

    assert read is None or 1 <= len(read.object_version) <= 1024


@given(kind=PIPELINE, item_id=st.uuids(), version=st.text(st.characters(codec="utf-8"), min_size=1, max_size=1024))
def test_an_event_that_is_published_is_read_back(kind: type[ItemEvent], item_id: UUID, version: str) -> None:
    published = kind(item_id=item_id, object_version=version)
    detail = json.loads(published.model_dump_json())

    assert kind.parse({"source": "student-helper", "detail-type": kind.detail_type, "detail": detail}) == published


@given(sequencers=st.lists(st.integers(min_value=0, max_value=2**256 - 1), min_size=2, max_size=2))
def test_sequencers_are_ordered_as_their_numbers(sequencers: list[int]) -> None:
    first, second = (
        ObjectUploaded.parse(object_created(f"uploads/images/owner/{ITEM}", "v1", f"{number:x}")).sequencer
        for number in sequencers
    )

    assert (first < second) == (sequencers[0] < sequencers[1])


@pytest.fixture
def done() -> list[ItemAnalyzed]:
    """What the step has done."""
    return []


@pytest.fixture
def consumer(database: sa.Engine, done: list[ItemAnalyzed]) -> Consumer[ItemAnalyzed]:
    def work(message: ItemAnalyzed, _: Deadline) -> None:
        done.append(message)

    return Consumer(
        "embedder",
        ItemAnalyzed.parse,
        work,
        settings=ConsumerSettings.from_environment(ENVIRONMENT),
        items=Items(database),
        checkpoints=Checkpoints(FakeTable(), lambda: "checkpoints"),  # type: ignore[arg-type]
        sqs=FakeQueue(),  # type: ignore[arg-type]
    )


@given(body=st.text() | JSON.map(json.dumps) | changed(event("ItemAnalyzed", ITEM)).map(json.dumps))
def test_a_message_is_done_or_stays_in_the_queue(
    consumer: Consumer[ItemAnalyzed], done: list[ItemAnalyzed], body: str
) -> None:
    done.clear()
    record = {
        "messageId": "message",
        "receiptHandle": "receipt",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }

    context: Any = Context(60)
    answer = consumer({"Records": [record]}, context)

    assert answer["batchItemFailures"] in ([], [{"itemIdentifier": "message"}])
    assert not (done and answer["batchItemFailures"])


@given(value=st.text() | st.integers().map(str) | st.floats().map(str) | st.datetimes().map(format_datetime))
def test_a_wait_is_no_wait_or_one_that_time_can_have(value: str) -> None:
    seconds = retry_after({"retry-after": value})

    assert seconds is None or 0 <= seconds < float("inf")
