from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from botocore.exceptions import ClientError

from student_helper.database import Item, Status
from student_helper.deadline import MARGIN_SECONDS
from student_helper.errors import DependencyError, RefusedError, RejectedError, RetryLaterError
from student_helper.items import FAILED, Items
from testing_support.aws import ENVIRONMENT, Context, Function, event, object_created
from testing_support.rows import OWNER, add_item, execute, read_item

if TYPE_CHECKING:
    from testing_support.metrics import Metric
    from testing_support.work import Work

LAST = int(ENVIRONMENT["MAX_RECEIVES"])


class KilledError(BaseException):
    """What ends a function in the middle of its work: no code runs any more that could clean up."""


def stop_table(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the table of checkpoints be down from now on."""

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "PutItem")

    monkeypatch.setattr(function.table, "put_item", refuse)


def uploaded(item_id: UUID, number: int = 1) -> dict[str, Any]:
    """S3's event of an item's first upload, or of a later one."""
    return object_created(f"uploads/images/{OWNER}/{item_id}", f"v{number}", f"{number}A")


def found(database: sa.Engine, item_id: UUID) -> Item:
    item = read_item(database, item_id)
    assert item is not None
    return item


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
    assert found(database, item_id).status == Status.PROCESSING
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

    assert not function.receive("ItemAnalyzed", item_id, attempt=LAST)

    assert function.queue.visibility == [0]
    item = found(database, item_id)
    assert (item.status, item.reason) == (Status.FAILED, FAILED)


def test_a_redrive_does_the_work_again(function: Function, work: Work, database: sa.Engine, item_id: UUID) -> None:
    work.error = RetryLaterError("voyage")
    function.receive("ItemAnalyzed", item_id, attempt=LAST)
    work.error = None

    assert function.receive("ItemAnalyzed", item_id)

    assert work.done == 2
    item = found(database, item_id)
    assert (item.status, item.reason) == (Status.PROCESSING, None)


@pytest.mark.parametrize("error", [RefusedError("voyage"), RetryLaterError("voyage", 12 * 60 * 60)])
@pytest.mark.parametrize("attempt", [1, LAST])
def test_what_is_useless_to_try_again_waits_for_an_operator(
    function: Function, work: Work, database: sa.Engine, item_id: UUID, error: Exception, attempt: int
) -> None:
    work.error = error

    assert function.receive("ItemAnalyzed", item_id, attempt=attempt)

    assert function.queue.dead_letters == [event("ItemAnalyzed", item_id)]
    assert found(database, item_id).status == Status.FAILED
    assert function.table.rows == {}


def test_a_refused_message_is_not_lost_when_the_dead_letter_queue_does_not_take_it(
    function: Function, work: Work, item_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.error = RefusedError("voyage")

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "SendMessage")

    monkeypatch.setattr(function.queue, "send_message", refuse)

    assert not function.receive("ItemAnalyzed", item_id)


def test_a_rejected_upload_is_not_looked_at_again(
    function: Function, work: Work, database: sa.Engine, item_id: UUID
) -> None:
    work.error = RejectedError("This file has a password.")

    assert [function.receive("ItemAnalyzed", item_id) for _ in range(2)] == [True] * 2

    assert work.done == 1
    item = found(database, item_id)
    assert (item.status, item.reason) == (Status.REJECTED, "This file has a password.")


@pytest.mark.parametrize("interruption", [KilledError(), sa.exc.OperationalError("COMMIT", {}, Exception("cut off"))])
def test_a_rejection_that_was_noted_but_has_no_checkpoint_is_found_by_the_next_attempt(
    function: Function,
    work: Work,
    items: Items,
    item_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
    interruption: BaseException,
) -> None:
    reject = items.reject

    def reject_and_end(*arguments: Any) -> None:
        reject(*arguments)
        raise interruption

    monkeypatch.setattr(items, "reject", reject_and_end)
    work.error = RejectedError("This file has a password.")
    with contextlib.suppress(KilledError):
        function.receive("ItemAnalyzed", item_id, seconds=-0.1)

    assert function.receive("ItemAnalyzed", item_id, attempt=2)

    assert work.done == 1
    assert [row["status"] for row in function.table.rows.values()] == [{"S": "COMPLETED"}]


def test_a_rejection_that_cannot_be_noted_is_tried_again(
    function: Function, work: Work, item_id: UUID, stop_database: Callable[[], None]
) -> None:
    work.error = RejectedError("This file has a password.")
    work.meanwhile = stop_database

    assert not function.receive("ItemAnalyzed", item_id)

    assert function.queue.visibility == [30]
    assert function.table.rows == {}


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

    assert function.receive("ItemAnalyzed", item_id, attempt=LAST)

    assert (read_item(database, item_id), function.queue.dead_letters) == (None, [])


@pytest.mark.parametrize("attempt", [1, LAST])
def test_a_message_waits_while_somebody_else_is_at_its_step(
    function: Function, work: Work, database: sa.Engine, item_id: UUID, attempt: int
) -> None:
    work.error = KilledError()
    with pytest.raises(KilledError):
        function.receive("ItemAnalyzed", item_id, seconds=60)
    work.error = None

    assert not function.receive("ItemAnalyzed", item_id, attempt=attempt, seconds=100)

    assert function.queue.visibility == [100]
    assert work.done == 1
    assert found(database, item_id).status == Status.PROCESSING


def test_the_step_of_a_killed_function_is_done_again_after_its_time(
    function: Function, work: Work, item_id: UUID
) -> None:
    work.error = KilledError()
    with pytest.raises(KilledError):
        function.receive("ItemAnalyzed", item_id, seconds=-0.1)
    work.error = None

    assert function.receive("ItemAnalyzed", item_id, attempt=2)

    assert work.done == 2


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 30), (2, 30), (3, 50)])
def test_a_database_that_is_down_fails_the_attempt_and_has_time_to_come_back(
    function: Function,
    work: Work,
    item_id: UUID,
    stop_database: Callable[[], None],
    logs: io.StringIO,
    attempt: int,
    seconds: int,
) -> None:
    stop_database()

    assert not function.receive("ItemAnalyzed", item_id, attempt=attempt)

    assert function.queue.visibility == [seconds]
    assert work.done == 0
    assert "OperationalError" in logs.getvalue()


@pytest.mark.parametrize(
    ("error", "forgotten", "visibility", "sent"),
    [(RetryLaterError("voyage"), False, [0], 0), (RefusedError("voyage"), True, [], 1)],
)
def test_a_failure_that_cannot_be_noted_sends_the_message_to_the_dead_letter_queue_nevertheless(
    function: Function,
    work: Work,
    item_id: UUID,
    stop_database: Callable[[], None],
    logs: io.StringIO,
    metrics: Callable[[], list[Metric]],
    error: Exception,
    forgotten: bool,
    visibility: list[int],
    sent: int,
) -> None:
    work.error = error
    work.meanwhile = stop_database

    assert function.receive("ItemAnalyzed", item_id, attempt=LAST) is forgotten

    assert (function.queue.visibility, len(function.queue.dead_letters)) == (visibility, sent)
    assert f"{type(error).__name__}: {error}" in logs.getvalue()
    assert "OperationalError" in logs.getvalue()
    assert [metric.name for metric in metrics()].count("ItemsFailed") == 1


def test_a_table_of_checkpoints_that_is_down_fails_the_attempt(
    function: Function, work: Work, item_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_table(function, monkeypatch)

    assert not function.receive("ItemAnalyzed", item_id)

    assert function.queue.visibility == [2]
    assert work.done == 0


def test_an_upload_on_which_no_attempt_could_begin_waits_in_the_dead_letter_queue_and_is_done_by_a_redrive(
    first_function: Function, database: sa.Engine, monkeypatch: pytest.MonkeyPatch, logs: io.StringIO
) -> None:
    item_id = add_item(database, status=Status.PENDING, object_version=None)
    with monkeypatch.context() as outage:
        stop_table(first_function, outage)

        assert not first_function.take(uploaded(item_id), attempt=LAST)

    item = found(database, item_id)
    assert (item.status, item.reason, item.object_version) == (Status.FAILED, FAILED, None)
    assert first_function.queue.visibility == [0]
    assert "DependencyError: checkpoints is not available" in logs.getvalue()
    assert first_function.take(uploaded(item_id))
    item = found(database, item_id)
    assert (item.status, item.reason, item.object_version) == (Status.PROCESSING, None, "v1")


@pytest.mark.parametrize("status", [Status.READY, Status.REJECTED])
def test_a_second_upload_on_which_no_attempt_could_begin_waits_there_too_and_the_first_stays_as_it_is(
    first_function: Function, database: sa.Engine, monkeypatch: pytest.MonkeyPatch, status: Status
) -> None:
    item_id = add_item(database, status=status)
    stop_table(first_function, monkeypatch)

    assert not first_function.take(uploaded(item_id, 2), attempt=LAST)

    assert first_function.queue.visibility == [0]
    item = found(database, item_id)
    assert (item.status, item.object_version) == (status, "v1")


@pytest.mark.parametrize("left", ["rejected", "deleted"])
def test_nothing_waits_for_an_upload_that_was_rejected_or_deleted_though_no_attempt_could_begin(
    first_function: Function, database: sa.Engine, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    item_id = add_item(database, status=Status.REJECTED)
    if left == "deleted":
        execute(database, "delete from items")
    stop_table(first_function, monkeypatch)

    assert first_function.take(uploaded(item_id), attempt=LAST)

    assert (first_function.queue.visibility, first_function.queue.dead_letters) == ([], [])


def test_a_refused_message_about_a_version_that_was_replaced_waits_for_an_operator(
    function: Function, work: Work, database: sa.Engine, item_id: UUID
) -> None:
    work.meanwhile = lambda: execute(database, "update items set object_version = 'v2'")
    work.error = RefusedError("voyage")

    assert function.receive("ItemAnalyzed", item_id)

    assert function.queue.dead_letters == [event("ItemAnalyzed", item_id)]
    assert found(database, item_id).status == Status.PROCESSING


def test_a_message_whose_delay_cannot_be_set_comes_back_by_itself(
    function: Function, work: Work, item_id: UUID, monkeypatch: pytest.MonkeyPatch, logs: io.StringIO
) -> None:
    work.error = ValueError("a bug")

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalError"}}, "ChangeMessageVisibility")

    monkeypatch.setattr(function.queue, "change_message_visibility", refuse)

    assert not function.receive("ItemAnalyzed", item_id)

    assert "A message keeps the queue's own visibility timeout" in logs.getvalue()
    assert "a bug" in logs.getvalue()


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
