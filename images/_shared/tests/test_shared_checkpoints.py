from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from botocore.exceptions import ClientError

from student_helper.checkpoints import EXPIRY, MAX_AGE_SECONDS, Checkpoints, InProgressError
from student_helper.errors import DependencyError, ItemGoneError, RetryLaterError
from testing_support.aws import Context

ITEM = uuid4()

Row = dict[str, dict[str, str]]


@dataclass
class Table:
    """DynamoDB, as far as a condition is an `OR` of `AND`s of comparisons and questions for existence."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """The calls that fail."""
    requests: list[str] = field(default_factory=list)

    def put_item(self, *, Item: Row, **request: Any) -> None:  # noqa: N803
        self._check("put_item", Item, request)
        self.rows[_key(Item)] = Item

    def get_item(self, *, Key: Row, **request: Any) -> Any:  # noqa: N803
        self._check("get_item", Key, request)
        row = self.rows.get(_key(Key))
        return {"Item": row} if row else {}

    def update_item(self, *, Key: Row, UpdateExpression: str, **request: Any) -> None:  # noqa: N803
        self._check("update_item", Key, request)
        row = self.rows.setdefault(_key(Key), dict(Key))
        for name, value in re.findall(r"(#\w+) = (:\w+)", UpdateExpression):
            row[request["ExpressionAttributeNames"][name]] = request["ExpressionAttributeValues"][value]

    def delete_item(self, *, Key: Row, **request: Any) -> None:  # noqa: N803
        self._check("delete_item", Key, request)
        self.rows.pop(_key(Key), None)

    def get_paginator(self, operation: str) -> Table:
        assert operation == "query"
        return self

    def paginate(self, *, ExpressionAttributeValues: Row, **request: Any) -> list[Any]:  # noqa: N803
        self._check("query", {}, request)
        found = [key for key in self.rows if key[0] == ExpressionAttributeValues[":item"]["S"]]
        return [{"Items": [{"item_id": {"S": item_id}, "step": {"S": step}}]} for item_id, step in found]

    def _check(self, operation: str, key: Row, request: dict[str, Any]) -> None:
        self.requests.append(operation)
        if operation in self.broken:
            raise _error(operation, "ProvisionedThroughputExceededException")
        condition = request.get("ConditionExpression")
        if condition is None:
            return
        row = self.rows.get(_key(key), {})
        names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})

        def holds(term: str) -> bool:
            if match := re.fullmatch(r"attribute_(not_)?exists\((#\w+)\)", term):
                return (names[match[2]] in row) != bool(match[1])
            name, operator, value = re.fullmatch(r"(#\w+) ([<=]) (:\w+)", term).groups()  # type: ignore[union-attr]
            if names[name] not in row:
                return False
            ((_, left),), ((kind, right),) = row[names[name]].items(), values[value].items()
            return left == right if operator == "=" else kind == "N" and int(left) < int(right)

        terms = [term.strip() for term in condition.split(" OR ")]
        terms = [term[1:-1] if term.startswith("(") else term for term in terms]
        if not any(all(map(holds, term.split(" AND "))) for term in terms):
            old = {"Item": row} if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and row else {}
            raise _error(operation, "ConditionalCheckFailedException", **old)


def _key(row: Row) -> tuple[str, str]:
    return (row["item_id"]["S"], row["step"]["S"]) if row else ("", "")


def _error(operation: str, code: str, **more: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}} | more
    return ClientError(answer, operation)


class KilledError(BaseException):
    """What ends a function in the middle of its work: no code runs any more that could clean up."""


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def checkpoints(table: Table) -> Checkpoints:
    return Checkpoints(table, lambda: "student-helper-test-checkpoints")  # type: ignore[arg-type]


@dataclass
class Step:
    """A step of work that counts how often it is done, and may end badly."""

    checkpoints: Checkpoints
    done: int = 0
    error: BaseException | None = None

    def once(self, step: str = "analyzer", item_id: UUID = ITEM, version: str = "v1", seconds: float = 60) -> None:
        self.checkpoints.once(step, item_id, version, Context(seconds), self._work)  # type: ignore[arg-type]

    def _work(self) -> None:
        self.done += 1
        if self.error:
            raise self.error


@pytest.fixture
def step(checkpoints: Checkpoints) -> Step:
    return Step(checkpoints)


def test_a_step_is_done_once(step: Step, table: Table) -> None:
    for _ in range(3):
        step.once()

    assert step.done == 1
    ((key, row),) = table.rows.items()
    assert key[0] == str(ITEM)
    assert key[1].startswith("analyzer#")
    assert row["status"] == {"S": "COMPLETED"}


def test_a_checkpoint_outlives_every_message_of_a_queue(step: Step, table: Table) -> None:
    step.once()

    (row,) = table.rows.values()
    assert int(row[EXPIRY]["N"]) == pytest.approx(time.time() + MAX_AGE_SECONDS, abs=5)
    assert MAX_AGE_SECONDS > 14 * 24 * 60 * 60


def test_other_steps_items_and_versions_are_done_for_themselves(step: Step) -> None:
    step.once()
    step.once(step="embedder")
    step.once(item_id=uuid4())
    step.once(version="v2")

    assert step.done == 4


@pytest.mark.parametrize("error", [ValueError("a bug"), RetryLaterError("anthropic", 30), ItemGoneError()])
def test_a_step_that_raises_leaves_nothing_and_can_be_done_again(step: Step, table: Table, error: Exception) -> None:
    step.error = error

    for _ in range(2):
        with pytest.raises(type(error)) as raised:
            step.once()
        assert raised.value is error
        assert table.rows == {}

    assert step.done == 2


def test_a_step_is_not_done_while_somebody_else_is_at_it(step: Step, checkpoints: Checkpoints) -> None:
    other = Step(checkpoints)
    other.error = KilledError()
    with pytest.raises(KilledError):
        other.once(seconds=60)

    with pytest.raises(InProgressError):
        step.once()

    assert step.done == 0


def test_the_step_of_a_killed_function_is_taken_over_after_its_time(step: Step) -> None:
    step.error = KilledError()
    with pytest.raises(KilledError):
        step.once(seconds=-0.1)
    step.error = None

    step.once()
    step.once()

    assert step.done == 2


def test_an_expired_checkpoint_counts_no_more(step: Step, table: Table) -> None:
    step.once()
    (row,) = table.rows.values()
    row[EXPIRY] = {"N": "1"}

    step.once()

    assert step.done == 2


def test_an_item_that_is_deleted_during_a_step_leaves_no_checkpoint(checkpoints: Checkpoints, table: Table) -> None:
    checkpoints.once("analyzer", ITEM, "v1", Context(60), lambda: checkpoints.forget(ITEM) and None)  # type: ignore[arg-type]

    assert table.rows == {}


def test_no_step_is_done_without_a_checkpoint(step: Step, table: Table) -> None:
    table.broken = {"put_item"}

    with pytest.raises(DependencyError, match=r"^checkpoints is not available$"):
        step.once()

    assert step.done == 0


def test_a_step_whose_end_cannot_be_noted_has_failed(step: Step, table: Table, logs: io.StringIO) -> None:
    table.broken = {"update_item"}

    with pytest.raises(DependencyError):
        step.once()

    assert "ProvisionedThroughputExceededException" in logs.getvalue()


def test_how_a_step_failed_is_told_even_if_its_checkpoint_stays(step: Step, table: Table) -> None:
    step.error = RetryLaterError("anthropic", 30)
    table.broken = {"delete_item"}

    with pytest.raises(RetryLaterError) as raised:
        step.once()

    assert raised.value is step.error


def test_all_checkpoints_of_an_item_are_forgotten_and_no_others(
    step: Step, checkpoints: Checkpoints, table: Table
) -> None:
    other = uuid4()
    for name in ("image-processor", "analyzer", "embedder"):
        step.once(step=name)
    step.once(item_id=other)

    assert checkpoints.forget(ITEM) == 3
    assert [key[0] for key in table.rows] == [str(other)]
    assert checkpoints.forget(ITEM) == 0


@pytest.mark.parametrize("operation", ["query", "delete_item"])
def test_checkpoints_that_cannot_be_forgotten_are_a_failed_dependency(
    step: Step, checkpoints: Checkpoints, table: Table, operation: str
) -> None:
    step.once()
    table.broken = {operation}

    with pytest.raises(DependencyError):
        checkpoints.forget(ITEM)
