"""The function's entry point: events of its queue to the embedder."""

from typing import TYPE_CHECKING

import boto3
import sqlalchemy as sa

from embedder.embedder import Embedder
from embedder.model import Model
from embedder.settings import EmbedderSettings
from student_helper.checkpoints import Checkpoints
from student_helper.clients import CLIENT
from student_helper.consumer import Consumer
from student_helper.database import connect
from student_helper.events import ItemAnalyzed
from student_helper.items import Items
from student_helper.parameters import Parameters

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

STEP = "embedder"


def create_handler(
    settings: EmbedderSettings,
    parameters: Parameters,
    engine: sa.Engine,
    dynamodb: "DynamoDBClient",
    sqs: "SQSClient",
) -> Consumer[ItemAnalyzed]:
    """Wires the embedder to its settings and clients."""
    items = Items(engine)
    embedder = Embedder(items, Model(parameters, settings.voyage_base_url))
    return Consumer(
        STEP,
        ItemAnalyzed.parse,
        embedder.embed,
        settings=settings,
        items=items,
        checkpoints=Checkpoints(dynamodb, lambda: parameters["checkpoints/table"]),
        sqs=sqs,
    )


def _handler() -> Consumer[ItemAnalyzed]:
    settings = EmbedderSettings.from_environment()
    parameters = Parameters.named_by(settings, boto3.client("ssm", config=CLIENT))
    return create_handler(
        settings,
        parameters,
        connect(parameters),
        boto3.client("dynamodb", config=CLIENT),
        boto3.client("sqs", config=CLIENT),
    )


# While a container starts it has a whole processor for nothing: clients are made here, and not in the first event.
handler = _handler()
