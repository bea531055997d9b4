"""The function's entry point: API Gateway's events to the application."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import sqlalchemy as sa
from aws_lambda_powertools.logging import correlation_paths
from botocore.config import Config
from mangum import Mangum
from mangum.types import LambdaContext

from api.app import create_app
from api.health import HealthCheck
from api.items import Items
from api.problems import MEDIA_TYPE
from api.running_image import RunningImage
from api.search import QueryEmbedder, Search
from api.services import Services
from api.settings import ApiSettings
from api.storage import Storage, s3_client
from student_helper.checkpoints import Checkpoints
from student_helper.clients import CLIENT
from student_helper.database import connect
from student_helper.files import Files
from student_helper.logs import logger
from student_helper.parameters import Parameters

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# Somebody waits for the answer: one attempt less than where nobody does.
_CLIENT = CLIENT.merge(Config(retries={"mode": "standard", "max_attempts": 2}))

# It would print the traceback of an unexpected error a second time, and not as JSON.
logging.getLogger("mangum.http").setLevel(logging.CRITICAL + 1)


def create_handler(
    settings: ApiSettings,
    parameters: Parameters,
    engine: sa.Engine,
    s3: "S3Client",
    dynamodb: "DynamoDBClient",
    make_lambda: "Callable[[], LambdaClient]",
) -> Handler:
    """Wires the application to its settings and clients."""
    files = Files(s3, lambda: parameters["storage/bucket"])
    storage = Storage(s3, lambda: parameters["storage/bucket"], settings.max_upload_bytes)
    checkpoints = Checkpoints(dynamodb, lambda: parameters["checkpoints/table"])
    app = create_app(
        Services(
            settings,
            parameters,
            HealthCheck(parameters, files, engine),
            RunningImage(make_lambda, settings.aws_lambda_function_name, settings.aws_lambda_function_version),
            Items(engine, storage, files, checkpoints),
            Search(engine, QueryEmbedder(parameters, settings.voyage_base_url)),
        )
    )
    # Bodies of other types than these would be sent in base64.
    mangum = Mangum(app, lifespan="off", text_mime_types=["application/json", MEDIA_TYPE])

    @logger.inject_lambda_context(
        correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True, log_event=False
    )
    def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return mangum(event, context)

    return handle


def _handler() -> Handler:
    settings = ApiSettings.from_environment()
    parameters = Parameters.named_by(settings, boto3.client("ssm", config=_CLIENT))
    return create_handler(
        settings,
        parameters,
        connect(parameters),
        s3_client(_CLIENT),
        boto3.client("dynamodb", config=_CLIENT),
        # Only /health needs it.
        make_lambda=lambda: boto3.client("lambda", config=_CLIENT),
    )


# While a container starts it has a whole processor for nothing: clients are made here, and not in the first request.
handler = _handler()
