from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import boto3
import pytest
from botocore.stub import Stubber

from student_helper.errors import DependencyError
from student_helper.events import (
    DocumentProcessed,
    Events,
    ImageProcessed,
    ItemAnalyzed,
    ItemEvent,
    ObjectUploaded,
)

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

ITEM = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
OWNER = "11111111-1111-4111-8111-111111111111"
KEY = f"uploads/images/{OWNER}/{ITEM}"
EVENTS = [ImageProcessed, DocumentProcessed, ItemAnalyzed]


def delivered(detail_type: str, **detail: Any) -> dict[str, Any]:
    """An event of the pipeline as EventBridge delivers it."""
    known = {"version": 1, "item_id": str(ITEM), "object_version": "v1"}
    return {"version": "0", "source": "student-helper", "detail-type": detail_type, "detail": known | detail}


def uploaded(**changes: Any) -> dict[str, Any]:
    """S3's event as https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html shows it."""
    found = {"key": KEY, "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184", "version-id": "v1", "sequencer": "00A5"}
    detail = {"version": "0", "bucket": {"name": "bucket"}, "object": found | changes, "reason": "PostObject"}
    return {"version": "0", "source": "aws.s3", "detail-type": "Object Created", "detail": detail}


@pytest.fixture
def client() -> EventBridgeClient:
    return boto3.client("events", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def events(client: EventBridgeClient) -> Events:
    return Events(client, lambda: "student-helper-test-pipeline")


@pytest.mark.parametrize("kind", EVENTS)
def test_what_is_published_is_what_consumers_read(
    client: EventBridgeClient, events: Events, kind: type[ItemEvent]
) -> None:
    published = kind(item_id=ITEM, object_version="v1")
    entry = {
        "EventBusName": "student-helper-test-pipeline",
        "Source": "student-helper",
        "DetailType": kind.__name__,
        "Detail": json.dumps({"version": 1, "item_id": str(ITEM), "object_version": "v1"}, separators=(",", ":")),
    }

    with Stubber(client) as bridge:
        bridge.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": [entry]})
        events.publish(published)

    assert kind.parse(delivered(kind.__name__, **json.loads(entry["Detail"]))) == published


def test_an_event_that_is_not_taken_is_a_failed_dependency(client: EventBridgeClient, events: Events) -> None:
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "Unexpected"}]}

    bridge = Stubber(client)
    bridge.add_response("put_events", refused)

    with bridge, pytest.raises(DependencyError, match=r"^events is not available$"):
        events.publish(ItemAnalyzed(item_id=ITEM, object_version="v1"))


def test_a_bus_that_does_not_answer_is_a_failed_dependency(
    client: EventBridgeClient, events: Events, logs: io.StringIO
) -> None:
    bridge = Stubber(client)
    bridge.add_client_error("put_events", "AccessDeniedException", http_status_code=400)

    with bridge, pytest.raises(DependencyError):
        events.publish(ItemAnalyzed(item_id=ITEM, object_version="v1"))

    assert "AccessDeniedException" in logs.getvalue()


def test_a_field_that_was_added_later_is_ignored() -> None:
    assert ItemAnalyzed.parse(delivered("ItemAnalyzed", language="de")).item_id == ITEM


@pytest.mark.parametrize(
    "event",
    [
        delivered("ItemAnalyzed", version=2),
        delivered("ItemAnalyzed", item_id="1"),
        delivered("ItemAnalyzed", object_version=""),
        delivered("ItemAnalyzed", object_version="v" * 1025),
        delivered("ItemAnalyzed") | {"detail": None},
        delivered("ItemAnalyzed") | {"source": "aws.s3"},
        delivered("ImageProcessed"),
        {},
    ],
)
def test_an_event_of_another_form_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="ItemAnalyzed"):
        ItemAnalyzed.parse(event)


def test_an_upload_is_read_from_the_event_of_s3() -> None:
    upload = ObjectUploaded.parse(uploaded())

    assert (upload.key, upload.object_version, upload.size_bytes) == (KEY, "v1", 5)
    assert (upload.item_id, upload.upload.owner, upload.upload.kind) == (ITEM, OWNER, "images")


@pytest.mark.parametrize(("earlier", "later"), [("FF", "100"), ("00ff", "0100"), ("0aF", "0B0")])
def test_sequencers_are_ordered_as_numbers_of_any_length_and_case(earlier: str, later: str) -> None:
    first, second = (ObjectUploaded.parse(uploaded(sequencer=value)).sequencer for value in (earlier, later))

    assert first < second


@pytest.mark.parametrize(
    "event",
    [
        uploaded(key="uploads/images/somewhere"),
        uploaded(sequencer="none"),
        uploaded(size=-1),
        uploaded(**{"version-id": ""}),
        uploaded() | {"detail": {}},
        uploaded() | {"detail-type": "Object Deleted"},
        uploaded() | {"source": "student-helper"},
    ],
)
def test_an_upload_of_another_form_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Not an Object Created|Not the key of an upload|for _Detail"):
        ObjectUploaded.parse(event)


@pytest.mark.parametrize(
    ("parse", "event"),
    [
        (ObjectUploaded.parse, uploaded(key=["private notes"])),
        (ObjectUploaded.parse, uploaded() | {"detail": "private notes"}),
        (ItemAnalyzed.parse, delivered("ItemAnalyzed", item_id="private notes")),
    ],
)
def test_what_an_event_says_is_in_no_error(parse: Any, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"(?s)^(?!.*private notes)"):
        parse(event)
