"""The canary function, an alias and CloudWatch in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

FUNCTION = "student-helper-test-api"
EVENT = {
    "function_name": FUNCTION,
    "alias": "live",
    "version": "7",
    "percent": 10,
    "minutes": 5,
    "alarms": ["student-helper-test-api-errors"],
}


@dataclass
class FakeLambda:
    """The alias `live` of one function."""

    live: str | None = "6"
    weights: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    """The weights that were set."""
    refuses: bool = False

    def get_alias(self, *, FunctionName: str, Name: str) -> Any:  # noqa: N803
        """What the alias points to."""
        assert (FunctionName, Name) == (FUNCTION, "live")
        if self.live is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, "GetAlias")
        routing = {"RoutingConfig": {"AdditionalVersionWeights": self.weights}} if self.weights else {}
        return {"FunctionVersion": self.live} | routing

    def update_alias(self, *, FunctionName: str, Name: str, RoutingConfig: Any) -> Any:  # noqa: N803
        """Sets weights."""
        assert (FunctionName, Name) == (FUNCTION, "live")
        self.weights = RoutingConfig["AdditionalVersionWeights"]
        self.history.append(self.weights)
        if self.refuses and self.weights:
            raise ClientError({"Error": {"Code": "ServiceException", "Message": "busy"}}, "UpdateAlias")
        return {}


@dataclass
class FakeCloudWatch:
    """Some alarms, and the errors and faults of the new version."""

    alarms: dict[str, str] = field(default_factory=lambda: {"student-helper-test-api-errors": "OK"})
    failures: dict[str, list[float]] = field(default_factory=lambda: {"Errors": [], "Faults": []})
    queries: list[Any] = field(default_factory=list)

    def describe_alarms(self, *, AlarmNames: list[str]) -> Any:  # noqa: N803
        """The state of those alarms that there are."""
        assert AlarmNames, "without names, all alarms of the account are described"
        found = [{"AlarmName": name, "StateValue": self.alarms[name]} for name in AlarmNames if name in self.alarms]
        return {"MetricAlarms": found}

    def get_metric_data(self, **query: Any) -> Any:
        """The errors and faults by the minute."""
        self.queries.append(query)
        names = [asked["MetricStat"]["Metric"]["MetricName"] for asked in query["MetricDataQueries"]]
        return {"MetricDataResults": [{"Values": self.failures[name]} for name in names]}


@dataclass
class Function:
    """The canary function, with what it sees."""

    aws_lambda: FakeLambda
    cloudwatch: FakeCloudWatch
    handler: Callable[[dict[str, Any], Any], dict[str, str]]
    slept: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    """What happens when a minute has passed."""

    def run(self, seconds: float = 900, **changes: Any) -> str:
        """Tries version 7 with so many seconds left; what came of it."""
        context = SimpleNamespace(
            function_name="canary",
            memory_limit_in_mb=256,
            invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:canary",
            aws_request_id="invocation",
            get_remaining_time_in_millis=lambda: int(seconds * 1000),
        )
        return self.handler(EVENT | changes, context)["result"]
