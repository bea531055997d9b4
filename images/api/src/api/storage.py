"""Access to the bucket's files, handed out for a while: forms to upload, links to read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from student_helper.errors import DependencyError
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_SECONDS = 15 * 60
"""How long an upload form and a link to a file are valid."""


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
    """Presigns requests to the bucket."""

    def __init__(self, client: "S3Client", bucket: Callable[[], str], max_upload_bytes: int) -> None:
        """Signs nothing yet.

        Args:
            client: see `s3_client`.
            bucket: gives the bucket's name when it is needed.
            max_upload_bytes: the largest file that may be uploaded, in bytes.
        """
        self._client = client
        self._bucket = bucket
        self._max_upload_bytes = max_upload_bytes

    def upload_form(self, key: str, content_type: str) -> tuple[str, dict[str, str]]:
        """The URL and the fields of a form that uploads one file: of this type, not empty, not too large."""
        with _signing():
            form = self._client.generate_presigned_post(
                Bucket=self._bucket(),
                Key=key,
                Fields={"Content-Type": content_type},
                Conditions=[["content-length-range", 1, self._max_upload_bytes], {"Content-Type": content_type}],
                ExpiresIn=LINK_SECONDS,
            )
        return form["url"], form["fields"]

    def download_link(self, key: str, filename: str) -> str:
        """A URL under which a student's file is downloaded, never shown, by its own name (RFC 6266)."""
        return self._link(
            key, {"ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}"}
        )

    def display_link(self, key: str) -> str:
        """A URL under which a file is shown, for one that the system itself has made."""
        return self._link(key, {})

    def _link(self, key: str, options: dict[str, str]) -> str:
        with _signing():
            return self._client.generate_presigned_url(
                "get_object", Params={"Bucket": self._bucket(), "Key": key, **options}, ExpiresIn=LINK_SECONDS
            )


@contextmanager
def _signing() -> Iterator[None]:
    # Needs no request to S3, but credentials.
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.exception("A request to S3 cannot be signed")
        raise DependencyError("storage") from error
