"""The function's entry point: a schedule to the cleanup."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import sqlalchemy as sa
from aws_lambda_powertools.utilities.typing import LambdaContext

from cleanup.checkpoints import ExpiredCheckpoints
from cleanup.items import AbandonedUploads, LostRows, StalledItems
from cleanup.objects import LostObjects, Objects
from cleanup.parts import Part, run
from student_helper.clients import CLIENT
from student_helper.database import connect
from student_helper.deadline import Deadline
from student_helper.files import Files
from student_helper.logs import logger
from student_helper.parameters import Parameters
from student_helper.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

Handler = Callable[[dict[str, object], LambdaContext], dict[str, int]]


def create_handler(parameters: Parameters, engine: sa.Engine, s3: "S3Client", dynamodb: "DynamoDBClient") -> Handler:
    """Wires the cleanup to its clients."""
    files = Files(s3, lambda: parameters["storage/bucket"])
    objects = Objects(s3, lambda: parameters["storage/bucket"])
    parts: dict[str, Part] = {
        "checkpoints": ExpiredCheckpoints(dynamodb, lambda: parameters["checkpoints/table"]),
        "uploads": AbandonedUploads(engine, objects),
        "stalled": StalledItems(engine),
        # Before the objects, so that the results of lost rows go at once.
        "rows": LostRows(engine, objects),
        "objects": LostObjects(engine, objects, files),
    }

    @logger.inject_lambda_context(log_event=False)
    def handle(_event: dict[str, object], context: LambdaContext) -> dict[str, int]:
        return run(parts, Deadline(context))

    return handle


def _handler() -> Handler:
    settings = Settings.from_environment()
    parameters = Parameters.named_by(settings, boto3.client("ssm", config=CLIENT))
    return create_handler(
        parameters, connect(parameters), boto3.client("s3", config=CLIENT), boto3.client("dynamodb", config=CLIENT)
    )


# While a container starts it has a whole processor for nothing: clients are made here, and not in the first event.
handler = _handler()
"""Removes what nobody needs any more, and fails what nobody works on; returns how much of what."""
