"""What students wait for, as metrics of CloudWatch.

A metric is a line in the log, from which CloudWatch takes it: no request, and nothing to wait for
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html). Their namespace
comes from `POWERTOOLS_METRICS_NAMESPACE`. A function whose log level leaves out INFO has no such metrics: to Lambda, a
line without a level is one of INFO.
"""

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


def _count(name: str) -> None:
    _put(name, MetricUnit.Count, 1)


def _put(name: str, unit: MetricUnit, value: float) -> None:
    with single_metric(name, unit, value, default_dimensions=_DIMENSIONS):
        pass
