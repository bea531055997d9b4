"""AWS as far as a consumer needs it, in memory, behind the methods of boto3's clients."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from botocore.exceptions import ClientError

Row = dict[str, Any]

PARAMETER_PREFIX = "/student-helper/test"
QUEUE_URL = "https://sqs/queue"
DEAD_LETTER_QUEUE_URL = "https://sqs/dead-letter-queue"
ENVIRONMENT = {
    "STACK": "test",
    "PARAMETER_PREFIX": PARAMETER_PREFIX,
    "PARAMETER_NAMES": "storage/bucket",
    "QUEUE_URL": QUEUE_URL,
    "DEAD_LETTER_QUEUE_URL": DEAD_LETTER_QUEUE_URL,
    "MAX_RECEIVES": "4",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIATEST",
    "AWS_SECRET_ACCESS_KEY": "secret",
}
"""The environment of every consumer."""
LAST_ATTEMPT = int(ENVIRONMENT["MAX_RECEIVES"])
"""After it the queue hands a message to the dead-letter queue."""


def _error(operation: str, code: str, status: int, **more: Any) -> ClientError:
    answer = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer | more, operation)  # type: ignore[arg-type] # as botocore itself makes them


@dataclass
class FakeParameterStore:
    """Parameter Store."""

    values: dict[str, str]
    """By their names below the stack's prefix."""
    reads: list[str] = field(default_factory=list)
    """The names that were asked for."""

    def get_parameters(self, *, Names: list[str], WithDecryption: bool) -> Any:  # noqa: N803, ARG002
        """The values of those that exist."""
        names = [name.removeprefix(f"{PARAMETER_PREFIX}/") for name in Names]
        self.reads += names
        return {
            "Parameters": [
                {"Name": f"{PARAMETER_PREFIX}/{name}", "Value": self.values[name]}
                for name in names
                if name in self.values
            ],
            "InvalidParameters": [f"{PARAMETER_PREFIX}/{name}" for name in names if name not in self.values],
        }


@dataclass
class FakeTable:
    """DynamoDB, with Powertools' condition for a new checkpoint and no other."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)

    def put_item(self, *, Item: Row, **_: Any) -> None:  # noqa: N803
        """Takes a checkpoint that nobody has taken."""
        key = (Item["item_id"]["S"], Item["step"]["S"])
        old = self.rows.get(key)
        if old is not None and (
            old["status"]["S"] != "INPROGRESS" or int(old["in_progress_expiration"]["N"]) > time.time() * 1000
        ):
            raise _error("PutItem", "ConditionalCheckFailedException", 400, Item=old)
        self.rows[key] = Item

    def update_item(self, *, Key: Row, ExpressionAttributeValues: Row, **_: Any) -> None:  # noqa: N803
        """Marks a checkpoint as completed."""
        row = self.rows[Key["item_id"]["S"], Key["step"]["S"]]
        row["status"] = ExpressionAttributeValues[":status"]
        row["data"] = ExpressionAttributeValues[":response_data"]

    def delete_item(self, *, Key: Row, **_: Any) -> None:  # noqa: N803
        """Gives a checkpoint back."""
        self.rows.pop((Key["item_id"]["S"], Key["step"]["S"]), None)


@dataclass
class FakeQueue:
    """SQS."""

    visibility: list[int] = field(default_factory=list)
    """For how many seconds messages were hidden."""
    dead_letters: list[Any] = field(default_factory=list)
    """What was sent to the dead-letter queue."""

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        """Hides a message."""
        assert (QueueUrl, ReceiptHandle) == (QUEUE_URL, "receipt")  # noqa: S101
        self.visibility.append(VisibilityTimeout)

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        """Sends a message."""
        assert QueueUrl == DEAD_LETTER_QUEUE_URL  # noqa: S101
        self.dead_letters.append(json.loads(MessageBody))


@dataclass
class FakeBus:
    """EventBridge."""

    published: list[tuple[str, Any]] = field(default_factory=list)
    """The type and the detail of each event."""
    failures: int = 0
    """So many events are not taken."""

    def put_events(self, *, Entries: list[Row]) -> Any:  # noqa: N803
        """Publishes events."""
        if self.failures:
            self.failures -= 1
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
        self.published += [(entry["DetailType"], json.loads(entry["Detail"])) for entry in Entries]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "event"}]}


@dataclass
class FakeBucket:
    """S3."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803, ARG002
        """An object's content."""
        if Key not in self.objects:
            raise _error("GetObject", "NoSuchKey", 404)
        return {"Body": BytesIO(self.objects[Key])}


class Context:
    """What Lambda tells a function of an invocation."""

    function_name = "function"
    aws_request_id = "invocation"

    def __init__(self, seconds: float) -> None:
        """An invocation that always has so much time left."""
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """The time left."""
        return int(self._seconds * 1000)


@dataclass
class Function:
    """A function under test, and the AWS that it sees."""

    handler: Callable[[dict[str, Any], Any], PartialItemFailureResponse]
    parameters: FakeParameterStore
    table: FakeTable
    queue: FakeQueue
    bus: FakeBus

    def receive(
        self, detail_type: str, item_id: UUID, version: str = "v1", *, attempt: int = 1, seconds: float = 120
    ) -> bool:
        """Hands the function an event of the pipeline; tells whether the queue may forget it.

        Args:
            detail_type: the event's type.
            item_id: the item that it is about.
            version: the version of the item's upload.
            attempt: how often the queue has handed it out, with this time.
            seconds: the time that the function has.
        """
        return self.take(event(detail_type, item_id, version), attempt=attempt, seconds=seconds)

    def take(self, body: Row, *, attempt: int = 1, seconds: float = 120) -> bool:
        """Hands the function any event; see `receive`."""
        record = {
            "messageId": "message",
            "receiptHandle": "receipt",
            "body": json.dumps(body),
            "attributes": {"ApproximateReceiveCount": str(attempt)},
            "eventSource": "aws:sqs",
        }
        return not self.handler({"Records": [record]}, Context(seconds))["batchItemFailures"]


def event(detail_type: str, item_id: UUID, version: str = "v1") -> Row:
    """An event of the pipeline, as EventBridge delivers it."""
    detail = {"version": 1, "item_id": str(item_id), "object_version": version}
    return {"source": "student-helper", "detail-type": detail_type, "detail": detail}


def object_created(key: str, version: str, sequencer: str, size: int = 1234) -> dict[str, Any]:
    """S3's event of an upload: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2021-11-12T00:00:00Z",
        "region": "ca-central-1",
        "resources": ["arn:aws:s3:::amzn-s3-demo-bucket1"],
        "detail": {
            "version": "0",
            "bucket": {"name": "amzn-s3-demo-bucket1"},
            "object": {
                "key": key,
                "size": size,
                "etag": "b1946ac92492d2347c6235b4d2611184",
                "version-id": version,
                "sequencer": sequencer,
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }
