"""A new version gets a share of the traffic, and loses it again."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from canary_function import FUNCTION, Function
from pydantic import ValidationError

from canary.rollout import CanaryError

ALARM = "student-helper-test-api-errors"
SHARE_AND_BACK = [{"7": 0.1}, {}]


def test_a_version_without_faults_has_its_share_for_the_whole_time(function: Function) -> None:
    assert function.run() == "version 7 had 10 % of the traffic for 5 minutes"

    assert function.aws_lambda.history == SHARE_AND_BACK
    assert sum(function.slept) == pytest.approx(300)


def test_the_errors_and_faults_of_the_new_version_alone_are_asked_for(function: Function) -> None:
    function.run()

    assert function.cloudwatch.queries[-1]["MetricDataQueries"] == [
        {
            "Id": "errors",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": "Errors",
                    "Dimensions": [
                        {"Name": "FunctionName", "Value": FUNCTION},
                        {"Name": "Resource", "Value": f"{FUNCTION}:live"},
                        {"Name": "ExecutedVersion", "Value": "7"},
                    ],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        },
        {
            "Id": "faults",
            "MetricStat": {
                "Metric": {
                    "Namespace": "student-helper-test",
                    "MetricName": "Faults",
                    "Dimensions": [{"Name": "service", "Value": FUNCTION}, {"Name": "version", "Value": "7"}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        },
    ]


def test_an_alarm_takes_the_version_back_at_once(function: Function) -> None:
    function.meanwhile = lambda: function.cloudwatch.alarms.update({ALARM: "ALARM"})

    with pytest.raises(CanaryError) as error:
        function.run()

    assert str(error.value) == (
        "Version 7 of student-helper-test-api was taken back, live stays at version 6: alarm "
        "student-helper-test-api-errors fired while it had 10 % of the traffic"
    )
    assert function.aws_lambda.history == SHARE_AND_BACK
    assert sum(function.slept) == pytest.approx(60)


@pytest.mark.parametrize(
    ("failures", "count"),
    [
        ({"Errors": [2.0, 1.0], "Faults": []}, 3),
        # It answers 500, or leaves each message to its queue, and no call of it ends in an error.
        ({"Errors": [0.0, 0.0], "Faults": [2.0, 2.0]}, 4),
        ({"Errors": [1.0], "Faults": [1.0]}, 2),
    ],
)
def test_errors_and_faults_of_the_version_take_it_back(
    function: Function, failures: dict[str, list[float]], count: int
) -> None:
    function.meanwhile = lambda: function.cloudwatch.failures.update(failures)

    with pytest.raises(CanaryError, match=rf"live stays at version 6: {count} of its calls failed while it had 10 %"):
        function.run()

    assert function.aws_lambda.history == SHARE_AND_BACK


def test_an_alarm_that_fired_before_does_not_count(function: Function) -> None:
    function.cloudwatch.alarms[ALARM] = "ALARM"

    assert function.run().startswith("version 7 had")


def test_no_alarm_has_to_exist(function: Function) -> None:
    function.cloudwatch.alarms.clear()

    assert function.run().startswith("version 7 had")
    assert function.run(version="8", alarms=[]).startswith("version 8 had")


def test_a_function_that_is_new_needs_no_canary(function: Function) -> None:
    function.aws_lambda.live = None

    assert function.run() == "student-helper-test-api has no alias live yet"
    assert function.aws_lambda.history == []


def test_a_version_that_serves_needs_no_canary(function: Function) -> None:
    function.aws_lambda.live = "7"

    assert function.run() == "live points to version 7 already"
    assert function.aws_lambda.history == []


@pytest.mark.parametrize("change", [{"live": "5"}, {"weights": {}}])
def test_a_rollback_meanwhile_ends_it_and_is_kept(function: Function, change: dict[str, object]) -> None:
    function.meanwhile = lambda: vars(function.aws_lambda).update(change)

    with pytest.raises(CanaryError, match=r"^Version 7 of student-helper-test-api is not rolled out: somebody else"):
        function.run()

    assert function.aws_lambda.live == change.get("live", "6")
    assert function.aws_lambda.weights == {}


def test_the_share_comes_back_when_aws_fails(function: Function) -> None:
    function.aws_lambda.refuses = True

    with pytest.raises(ClientError):
        function.run()

    assert function.aws_lambda.history == SHARE_AND_BACK


def test_nothing_is_changed_without_the_time_to_take_it_back(function: Function) -> None:
    with pytest.raises(CanaryError, match=r"^5 minutes are longer than .* nothing was changed"):
        function.run(seconds=300)

    assert function.aws_lambda.history == []


@pytest.mark.parametrize("change", [{"percent": 0}, {"percent": 51}, {"minutes": 15}, {"minutes": 0.5}])
def test_a_share_or_a_time_that_is_not_allowed_is_refused(function: Function, change: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        function.run(**change)

    assert function.aws_lambda.history == []


def test_the_module_that_lambda_loads_makes_its_handler(function: Function) -> None:
    from canary.handler import handler

    assert callable(handler)
    assert function.aws_lambda.history == []
