from __future__ import annotations

import io
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from student_helper.errors import DependencyError, ItemGoneError
from student_helper.files import Files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def client() -> S3Client:
    return boto3.client("s3", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def s3(client: S3Client) -> Stubber:
    return Stubber(client)


@pytest.fixture
def files(client: S3Client) -> Files:
    return Files(client, lambda: "bucket")


def body(content: bytes, length: int | None = None) -> dict[str, object]:
    return {"Body": StreamingBody(io.BytesIO(content), len(content) if length is None else length)}


def test_an_object_is_read(s3: Stubber, files: Files) -> None:
    s3.add_response("get_object", body(b"newest"), {"Bucket": "bucket", "Key": "key"})
    s3.add_response("get_object", body(b"first"), {"Bucket": "bucket", "Key": "key", "VersionId": "v1"})

    with s3:
        assert files.read("key") == b"newest"
        assert files.read("key", "v1") == b"first"


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion"])
def test_an_object_that_does_not_exist_is_of_an_item_that_is_gone(s3: Stubber, files: Files, code: str) -> None:
    s3.add_client_error("get_object", code, http_status_code=404)

    with s3, pytest.raises(ItemGoneError):
        files.read("key", "v1")


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("SlowDown", 503)])
def test_an_object_that_cannot_be_read_is_a_failed_dependency(
    s3: Stubber, files: Files, code: str, status: int, logs: io.StringIO
) -> None:
    s3.add_client_error("get_object", code, http_status_code=status)

    with s3, pytest.raises(DependencyError, match=r"^storage is not available$"):
        files.read("key")

    assert code in logs.getvalue()


def test_an_object_that_arrives_in_part_is_a_failed_dependency(s3: Stubber, files: Files) -> None:
    s3.add_response("get_object", body(b"half", length=8))

    with s3, pytest.raises(DependencyError):
        files.read("key")


def test_an_object_is_written_with_its_type(s3: Stubber, files: Files) -> None:
    s3.add_response(
        "put_object", {}, {"Bucket": "bucket", "Key": "key", "Body": b"content", "ContentType": "image/webp"}
    )

    with s3:
        files.write("key", b"content", "image/webp")

    s3.assert_no_pending_responses()


def test_everything_below_a_prefix_is_found(s3: Stubber, files: Files) -> None:
    s3.add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "results/a"}], "IsTruncated": True, "NextContinuationToken": "next"},
        {"Bucket": "bucket", "Prefix": "results/"},
    )
    s3.add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "results/b"}], "IsTruncated": False},
        {"Bucket": "bucket", "Prefix": "results/", "ContinuationToken": "next"},
    )

    with s3:
        assert list(files.keys_below("results/")) == ["results/a", "results/b"]

    s3.assert_no_pending_responses()


def test_nothing_is_found_where_there_is_nothing(s3: Stubber, files: Files) -> None:
    s3.add_response("list_objects_v2", {"IsTruncated": False})

    with s3:
        assert list(files.keys_below("results/")) == []


def test_nothing_is_asked_where_there_is_nothing_to_delete(s3: Stubber, files: Files) -> None:
    with s3:
        files.delete([])


def test_no_more_than_s3_takes_at_once_is_deleted_in_one_request(s3: Stubber, files: Files) -> None:
    keys = [f"results/{number}" for number in range(1001)]
    for some in (keys[:1000], keys[1000:]):
        wanted = {"Objects": [{"Key": key} for key in some], "Quiet": True}
        s3.add_response("delete_objects", {}, {"Bucket": "bucket", "Delete": wanted})

    with s3:
        files.delete(keys)

    s3.assert_no_pending_responses()


def test_an_object_that_is_not_deleted_is_a_failed_dependency(s3: Stubber, files: Files) -> None:
    s3.add_response("delete_objects", {"Errors": [{"Key": "a", "Code": "InternalError"}]})

    with s3, pytest.raises(DependencyError):
        files.delete(["a"])
