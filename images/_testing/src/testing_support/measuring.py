"""What a function takes for one event, measured in a process of its own."""

import multiprocessing
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NamedTuple


class Measured(NamedTuple):
    """What something took."""

    seconds: float
    megabytes: float
    """The most memory that its process and the largest of its children had, of 1,048,576 bytes. What these share is
    counted twice, and what the tests have loaded beside the function is counted too: it took no more than this."""


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
    started = time.monotonic()
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - the test decides
        sender.send(error)
        return
    seconds = time.monotonic() - started
    kilobytes = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    sender.send((seconds, kilobytes / 1024))
