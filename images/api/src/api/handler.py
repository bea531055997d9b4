"""The function's entry point: API Gateway's events to the application."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.logging import correlation_paths
from botocore.config import Config
from mangum import Mangum
from mangum.types import LambdaContext

from api.app import create_app
from api.health import HealthCheck
from api.items import Items
from api.problems import MEDIA_TYPE
from api.services import Services
from api.settings import ApiSettings
from api.storage import Storage, s3_client
from student_helper.logs import logger
from student_helper.parameters import Parameters

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# API Gateway waits for 30 s at most; botocore's own defaults would let one silent request take 60 s.
_CLIENT = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 2})

# It would print the traceback of an unexpected error a second time, and not as JSON.
logging.getLogger("mangum.http").setLevel(logging.CRITICAL + 1)


def create_handler(settings: ApiSettings, ssm: "SSMClient", s3: "S3Client") -> Handler:
    """Wires the application to its settings and clients."""
    parameters = Parameters(settings.parameter_prefix, ssm)
    storage = Storage(s3, lambda: parameters["storage/bucket"], settings.max_upload_bytes)
    app = create_app(Services(settings, parameters, HealthCheck(parameters, storage), Items(storage)))
    # Bodies of other types than these would be sent in base64.
    mangum = Mangum(app, lifespan="off", text_mime_types=["application/json", MEDIA_TYPE])

    @logger.inject_lambda_context(
        correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True, log_event=False
    )
    def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return mangum(event, context)

    return handle


# While a container starts it has a whole processor for nothing: clients are made here, and not in the first request.
handler = create_handler(ApiSettings.from_environment(), boto3.client("ssm", config=_CLIENT), s3_client(_CLIENT))
