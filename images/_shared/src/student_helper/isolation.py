"""Work on files of strangers in a process of its own: one that takes too much memory or time ends alone.

The libraries that read pictures and documents are large, and the files may be made to harm. Whether one of them fills
the memory, never ends or crashes the process that reads it: the function goes on, and the file is rejected. This is no
sandbox: the process may do whatever the function may.
"""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from student_helper.errors import RejectedError
from student_helper.logs import logger

T = TypeVar("T")

_PROLONGED = "prolonged"

_parent: Connection | None = None
"""To whom the work of this process, which is isolated, tells what becomes of it."""


def isolated(work: Callable[[], T], *, seconds: float, megabytes: int, longest_seconds: float | None = None) -> T:
    """Runs work in a forked process, and returns what it returned.

    Args:
        work: must return, and may raise, what can be pickled.
        seconds: what it may take, unless it prolongs that.
        longest_seconds: what it may take even so; by default no more than `seconds`.
        megabytes: the memory that it may use on top of what this process has, in megabytes of 1,048,576 bytes.

    Raises:
        RejectedError: the work said so; or it took too much time or memory, or its process died.
    """
    forked = multiprocessing.get_context("fork")
    receiver, sender = forked.Pipe(duplex=False)
    process = forked.Process(target=_child, args=(work, sender, megabytes), daemon=True)
    process.start()
    sender.close()
    try:
        outcome, value = _outcome(receiver, seconds, seconds if longest_seconds is None else longest_seconds)
    except (EOFError, OSError) as error:  # Before it answered, or in the middle of its answer.
        process.join(1)
        logger.warning("A file ended the process that read it", extra={"exit_code": process.exitcode})
        raise RejectedError("This file cannot be read.") from error
    finally:
        process.kill()
        process.join()
        receiver.close()
    if outcome == "raised":
        raise value
    result: T = value
    return result


def prolong(seconds: float) -> None:
    """Adds to the time that the work may take in whose process this is called; elsewhere nothing is limited."""
    if _parent is not None:
        _parent.send((_PROLONGED, seconds))


def _outcome(receiver: Connection, seconds: float, longest_seconds: float) -> tuple[str, Any]:
    started = time.monotonic()
    while receiver.poll(max(0.0, min(seconds, longest_seconds) - (time.monotonic() - started))):
        outcome, value = receiver.recv()
        if outcome != _PROLONGED:
            return outcome, value
        seconds += value
    logger.warning("A file took too long", extra={"seconds": time.monotonic() - started})
    raise RejectedError("This file takes too long to read. Try a smaller or simpler one.")


def _child(work: Callable[[], Any], sender: Connection, megabytes: int) -> None:
    global _parent
    _parent = sender
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = in_use + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # Libraries print what they think of a file, as much as it makes them, into the function's log.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        outcome = ("returned", work())
    except MemoryError:
        outcome = ("raised", RejectedError("This file needs too much memory. Try a smaller or simpler one."))
    except Exception as error:  # noqa: BLE001 - the parent decides
        outcome = ("raised", error)
    sender.send(outcome)
