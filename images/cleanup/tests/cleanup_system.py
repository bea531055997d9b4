"""The function under test: its real handler, on a real PostgreSQL; S3 is in memory, DynamoDB answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from sqlalchemy.orm import Session

from student_helper.database import Item

OWNER = "11111111-1111-4111-8111-111111111111"
BUCKET = "student-helper-test-uploads"
TABLE = "student-helper-test-checkpoints"
NOW = 1_800_000_000
"""What the clock shows where checkpoints expire, in seconds since 1970."""


@dataclass
class Bucket:
    """S3."""

    objects: dict[str, datetime] = field(default_factory=dict)
    """Keys, and when their objects were made."""
    page_size: int = 1000
    refuses: bool = False
    """Deletions are answered with an error."""
    meanwhile: Callable[[], object] = field(default=lambda: None)
    """Happens while the bucket is listed."""

    def put(self, key: str, *, hours: float = 2) -> str:
        """Adds an object that was made so many hours ago; its key."""
        self.objects[key] = datetime.now(UTC) - timedelta(hours=hours)
        return key

    def get_paginator(self, operation: str) -> Bucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, StartAfter: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803
        assert Bucket == BUCKET
        self.meanwhile()
        # S3 begins each page after the last key of the one before.
        last = StartAfter
        while True:
            keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > last)[: self.page_size]
            if not keys:
                # An empty page has no `Contents`.
                yield {}
                return
            yield {"Contents": [{"Key": key, "LastModified": self.objects[key]} for key in keys]}
            last = keys[-1]

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        assert Bucket == BUCKET
        if self.refuses:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "SlowDown"}}, "DeleteObjects")
        for found in Delete["Objects"]:
            self.objects.pop(found["Key"])
        return {}


@dataclass
class Cleanup:
    """The function, and the system that it cleans up."""

    handler: Callable[[dict[str, object], Any], dict[str, int]]
    database: sa.Engine
    bucket: Bucket
    dynamodb: Stubber

    def run(self, seconds: float = 300) -> dict[str, int]:
        """Invokes the function, which has so much time."""
        context = SimpleNamespace(
            function_name="cleanup",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:cleanup",
            aws_request_id="invocation-1",
            get_remaining_time_in_millis=lambda: int(seconds * 1000),
        )
        return self.handler({}, context)

    def add(self, *, owner: str = OWNER, hours: float = 2, **columns: Any) -> Item:
        """Adds an item that was made and last changed so many hours ago."""
        item_id = uuid4()
        then = datetime.now(UTC) - timedelta(hours=hours)
        values = {
            "filename": "page 1.jpg",
            "content_type": "image/jpeg",
            "object_key": f"uploads/images/{owner}/{item_id}",
            "created_at": then,
            "updated_at": then,
        }
        with Session(self.database, expire_on_commit=False) as session, session.begin():
            item = Item(item_id=item_id, owner=owner, **values | columns)
            session.add(item)
        return item

    def change(self, item: Item, **columns: Any) -> None:
        """Changes an item now."""
        with Session(self.database) as session, session.begin():
            session.execute(sa.update(Item).where(Item.item_id == item.item_id).values(**columns))

    def found(self, item: Item) -> Item:
        """An item as it is now."""
        with Session(self.database) as session:
            return session.get_one(Item, item.item_id)

    def items(self) -> set[UUID]:
        """The items that there are."""
        with Session(self.database) as session:
            return set(session.scalars(sa.select(Item.item_id)))

    def scans(self, *expired: dict[str, Any], after: str | None = None, until: str | None = None) -> None:
        """DynamoDB's next answer: a page of expired checkpoints, and where it begins and ends if there are others."""
        asked = {
            "TableName": TABLE,
            "FilterExpression": "#expiry < :now",
            "ProjectionExpression": "#item, #step, #expiry",
            "ExpressionAttributeNames": {"#item": "item_id", "#step": "step", "#expiry": "expiration"},
            "ExpressionAttributeValues": {":now": {"N": str(NOW)}},
        }
        start = {} if after is None else {"ExclusiveStartKey": {"item_id": {"S": after}}}
        end = {} if until is None else {"LastEvaluatedKey": {"item_id": {"S": until}}}
        self.dynamodb.add_response("scan", {"Items": list(expired), **end}, asked | start)

    def deletes(self, checkpoint: dict[str, Any], *, taken_anew: bool = False) -> None:
        """DynamoDB's next answer: a checkpoint is deleted, or kept since it is not what was seen."""
        asked = {
            "TableName": TABLE,
            "Key": {"item_id": checkpoint["item_id"], "step": checkpoint["step"]},
            "ConditionExpression": "#expiry = :seen",
            "ExpressionAttributeNames": {"#expiry": "expiration"},
            "ExpressionAttributeValues": {":seen": checkpoint["expiration"]},
        }
        if taken_anew:
            code = "ConditionalCheckFailedException"
            self.dynamodb.add_client_error("delete_item", code, http_status_code=400, expected_params=asked)
        else:
            self.dynamodb.add_response("delete_item", {}, asked)
