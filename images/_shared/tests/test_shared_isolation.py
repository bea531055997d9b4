import faulthandler
import io
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from student_helper.errors import RejectedError
from student_helper.isolation import isolated, prolong


@pytest.fixture(autouse=True)
def no_semaphores(monkeypatch: pytest.MonkeyPatch) -> None:
    """They need /dev/shm, which Lambda does not have."""

    def refuse(*_: Any) -> NoReturn:
        raise OSError("No /dev/shm")

    monkeypatch.setattr("_multiprocessing.SemLock", refuse)


def run(work: Callable[[], Any], seconds: float = 10, megabytes: int = 256) -> Any:
    try:
        return isolated(work, seconds=seconds, megabytes=megabytes)
    finally:
        assert multiprocessing.active_children() == []


def test_work_returns_what_it_made_in_a_process_of_its_own() -> None:
    pid, text = run(lambda: (os.getpid(), "text"))

    assert pid != os.getpid()
    assert text == "text"


def test_a_result_may_be_larger_than_a_pipe() -> None:
    assert run(lambda: b"x" * 20_000_000) == b"x" * 20_000_000


@pytest.mark.parametrize("error", [RejectedError("This file has a password."), ValueError("a bug")])
def test_what_the_work_raises_comes_through(error: Exception) -> None:
    def work() -> NoReturn:
        raise error

    with pytest.raises(type(error), match=f"^{error}$"):
        run(work)


def test_too_much_memory_is_refused_and_leaves_this_process_as_it_is() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)

    with pytest.raises(RejectedError, match="too much memory"):
        run(lambda: bytearray(200 * 1024 * 1024), megabytes=100)

    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_as_much_memory_as_was_granted_can_be_used() -> None:
    assert run(lambda: len(bytearray(100 * 1024 * 1024)), megabytes=150) == 100 * 1024 * 1024


def test_work_without_end_is_ended(logs: io.StringIO) -> None:
    def work() -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            pass

    started = time.monotonic()
    with pytest.raises(RejectedError, match="too long"):
        run(work, seconds=0.2)

    assert time.monotonic() - started < 2
    assert "A file took too long" in logs.getvalue()


def work_for(seconds: float) -> str:
    for _ in range(10):
        time.sleep(seconds / 10)
        prolong(seconds / 10)
    return "done"


def test_work_that_gets_on_may_prolong_its_time() -> None:
    assert isolated(lambda: work_for(1), seconds=0.5, longest_seconds=10, megabytes=256) == "done"


def test_work_prolongs_its_time_no_longer_than_it_is_granted() -> None:
    started = time.monotonic()
    with pytest.raises(RejectedError, match="too long"):
        isolated(lambda: work_for(20), seconds=10, longest_seconds=0.2, megabytes=256)

    assert time.monotonic() - started < 2


def test_work_in_this_process_has_all_time() -> None:
    assert work_for(0.1) == "done"


def exit_at_once() -> NoReturn:
    os._exit(3)


def exit_from_python() -> NoReturn:
    raise SystemExit(3)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.parametrize(
    ("work", "exit_code"),
    [(exit_at_once, 3), (exit_from_python, 3), (kill, -9), (crash, -11)],
)
def test_a_process_that_dies_rejects_the_file(work: Callable[[], Any], exit_code: int, logs: io.StringIO) -> None:
    with pytest.raises(RejectedError, match="cannot be read"):
        run(work)

    assert f'"exit_code":{exit_code}' in logs.getvalue()


def test_a_process_that_dies_in_the_middle_of_its_answer_rejects_the_file() -> None:
    def die(connection: Any, answer: Any) -> NoReturn:
        os.write(connection.fileno(), bytes(answer)[:10])
        os._exit(1)

    def work() -> None:
        multiprocessing.connection.Connection._send = die  # type: ignore[attr-defined]

    with pytest.raises(RejectedError, match="cannot be read"):
        run(work)
