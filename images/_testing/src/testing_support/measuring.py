"""What a function takes for one event, measured in a process of its own."""

import multiprocessing
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

FUNCTION_MEGABYTES = 150
"""More than a function has before its first event: its container has 90."""


class Measured(NamedTuple):
    """What something took of a function."""

    seconds: float
    megabytes: float
    """The most memory, of 1,048,576 bytes, that the function and the largest process which it started had together.

    It is what these two had beyond what the tests had before them, which is what no function has, and
    `FUNCTION_MEGABYTES`. What both have made their own of that is counted twice: there was no more than this."""


def measured(work: Callable[[], object]) -> Measured:
    """Runs work in a forked process, since the system notes but one peak for each.

    Args:
        work: must make its own connections.
    """
    forked = multiprocessing.get_context("fork")
    receiver, sender = forked.Pipe(duplex=False)
    process = forked.Process(target=_child, args=(work, sender))
    process.start()
    sender.close()
    try:
        outcome = receiver.recv()
    finally:
        process.join()
        receiver.close()
    if isinstance(outcome, BaseException):
        raise outcome
    return Measured(*outcome)


def _child(work: Callable[[], object], sender: Connection) -> None:
    inherited = _private_kilobytes()
    started = time.monotonic()
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - the test decides
        sender.send(error)
        return
    seconds = time.monotonic() - started
    kilobytes = sum(
        resource.getrusage(who).ru_maxrss - inherited for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    sender.send((seconds, FUNCTION_MEGABYTES + kilobytes / 1024))


def _private_kilobytes() -> int:
    """What this process has that is no file's; a process that is forked has it from its start."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["RssAnon"].split()[0])
