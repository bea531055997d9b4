"""What a consumer tells of its work: log lines and metrics."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from student_helper.errors import (
    AlreadyRejectedError,
    DependencyError,
    ItemGoneError,
    RefusedError,
    RejectedError,
    RetryLaterError,
)
from student_helper.logs import logger
from testing_support.aws import LAST_ATTEMPT, Context, Function
from testing_support.rows import add_item
from testing_support.work import PRIVATE, Work

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    import sqlalchemy as sa

    from testing_support.metrics import Metric

FAULT = [
    ("student-helper-test", {"service": "student-helper-test-tests"}, "Faults", "Count", 1),
    ("student-helper-test", {"service": "student-helper-test-tests", "version": "7"}, "Faults", "Count", 1),
]


@pytest.mark.parametrize(
    "error",
    [None, RejectedError("It is damaged."), RetryLaterError("voyage"), RefusedError("voyage"), DependencyError("s3")],
)
def test_nothing_that_a_student_wrote_is_logged(
    function: Function, work: Work, item_id: UUID, error: Exception | None, logs: io.StringIO
) -> None:
    work.error = error

    function.receive("ItemAnalyzed", item_id, attempt=LAST_ATTEMPT)

    assert PRIVATE not in logs.getvalue()


def test_log_lines_name_the_item_the_step_and_the_attempt(
    function: Function, work: Work, item_id: UUID, logs: io.StringIO
) -> None:
    work.error = ValueError("a bug")

    function.receive("ItemAnalyzed", item_id, attempt=3)

    for part in (f'"item_id":"{item_id}"', '"step":"embedder"', '"attempt":3', "ValueError: a bug"):
        assert part in logs.getvalue()


@pytest.mark.usefixtures("work")
def test_log_lines_name_the_request_that_the_item_came_from(
    function: Function, database: sa.Engine, logs: io.StringIO
) -> None:
    ids = [add_item(database, correlation_id="request-1"), add_item(database), uuid4()]

    for item_id in ids:
        function.receive("ItemAnalyzed", item_id)

    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    assert [(line["item_id"], line["message"], line.get("correlation_id")) for line in lines] == [
        (str(ids[0]), "Step done", "request-1"),
        (str(ids[1]), "Step done", None),
        (str(ids[2]), "The item is gone", None),
    ]
    assert logger.get_correlation_id() is None


@pytest.mark.parametrize(
    ("error", "attempt", "name"),
    [
        (RejectedError("It is damaged."), 1, "ItemsRejected"),
        (RetryLaterError("voyage"), LAST_ATTEMPT, "ItemsFailed"),
    ],
)
def test_items_that_are_rejected_or_fail_are_counted(
    function: Function,
    work: Work,
    item_id: UUID,
    error: Exception,
    attempt: int,
    name: str,
    metrics: Callable[[], list[Metric]],
) -> None:
    work.error = error

    function.receive("ItemAnalyzed", item_id, attempt=attempt)

    assert metrics() == [("student-helper-test", {"service": "pipeline"}, name, "Count", 1)]


def test_an_attempt_that_fails_by_a_bug_is_a_fault_of_the_function_and_of_its_version(
    function: Function, work: Work, item_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    work.error = ValueError("a bug")

    function.receive("ItemAnalyzed", item_id)

    faults = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    # Without a time as RFC 3339 has it, Lambda takes a line for one of INFO.
    times = [datetime.fromisoformat(fault.pop("timestamp")).timestamp() for fault in faults]
    assert times == pytest.approx([fault["_aws"].pop("Timestamp") / 1000 for fault in faults], abs=1)
    assert faults == [
        {
            "_aws": {
                "CloudWatchMetrics": [
                    {
                        "Namespace": "student-helper-test",
                        "Dimensions": [list(dimensions)],
                        "Metrics": [{"Name": "Faults", "Unit": "Count"}],
                    }
                ]
            },
            **dimensions,
            "level": "ERROR",
            "Faults": [1.0],
        }
        for _, dimensions, *_ in FAULT
    ]


def test_a_request_that_a_vendor_refuses_is_a_fault(
    function: Function, work: Work, item_id: UUID, metrics: Callable[[], list[Metric]]
) -> None:
    work.error = RefusedError("voyage")

    function.receive("ItemAnalyzed", item_id)

    assert metrics() == [*FAULT, ("student-helper-test", {"service": "pipeline"}, "ItemsFailed", "Count", 1)]


def test_a_message_that_cannot_be_read_is_a_fault(function: Function, metrics: Callable[[], list[Metric]]) -> None:
    record = {"messageId": "message", "receiptHandle": "receipt", "body": "{}", "eventSource": "aws:sqs"}

    function.handler({"Records": [record]}, Context(60))

    assert metrics() == FAULT


def test_a_database_that_is_down_is_no_fault(
    function: Function,
    work: Work,
    item_id: UUID,
    stop_database: Callable[[], None],
    metrics: Callable[[], list[Metric]],
) -> None:
    work.meanwhile = stop_database
    work.error = RejectedError("It cannot be noted.")

    assert not function.receive("ItemAnalyzed", item_id)

    assert metrics() == []


def test_somebody_else_at_the_step_is_no_fault(
    function: Function, work: Work, item_id: UUID, metrics: Callable[[], list[Metric]]
) -> None:
    work.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        function.receive("ItemAnalyzed", item_id, seconds=60)

    assert not function.receive("ItemAnalyzed", item_id)

    assert metrics() == []


@pytest.mark.parametrize(
    "error", [None, RetryLaterError("voyage"), DependencyError("s3"), ItemGoneError(), AlreadyRejectedError()]
)
def test_nothing_is_counted_while_the_work_goes_on(
    function: Function, work: Work, item_id: UUID, error: Exception | None, metrics: Callable[[], list[Metric]]
) -> None:
    work.error = error

    function.receive("ItemAnalyzed", item_id)

    assert metrics() == []
