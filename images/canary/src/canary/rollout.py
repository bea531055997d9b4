"""A canary: a share of an alias' traffic goes to a new version, and comes back."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import BaseModel, Field

from student_helper.deadline import Deadline
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import AliasConfigurationResponseTypeDef

POLL_SECONDS = 5.0
"""Between two looks: CloudWatch knows of an error within a minute or so, and an alarm costs nothing to be asked for."""

METRIC_PERIOD_SECONDS = 60
"""Lambda counts errors by the minute; faults are asked for likewise."""


class CanaryError(Exception):
    """The new version does not serve; the message says why, and names function, version and what serves."""


class Canary(BaseModel):
    """What to try, and for how long."""

    function_name: str
    alias: str
    """What is invoked, such as `live`."""
    version: str
    """The version that is to serve."""
    percent: int = Field(ge=1, le=50)
    """The new version's share of the traffic meanwhile."""
    minutes: int = Field(ge=1, le=14)
    alarms: list[str]
    """Names of CloudWatch alarms that speak against the new version; those that do not exist say nothing."""


class Rollout:
    """Tries a new version before an alias points to it."""

    def __init__(self, aws_lambda: "LambdaClient", cloudwatch: "CloudWatchClient", namespace: str) -> None:
        """Nothing is asked yet.

        Args:
            aws_lambda: its role must allow `lambda:GetAlias` and `lambda:UpdateAlias` on the function.
            cloudwatch: its role must allow `cloudwatch:DescribeAlarms` on the alarms, and `cloudwatch:GetMetricData`.
            namespace: of the functions' own metrics.
        """
        self._lambda = aws_lambda
        self._cloudwatch = cloudwatch
        self._namespace = namespace

    def run(self, canary: Canary, deadline: Deadline) -> str:
        """Sends the new version its share of the traffic for a time; afterwards it has none, whatever happened.

        Returns:
            What came of it, in words.

        Raises:
            CanaryError: the new version failed, an alarm fired, or somebody else changed the alias meanwhile.
        """
        alias = self._alias(canary)
        if alias is None:
            return f"{canary.function_name} has no alias {canary.alias} yet"
        live = alias["FunctionVersion"]
        if live == canary.version:
            return f"{canary.alias} points to version {live} already"
        seconds = canary.minutes * 60
        if deadline.seconds_left() < seconds + POLL_SECONDS:
            raise CanaryError(
                f"{canary.minutes} minutes are longer than the canary function may run: nothing was changed. "
                "Raise its timeoutSeconds, or lower canary.minutes"
            )
        # What fired before says nothing about a version that nobody has used; the new version may even mend it.
        fired_before = set(self._fired(canary.alarms))
        watched = [alarm for alarm in canary.alarms if alarm not in fired_before]
        begin = datetime.now(UTC)
        with self._share(canary, live):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(min(POLL_SECONDS, max(0.0, end - time.monotonic())))
                self._check(canary, live, watched, begin)
        return f"version {canary.version} had {canary.percent} % of the traffic for {canary.minutes} minutes"

    def _check(self, canary: Canary, live: str, alarms: list[str], begin: datetime) -> None:
        """Raises what speaks against the new version."""
        alias = self._alias(canary)
        if alias is None or alias["FunctionVersion"] != live or canary.version not in _weights(alias):
            raise CanaryError(
                f"Version {canary.version} of {canary.function_name} is not rolled out: somebody else, such as a "
                f"rollback, changed {canary.alias} meanwhile"
            )
        stays = f"{canary.alias} stays at version {live}"
        fired = self._fired(alarms)
        if fired:
            raise CanaryError(
                f"Version {canary.version} of {canary.function_name} was taken back, {stays}: "
                f"alarm {', '.join(fired)} fired while it had {canary.percent} % of the traffic"
            )
        failures = self._failures(canary, begin)
        if failures:
            raise CanaryError(
                f"Version {canary.version} of {canary.function_name} was taken back, {stays}: "
                f"{failures} of its calls failed while it had {canary.percent} % of the traffic"
            )

    @contextmanager
    def _share(self, canary: Canary, live: str) -> Iterator[None]:
        logger.info("The new version gets traffic", extra=canary.model_dump() | {"live": live})
        try:
            self._set_weights(canary, {canary.version: canary.percent / 100})
            yield
        finally:
            # Also if setting them failed: it may have had its effect.
            self._set_weights(canary, {})
            logger.info("The new version has no share of the traffic any more", extra={"version": canary.version})

    def _set_weights(self, canary: Canary, weights: dict[str, float]) -> None:
        self._lambda.update_alias(
            FunctionName=canary.function_name, Name=canary.alias, RoutingConfig={"AdditionalVersionWeights": weights}
        )

    def _alias(self, canary: Canary) -> "AliasConfigurationResponseTypeDef | None":
        try:
            return self._lambda.get_alias(FunctionName=canary.function_name, Name=canary.alias)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None

    def _fired(self, alarms: list[str]) -> list[str]:
        # Without names, all alarms of the account would be meant.
        if not alarms:
            return []
        answer = self._cloudwatch.describe_alarms(AlarmNames=alarms)
        return [alarm["AlarmName"] for alarm in answer["MetricAlarms"] if alarm["StateValue"] == "ALARM"]

    def _failures(self, canary: Canary, begin: datetime) -> int:
        """How many calls of the new version failed: with an error, or with a fault, which the function answers instead.

        Lambda counts errors for each version of a weighted alias, and the functions their faults for each version:
        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html, `student_helper.metrics.fault`.
        """
        errors = {
            "FunctionName": canary.function_name,
            "Resource": f"{canary.function_name}:{canary.alias}",
            "ExecutedVersion": canary.version,
        }
        faults = {"service": canary.function_name, "version": canary.version}
        answer = self._cloudwatch.get_metric_data(
            StartTime=begin.replace(second=0, microsecond=0),
            EndTime=datetime.now(UTC) + timedelta(seconds=METRIC_PERIOD_SECONDS),
            MetricDataQueries=[
                _sum("errors", "AWS/Lambda", "Errors", errors),
                _sum("faults", self._namespace, "Faults", faults),
            ],
        )
        return int(sum(sum(result["Values"]) for result in answer["MetricDataResults"]))


def _sum(query: str, namespace: str, name: str, dimensions: Mapping[str, str]) -> "MetricDataQueryTypeDef":
    return {
        "Id": query,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": name,
                "Dimensions": [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()],
            },
            "Period": METRIC_PERIOD_SECONDS,
            "Stat": "Sum",
        },
    }


def _weights(alias: "AliasConfigurationResponseTypeDef") -> Mapping[str, float]:
    return alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
