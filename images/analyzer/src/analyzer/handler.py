"""The function's entry point: events of its queue to the analyzer."""

from typing import TYPE_CHECKING, Any

import boto3
import sqlalchemy as sa

from analyzer.analyzer import Analyzer
from analyzer.model import Model
from analyzer.settings import AnalyzerSettings
from student_helper.checkpoints import Checkpoints
from student_helper.clients import CLIENT
from student_helper.consumer import Consumer
from student_helper.database import connect
from student_helper.events import DocumentProcessed, Events, ImageProcessed
from student_helper.files import Files
from student_helper.items import Items
from student_helper.parameters import Parameters

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

STEP = "analyzer"


def parse(event: dict[str, Any]) -> ImageProcessed | DocumentProcessed:
    """Reads either event that this function waits for; raises `ValueError` for others."""
    if event.get("detail-type") == DocumentProcessed.detail_type:
        return DocumentProcessed.parse(event)
    return ImageProcessed.parse(event)


def create_handler(
    settings: AnalyzerSettings,
    parameters: Parameters,
    engine: sa.Engine,
    s3: "S3Client",
    events: "EventBridgeClient",
    dynamodb: "DynamoDBClient",
    sqs: "SQSClient",
) -> Consumer[ImageProcessed | DocumentProcessed]:
    """Wires the analyzer to its settings and clients."""
    items = Items(engine)
    analyzer = Analyzer(
        items,
        Files(s3, lambda: parameters["storage/bucket"]),
        Model(parameters, settings.anthropic_base_url),
        Events(events, lambda: parameters["events/bus_name"]),
    )
    return Consumer(
        STEP,
        parse,
        analyzer.analyze,
        settings=settings,
        items=items,
        checkpoints=Checkpoints(dynamodb, lambda: parameters["checkpoints/table"]),
        sqs=sqs,
    )


def _handler() -> Consumer[ImageProcessed | DocumentProcessed]:
    settings = AnalyzerSettings.from_environment()
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
