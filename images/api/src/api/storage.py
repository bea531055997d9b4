"""The bucket: what the API keeps in S3 and how it hands out access to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from student_helper.errors import DependencyError
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_SECONDS = 15 * 60
"""How long an upload form and a link to a file are valid."""


@dataclass(frozen=True)
class Original:
    """A file as it was uploaded."""

    filename: str
    content_type: str
    size_bytes: int
    collection: str | None


def s3_client(config: Config) -> "S3Client":
    """A client whose presigned URLs name the bucket's own region.

    By default, botocore presigns for the global host name, which redirects to the region while a bucket is new; a form
    does not survive that redirect. An endpoint other than Amazon's has no host name for each bucket.
    """

    def client(addressing_style: Literal["virtual", "path"]) -> "S3Client":
        addressing = Config(signature_version="s3v4", s3={"addressing_style": addressing_style})
        return boto3.client("s3", config=config.merge(addressing))

    amazon = client("virtual")
    return amazon if ".amazonaws." in (urlsplit(amazon.meta.endpoint_url).hostname or "") else client("path")


class Storage:
    """The uploads of all owners, each below `uploads/<owner>/`."""

    def __init__(self, client: "S3Client", bucket: Callable[[], str], max_upload_bytes: int) -> None:
        """Describes the storage; nothing is requested yet.

        Args:
            client: see `s3_client`.
            bucket: gives the bucket's name when it is needed.
            max_upload_bytes: the largest file that may be uploaded, in bytes.
        """
        self._client = client
        self._bucket = bucket
        self._max_upload_bytes = max_upload_bytes

    def upload_form(
        self, owner: str, item_id: UUID, content_type: str, metadata: dict[str, str]
    ) -> tuple[str, dict[str, str]]:
        """The URL and the fields of a form that uploads one file: of this type, not empty, not too large."""
        fields = {
            "Content-Type": content_type,
            # S3 keeps ASCII only.
            **{f"x-amz-meta-{name}": quote(value, safe="") for name, value in metadata.items()},
        }
        with _requests():
            form = self._client.generate_presigned_post(
                Bucket=self._bucket(),
                Key=_key(owner, item_id),
                Fields=dict(fields),
                Conditions=[
                    ["content-length-range", 1, self._max_upload_bytes],
                    *({name: value} for name, value in fields.items()),
                ],
                ExpiresIn=LINK_SECONDS,
            )
        return form["url"], form["fields"]

    def download_link(self, owner: str, item_id: UUID, filename: str) -> str:
        """A URL under which a file is downloaded, never shown, by its own name (RFC 6266)."""
        with _requests():
            return self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket(),
                    "Key": _key(owner, item_id),
                    "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
                },
                ExpiresIn=LINK_SECONDS,
            )

    def item_ids(self, owner: str) -> list[UUID]:
        """The ids of all items of an owner, oldest first, as S3 sorts by key and ids sort by time."""
        prefix = _key(owner, "")
        return [UUID(key.removeprefix(prefix)) for key in self._keys(prefix)]

    def exists(self, owner: str, item_id: UUID) -> bool:
        """Whether a file was uploaded for an item.

        Asked by listing: a role that may list only below a prefix gets 403 for the HEAD of a key that does not exist.
        """
        return any(True for _ in self._keys(_key(owner, item_id)))

    def original(self, owner: str, item_id: UUID) -> Original | None:
        """What is known about an uploaded file; nothing if it has been deleted meanwhile."""
        with _requests():
            try:
                head = self._client.head_object(Bucket=self._bucket(), Key=_key(owner, item_id))
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return None
                raise
        metadata = {name: unquote(value) for name, value in head["Metadata"].items()}
        return Original(
            filename=metadata["filename"],
            content_type=head["ContentType"],
            size_bytes=head["ContentLength"],
            collection=metadata.get("collection"),
        )

    def delete(self, owner: str, item_id: UUID) -> bool:
        """Deletes an item's files; tells whether there were any."""
        keys = list(self._keys(_key(owner, item_id)))
        if not keys:
            return False
        with _requests():
            answer = self._client.delete_objects(
                Bucket=self._bucket(), Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
            )
        if errors := answer.get("Errors"):
            logger.error("S3 did not delete", extra={"errors": errors})
            raise DependencyError("storage")
        return True

    def check(self) -> None:
        """Raises `DependencyError` when the bucket cannot be listed."""
        next(self._keys("uploads/health/"), None)

    def _keys(self, prefix: str) -> Iterator[str]:
        with _requests():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket(), Prefix=prefix):
                yield from (found["Key"] for found in page.get("Contents", []))


def _key(owner: str, item_id: UUID | str) -> str:
    return f"uploads/{owner}/{item_id}"


@contextmanager
def _requests() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.exception("S3 did not answer as expected")
        raise DependencyError("storage") from error
