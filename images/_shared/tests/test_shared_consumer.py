"""What becomes of messages: how their attempts end, and when they come back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from student_helper.database import Status
from student_helper.deadline import MARGIN_SECONDS
from student_helper.errors import DependencyError, RefusedError, RejectedError, RetryLaterError
from student_helper.items import FAILED
from testing_support.aws import LAST_ATTEMPT, Context, Function, event
from testing_support.rows import add_item, execute, existing_item, read_item

if TYPE_CHECKING:
    import io
    from uuid import UUID

    import sqlalchemy as sa

    from testing_support.work import Work


def test_the_work_is_done_once_however_often_its_message_comes(function: Function, work: Work, item_id: UUID) -> None:
    assert [function.receive("ItemAnalyzed", item_id) for _ in range(3)] == [True] * 3

    assert work.done == 1
    assert (function.queue.visibility, function.queue.dead_letters) == ([], [])


def test_the_work_is_told_how_much_time_it_has(function: Function, work: Work, item_id: UUID) -> None:
    function.receive("ItemAnalyzed", item_id, seconds=20)

    assert work.seconds_left == 20 - MARGIN_SECONDS


@pytest.mark.parametrize(
    ("error", "attempt", "seconds"),
    [
        *((ValueError("a bug"), attempt, seconds) for attempt, seconds in enumerate([2, 10, 50], 1)),
        *((DependencyError("storage"), attempt, seconds) for attempt, seconds in enumerate([2, 10, 50], 1)),
        *((RetryLaterError("voyage"), attempt, seconds) for attempt, seconds in enumerate([10, 120, 600], 1)),
    ],
)
def test_a_failed_attempt_comes_back_later_and_later_and_more_so_in_a_vendors_outage(
    function: Function, work: Work, database: sa.Engine, item_id: UUID, error: Exception, attempt: int, seconds: int
) -> None:
    work.error = error

    assert not function.receive("ItemAnalyzed", item_id, attempt=attempt)

    assert function.queue.visibility == [seconds]
    assert existing_item(database, item_id).status == Status.PROCESSING
    assert function.table.rows == {}


@pytest.mark.parametrize(("asked", "seconds"), [(1, 10), (10.2, 11), (3600, 3600)])
def test_retry_after_is_never_undercut(
    function: Function, work: Work, item_id: UUID, asked: float, seconds: int
) -> None:
    work.error = RetryLaterError("voyage", asked)

    assert not function.receive("ItemAnalyzed", item_id, attempt=2)

    assert function.queue.visibility == [seconds]


def test_the_last_attempt_marks_the_item_and_sends_the_message_to_the_dead_letter_queue_at_once(
    function: Function, work: Work, database: sa.Engine, item_id: UUID
) -> None:
    work.error = RetryLaterError("voyage", 30)

    assert not function.receive("ItemAnalyzed", item_id, attempt=LAST_ATTEMPT)

    assert function.queue.visibility == [0]
    item = existing_item(database, item_id)
    assert (item.status, item.reason) == (Status.FAILED, FAILED)


def test_a_redrive_does_the_work_again(function: Function, work: Work, database: sa.Engine, item_id: UUID) -> None:
    work.error = RetryLaterError("voyage")
    function.receive("ItemAnalyzed", item_id, attempt=LAST_ATTEMPT)
    work.error = None

    assert function.receive("ItemAnalyzed", item_id)

    assert work.done == 2
    item = existing_item(database, item_id)
    assert (item.status, item.reason) == (Status.PROCESSING, None)


@pytest.mark.parametrize("error", [RefusedError("voyage"), RetryLaterError("voyage", 12 * 60 * 60)])
@pytest.mark.parametrize("attempt", [1, LAST_ATTEMPT])
def test_what_is_useless_to_try_again_waits_for_an_operator(
    function: Function, work: Work, database: sa.Engine, item_id: UUID, error: Exception, attempt: int
) -> None:
    work.error = error

    assert function.receive("ItemAnalyzed", item_id, attempt=attempt)

    assert function.queue.dead_letters == [event("ItemAnalyzed", item_id)]
    assert existing_item(database, item_id).status == Status.FAILED
    assert function.table.rows == {}


def test_a_rejected_upload_is_not_looked_at_again(
    function: Function, work: Work, database: sa.Engine, item_id: UUID
) -> None:
    work.error = RejectedError("This file has a password.")

    assert [function.receive("ItemAnalyzed", item_id) for _ in range(2)] == [True] * 2

    assert work.done == 1
    item = existing_item(database, item_id)
    assert (item.status, item.reason) == (Status.REJECTED, "This file has a password.")


def test_an_item_that_is_gone_is_nothing_to_work_on(function: Function, work: Work) -> None:
    assert function.receive("ItemAnalyzed", uuid4())

    assert work.done == 0
    assert (function.table.rows, function.queue.visibility) == ({}, [])


@pytest.mark.parametrize(
    "error", [None, RejectedError("It is damaged."), RetryLaterError("voyage"), RefusedError("voyage")]
)
def test_an_item_that_is_deleted_during_the_work_leaves_nothing(
    function: Function, work: Work, database: sa.Engine, item_id: UUID, error: Exception | None
) -> None:
    work.meanwhile = lambda: execute(database, "delete from items")
    work.error = error

    assert function.receive("ItemAnalyzed", item_id, attempt=LAST_ATTEMPT)

    assert (read_item(database, item_id), function.queue.dead_letters) == (None, [])


def test_a_refused_message_about_a_version_that_was_replaced_waits_for_an_operator(
    function: Function, work: Work, database: sa.Engine, item_id: UUID
) -> None:
    work.meanwhile = lambda: execute(database, "update items set object_version = 'v2'")
    work.error = RefusedError("voyage")

    assert function.receive("ItemAnalyzed", item_id)

    assert function.queue.dead_letters == [event("ItemAnalyzed", item_id)]
    assert existing_item(database, item_id).status == Status.PROCESSING


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "{}", '{"source": "student-helper"}'])
def test_a_message_that_cannot_be_read_is_left_to_the_queue(
    function: Function, work: Work, body: str, logs: io.StringIO
) -> None:
    record = {"messageId": "message-1", "receiptHandle": "receipt", "body": body, "eventSource": "aws:sqs"}

    answer = function.handler({"Records": [record]}, Context(60))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert (work.done, function.queue.visibility, function.queue.dead_letters) == (0, [], [])
    assert '"message_id":"message-1"' in logs.getvalue()


def test_one_message_that_fails_does_not_keep_the_others(
    function: Function, work: Work, database: sa.Engine, item_id: UUID
) -> None:
    bodies = ["{", *(json.dumps(event("ItemAnalyzed", known)) for known in (item_id, add_item(database)))]
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "receipt",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSource": "aws:sqs",
        }
        for number, body in enumerate(bodies)
    ]

    answer = function.handler({"Records": records}, Context(60))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert work.done == 2
