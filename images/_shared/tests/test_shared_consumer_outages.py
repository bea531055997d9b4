"""What becomes of messages when a consumer is killed, or when the database, the checkpoints or a queue are down."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from botocore.exceptions import ClientError

from student_helper.database import Status
from student_helper.errors import RefusedError, RejectedError, RetryLaterError
from student_helper.items import FAILED, Items
from testing_support.aws import LAST_ATTEMPT, Function, object_created
from testing_support.rows import OWNER, add_item, execute, existing_item

if TYPE_CHECKING:
    import io
    from collections.abc import Callable
    from uuid import UUID

    from testing_support.metrics import Metric
    from testing_support.work import Work


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


def test_a_refused_message_is_not_lost_when_the_dead_letter_queue_does_not_take_it(
    function: Function, work: Work, item_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.error = RefusedError("voyage")

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "SendMessage")

    monkeypatch.setattr(function.queue, "send_message", refuse)

    assert not function.receive("ItemAnalyzed", item_id)


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


@pytest.mark.parametrize("attempt", [1, LAST_ATTEMPT])
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
    assert existing_item(database, item_id).status == Status.PROCESSING


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

    assert function.receive("ItemAnalyzed", item_id, attempt=LAST_ATTEMPT) is forgotten

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

        assert not first_function.take(uploaded(item_id), attempt=LAST_ATTEMPT)

    item = existing_item(database, item_id)
    assert (item.status, item.reason, item.object_version) == (Status.FAILED, FAILED, None)
    assert first_function.queue.visibility == [0]
    assert "DependencyError: checkpoints is not available" in logs.getvalue()
    assert first_function.take(uploaded(item_id))
    item = existing_item(database, item_id)
    assert (item.status, item.reason, item.object_version) == (Status.PROCESSING, None, "v1")


@pytest.mark.parametrize("status", [Status.READY, Status.REJECTED])
def test_a_second_upload_on_which_no_attempt_could_begin_waits_there_too_and_the_first_stays_as_it_is(
    first_function: Function, database: sa.Engine, monkeypatch: pytest.MonkeyPatch, status: Status
) -> None:
    item_id = add_item(database, status=status)
    stop_table(first_function, monkeypatch)

    assert not first_function.take(uploaded(item_id, 2), attempt=LAST_ATTEMPT)

    assert first_function.queue.visibility == [0]
    item = existing_item(database, item_id)
    assert (item.status, item.object_version) == (status, "v1")


@pytest.mark.parametrize("left", ["rejected", "deleted"])
def test_nothing_waits_for_an_upload_that_was_rejected_or_deleted_though_no_attempt_could_begin(
    first_function: Function, database: sa.Engine, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    item_id = add_item(database, status=Status.REJECTED)
    if left == "deleted":
        execute(database, "delete from items")
    stop_table(first_function, monkeypatch)

    assert first_function.take(uploaded(item_id), attempt=LAST_ATTEMPT)

    assert (first_function.queue.visibility, first_function.queue.dead_letters) == ([], [])


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
