from __future__ import annotations

import io
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from cleanup.parts import CleanupError, run
from student_helper.deadline import MARGIN_SECONDS, Deadline

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Clock:
    """An invocation whose time goes by as parts say."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds + MARGIN_SECONDS

    def deadline(self) -> Deadline:
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: int(self.seconds * 1000))
        return Deadline(cast("LambdaContext", context))


class Steps:
    """A part whose steps each remove one thing and take some time."""

    def __init__(self, clock: Clock, steps: int, seconds: float = 0) -> None:
        self._clock = clock
        self._steps = steps
        self._seconds = seconds

    def clean(self) -> Iterator[int]:
        for _ in range(self._steps):
            self._clock.seconds -= self._seconds
            yield 1


class Broken:
    """A part that fails after its first step."""

    def clean(self) -> Iterator[int]:
        yield 5
        raise RuntimeError("an internal detail")


def test_each_part_tells_how_much_it_removed() -> None:
    clock = Clock(300)

    assert run({"a": Steps(clock, 2), "b": Steps(clock, 0)}, clock.deadline()) == {"a": 2, "b": 0}


def test_a_part_that_fails_stops_no_other_and_fails_the_whole(logs: io.StringIO) -> None:
    clock = Clock(300)

    with pytest.raises(CleanupError, match=r"^Failed: a, c$"):
        run({"a": Broken(), "b": Steps(clock, 3), "c": Broken()}, clock.deadline())

    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    assert [(line["message"], line.get("part")) for line in lines] == [
        ("A part failed", "a"),
        ("A part failed", "c"),
        ("Cleaned up", None),
    ]
    assert lines[-1]["counts"] == {"a": 5, "b": 3, "c": 5}


def test_a_part_without_end_leaves_the_others_their_share(logs: io.StringIO) -> None:
    clock = Clock(300)
    endless = Steps(clock, 1000, seconds=10)

    removed = run({"a": endless, "b": Steps(clock, 3, seconds=10), "c": endless}, clock.deadline())

    # 100 s each; what b does not take is c's.
    assert removed == {"a": 10, "b": 3, "c": 17}
    assert clock.deadline().seconds_left() == 0
    warned = [line for line in map(json.loads, logs.getvalue().splitlines()) if line["level"] == "WARNING"]
    assert [line["part"] for line in warned] == ["a", "c"]
