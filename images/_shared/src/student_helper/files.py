"""The objects of the bucket, for the functions that work on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from student_helper.errors import DependencyError, ItemGoneError
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef


class Files:
    """Uploads and results."""

    def __init__(self, client: "S3Client", bucket: Callable[[], str]) -> None:
        """Asks nothing yet.

        Args:
            client: its role must allow what is done with which prefix.
            bucket: gives the bucket's name when it is needed.
        """
        self._client = client
        self._bucket = bucket

    def read(self, key: str, object_version: str | None = None) -> bytes:
        """The content of an object, in a version of its own if one is named.

        Raises:
            ItemGoneError: S3 says that there is no such object.
            DependencyError: S3 did not answer, or with 403, as it does without an object where `s3:ListBucket` is not
                allowed (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). Nobody who works on files
                of strangers may list them all: the next attempt finds that the item was deleted.
        """
        request: GetObjectRequestTypeDef = {"Bucket": self._bucket(), "Key": key}
        if object_version is not None:
            request["VersionId"] = object_version
        with _requests():
            try:
                return self._client.get_object(**request)["Body"].read()
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    raise ItemGoneError from error
                raise

    def write(self, key: str, content: bytes, content_type: str) -> None:
        """Makes an object, or a new version of it."""
        with _requests():
            self._client.put_object(Bucket=self._bucket(), Key=key, Body=content, ContentType=content_type)

    def keys_below(self, prefix: str) -> Iterator[str]:
        """The keys of all objects whose keys begin with a prefix."""
        with _requests():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket(), Prefix=prefix):
                yield from (found["Key"] for found in page.get("Contents", []))

    def delete(self, keys: list[str]) -> None:
        """Deletes objects; what does not exist is no error."""
        for start in range(0, len(keys), 1000):
            with _requests():
                answer = self._client.delete_objects(
                    Bucket=self._bucket(),
                    Delete={"Objects": [{"Key": key} for key in keys[start : start + 1000]], "Quiet": True},
                )
            if errors := answer.get("Errors"):
                logger.error("S3 did not delete", extra={"codes": [error.get("Code") for error in errors]})
                raise DependencyError("storage")


@contextmanager
def _requests() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.exception("S3 did not answer as expected")
        raise DependencyError("storage") from error
