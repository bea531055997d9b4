"""What a consumer tells of its work: log lines and metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from student_helper.errors import DependencyError, RefusedError, RejectedError, RetryLaterError
from student_helper.logs import logger
from testing_support.aws import ENVIRONMENT, Function
from testing_support.rows import add_item
from testing_support.work import PRIVATE, Work

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    import sqlalchemy as sa

    from testing_support.metrics import Metric

LAST = int(ENVIRONMENT["MAX_RECEIVES"])


@pytest.mark.parametrize(
    "error",
    [None, RejectedError("It is damaged."), RetryLaterError("voyage"), RefusedError("voyage"), DependencyError("s3")],
)
def test_nothing_that_a_student_wrote_is_logged(
    function: Function, work: Work, item_id: UUID, error: Exception | None, logs: io.StringIO
) -> None:
    work.error = error

    function.receive("ItemAnalyzed", item_id, attempt=LAST)

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
        (RefusedError("voyage"), 1, "ItemsFailed"),
        (RetryLaterError("voyage"), LAST, "ItemsFailed"),
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


@pytest.mark.parametrize("error", [None, RetryLaterError("voyage")])
def test_nothing_is_counted_while_the_work_goes_on(
    function: Function, work: Work, item_id: UUID, error: Exception | None, metrics: Callable[[], list[Metric]]
) -> None:
    work.error = error

    function.receive("ItemAnalyzed", item_id)

    assert metrics() == []
