"""The bucket's objects, and those of them that have lost their items."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import Item
from student_helper.files import Files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

UPLOADS = "uploads/"
RESULTS = "results/"
"""What all keys of the bucket begin with."""

SETTLED = timedelta(hours=1)
"""What is younger may be in the middle of its making or its deletion."""


class Objects:
    """Lists the bucket."""

    def __init__(self, client: "S3Client", bucket: Callable[[], str]) -> None:
        """Asks nothing yet.

        Args:
            client: its role must allow to list the bucket.
            bucket: gives the bucket's name when it is needed.
        """
        self._client = client
        self._bucket = bucket

    def pages(self, prefix: str) -> Iterator[list["ObjectTypeDef"]]:
        """The objects whose keys begin with a prefix, sorted by key, as many at a time as S3 gives: up to 1,000."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket(), Prefix=prefix):
            yield page.get("Contents", [])

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys of these objects, sorted."""
        for page in self.pages(prefix):
            yield from (found["Key"] for found in page)

    def has(self, key: str) -> bool:
        """Whether there is an object at this moment."""
        return key in self.keys(key)


class LostObjects:
    """Objects without an item: leftovers of deletions that failed half-way, and uploads that came after one."""

    def __init__(self, engine: sa.Engine, objects: Objects, files: Files) -> None:
        """Asks nothing yet."""
        self._engine = engine
        self._objects = objects
        self._files = files

    def clean(self) -> Iterator[int]:
        """Removes them; see `Part`."""
        before = datetime.now(UTC) - SETTLED
        for prefix in (UPLOADS, RESULTS):
            for page in self._objects.pages(prefix):
                # An item's row is there before the first of its objects, and never comes back.
                settled = {found["Key"]: _item_id(found["Key"]) for found in page if found["LastModified"] < before}
                items = self._existing({item_id for item_id in settled.values() if item_id is not None})
                lost = [key for key, item_id in settled.items() if item_id not in items]
                self._files.delete(lost)
                yield len(lost)

    def _existing(self, item_ids: set[UUID]) -> set[UUID]:
        if not item_ids:
            return set()
        with Session(self._engine) as session:
            return set(session.scalars(sa.select(Item.item_id).where(Item.item_id.in_(item_ids))))


def _item_id(key: str) -> UUID | None:
    """The item that an object belongs to; none if its key is not one that the system makes.

    Either `uploads/<kind>/<owner>/<item>` or `results/<owner>/<item>/<version>/<name>`.
    """
    parts = key.split("/")
    try:
        return UUID(parts[3] if key.startswith(UPLOADS) else parts[2])
    except (IndexError, ValueError):
        return None
