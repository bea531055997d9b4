"""The bucket's objects, and those of them that have lost their items."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import Item
from student_helper.files import Files
from student_helper.keys import Kind

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

UPLOADS = "uploads/"
RESULTS = "results/"
"""What all keys of the bucket begin with."""

SETTLED = timedelta(hours=1)
"""What is younger may be in the middle of its making or its deletion."""


def anywhere(prefix: str) -> str:
    """A place among the keys with one of these prefixes.

    Who begins there and goes once round comes to each key sooner or later, even if there is never time for all.
    """
    kind = f"{random.choice(get_args(Kind))}/" if prefix == UPLOADS else ""  # noqa: S311 - nobody has to guess it
    # An owner's name comes next, which is such an id, too.
    return f"{prefix}{kind}{uuid4()}"


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

    def pages(self, prefix: str, after: str = "") -> Iterator[list["ObjectTypeDef"]]:
        """The objects whose keys begin with a prefix, sorted by key, as many at a time as S3 gives: up to 1,000.

        Args:
            prefix: what the keys begin with.
            after: those up to this key are left out.
        """
        bucket, lists = self._bucket(), self._client.get_paginator("list_objects_v2")
        pages = (
            lists.paginate(Bucket=bucket, Prefix=prefix, StartAfter=after)
            if after
            else lists.paginate(Bucket=bucket, Prefix=prefix)
        )
        for page in pages:
            yield page.get("Contents", [])

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """The keys of these objects, sorted."""
        for page in self.pages(prefix, after):
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
        for prefix in random.sample((UPLOADS, RESULTS), 2):
            for page in self._round(prefix):
                # An item's row is there before the first of its objects, and never comes back.
                settled = {found["Key"]: _item_id(found["Key"]) for found in page if found["LastModified"] < before}
                items = self._existing({item_id for item_id in settled.values() if item_id is not None})
                lost = [key for key, item_id in settled.items() if item_id not in items]
                self._files.delete(lost)
                yield len(lost)

    def _round(self, prefix: str) -> Iterator[list["ObjectTypeDef"]]:
        start = anywhere(prefix)
        yield from self._objects.pages(prefix, after=start)
        for page in self._objects.pages(prefix):
            yield [found for found in page if found["Key"] <= start]
            if page and page[-1]["Key"] > start:
                break

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
