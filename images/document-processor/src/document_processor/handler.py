"""The function's entry point: events of its queue to the processor."""

from typing import TYPE_CHECKING

import boto3
import sqlalchemy as sa

from document_processor.processor import DocumentProcessor
from document_processor.settings import DocumentProcessorSettings
from student_helper.checkpoints import Checkpoints
from student_helper.clients import CLIENT
from student_helper.consumer import Consumer
from student_helper.database import connect
from student_helper.events import Events, ObjectUploaded
from student_helper.files import Files
from student_helper.items import Items
from student_helper.parameters import Parameters

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

STEP = "document-processor"


def create_handler(
    settings: DocumentProcessorSettings,
    parameters: Parameters,
    engine: sa.Engine,
    s3: "S3Client",
    events: "EventBridgeClient",
    dynamodb: "DynamoDBClient",
    sqs: "SQSClient",
) -> Consumer[ObjectUploaded]:
    """Wires the processor to its settings and clients."""
    items = Items(engine)
    processor = DocumentProcessor(
        items,
        Files(s3, lambda: parameters["storage/bucket"]),
        Events(events, lambda: parameters["events/bus_name"]),
        settings.aws_lambda_function_memory_size,
    )
    return Consumer(
        STEP,
        ObjectUploaded.parse,
        processor.process,
        settings=settings,
        items=items,
        checkpoints=Checkpoints(dynamodb, lambda: parameters["checkpoints/table"]),
        sqs=sqs,
    )


def _handler() -> Consumer[ObjectUploaded]:
    settings = DocumentProcessorSettings.from_environment()
    parameters = Parameters.named_by(settings, boto3.client("ssm", config=CLIENT))
    return create_handler(
        settings,
        parameters,
        connect(parameters),
        boto3.client("s3", config=CLIENT),
        boto3.client("events", config=CLIENT),
        boto3.client("dynamodb", config=CLIENT),
        boto3.client("sqs", config=CLIENT),
    )


# While a container starts it has a whole processor for nothing: clients are made here, and not in the first event.
handler = _handler()
