"""What students wait for, and what functions do wrong, as metrics of CloudWatch.

A metric is a line in the log, from which CloudWatch takes it: no request, and nothing to wait for
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html). Their namespace
comes from `POWERTOOLS_METRICS_NAMESPACE`. A function whose log level leaves out INFO has none of them but its faults:
to Lambda, a line without a level is one of INFO.
"""

import os
from datetime import UTC, datetime

from aws_lambda_powertools.metrics import MetricUnit, single_metric

# Which function counts is no difference to a student, and each value of a dimension is paid for as a metric.
_DIMENSIONS = {"service": "pipeline"}


def item_ready(seconds: float) -> None:
    """An item can be searched.

    Args:
        seconds: the time since its student asked for leave to upload it.
    """
    _count("ItemsReady")
    _put("TimeToSearchable", MetricUnit.Seconds, seconds)


def item_rejected() -> None:
    """An upload cannot be used."""
    _count("ItemsRejected")


def item_failed() -> None:
    """The work on an item waits for an operator."""
    _count("ItemsFailed")


def fault() -> None:
    """The function has failed at a request or a message, and its own code may be why.

    Lambda counts what a function raises, and nobody what it answers instead. Whoever operates the function looks at its
    faults, and a canary at those of one version: they are counted for both.
    """
    function = {"service": os.environ["AWS_LAMBDA_FUNCTION_NAME"]}
    version = {"version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"]}
    for dimensions in (function, function | version):
        with single_metric("Faults", MetricUnit.Count, 1, default_dimensions=dimensions) as metric:
            # With a time, a line has its own level to Lambda, and none that may be configured leaves out ERROR:
            # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
            metric.add_metadata("level", "ERROR")
            metric.add_metadata("timestamp", datetime.now(UTC).isoformat())


def _count(name: str) -> None:
    _put(name, MetricUnit.Count, 1)


def _put(name: str, unit: MetricUnit, value: float) -> None:
    with single_metric(name, unit, value, default_dimensions=_DIMENSIONS):
        pass
