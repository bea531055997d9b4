"""The function under test."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import boto3
import pytest
import sqlalchemy as sa
from botocore.stub import Stubber
from cleanup_system import BUCKET, NOW, TABLE, Bucket, Cleanup

from student_helper.parameters import Parameters
from testing_support.aws import FakeParameterStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient


@pytest.fixture
def cleanup(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cleanup]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("PARAMETER_PREFIX", "/student-helper/test")
    monkeypatch.setenv("PARAMETER_NAMES", "storage/bucket,checkpoints/table")
    monkeypatch.setenv("STACK", "test")
    from cleanup.handler import create_handler

    monkeypatch.setattr("cleanup.checkpoints.time", SimpleNamespace(time=lambda: NOW + 0.5))
    store = FakeParameterStore({"storage/bucket": BUCKET, "checkpoints/table": TABLE})
    parameters = Parameters("/student-helper/test", [*store.values], cast("SSMClient", store))
    bucket = Bucket()
    client = boto3.client("dynamodb", aws_access_key_id="AKIATEST", aws_secret_access_key="secret")
    with Stubber(client) as dynamodb:
        yield Cleanup(
            create_handler(parameters, database, cast("S3Client", bucket), client), database, bucket, dynamodb
        )
    dynamodb.assert_no_pending_responses()
