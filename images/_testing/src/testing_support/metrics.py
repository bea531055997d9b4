"""Metrics as CloudWatch reads them from a function's log."""

import json
from typing import NamedTuple


class Metric(NamedTuple):
    """One value of a metric."""

    namespace: str
    dimensions: dict[str, str]
    name: str
    unit: str
    value: float


def read_metrics(log: str) -> list[Metric]:
    """The metrics in a log.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
    """
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [
        Metric(
            directive["Namespace"],
            {name: line[name] for names in directive["Dimensions"] for name in names},
            metric["Name"],
            metric["Unit"],
            value,
        )
        for line in lines
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in directive["Metrics"]
        for value in line[metric["Name"]]
    ]
