"""The function's entry point: an update of the stack to the canary."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from canary.rollout import Canary, Rollout
from student_helper.clients import CLIENT
from student_helper.deadline import Deadline
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient

Handler = Callable[[dict[str, object], LambdaContext], dict[str, str]]


def create_handler(aws_lambda: "LambdaClient", cloudwatch: "CloudWatchClient", namespace: str) -> Handler:
    """Wires the canary to its clients, and to the functions' own metrics."""
    rollout = Rollout(aws_lambda, cloudwatch, namespace)

    @logger.inject_lambda_context(log_event=False)
    def handle(event: dict[str, object], context: LambdaContext) -> dict[str, str]:
        result = rollout.run(Canary.model_validate(event), Deadline(context))
        logger.info("Canary ended", extra={"result": result})
        return {"result": result}

    return handle


# The share must come back: for that the client asks longer than others do.
PATIENT = CLIENT.merge(Config(retries={"mode": "standard", "max_attempts": 6}))

handler = create_handler(
    boto3.client("lambda", config=PATIENT),
    boto3.client("cloudwatch", config=PATIENT),
    os.environ["POWERTOOLS_METRICS_NAMESPACE"],
)
"""Tries a new version of a function; whatever speaks against it is raised, and fails the deployment."""
