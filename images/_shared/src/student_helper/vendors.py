"""One policy for calls of the models' vendors, whose own clients retry nothing.

What a short wait mends is tried again here. What needs longer goes back to the queue, which waits for nothing.
"""

import math
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from student_helper.database import EMBEDDING_DIMENSIONS
from student_helper.deadline import Deadline
from student_helper.errors import RefusedError, RetryLaterError
from student_helper.logs import logger

T = TypeVar("T")

ATTEMPTS = 3
"""How often a request is made before it goes back to the queue."""

SHORTEST_REQUEST_SECONDS = 5.0
"""A request for which less time is left is not begun."""

SHORTEST_VECTOR, LONGEST_VECTOR = 1e-6, 1e6
"""Vendors' vectors have the length 1. The database cannot compare one without a length, nor store one that 32 bits
cannot hold."""

_RETRYABLE = {408, 409, 429}


class VendorError(Exception):
    """A request that failed, as each vendor's adapter tells it."""

    def __init__(self, status: int | None, retry_after: float | None = None) -> None:
        """What the vendor said.

        Args:
            status: the HTTP status; none when there was no answer, or one that cannot be used.
            retry_after: the seconds of `Retry-After`, if it was sent.
        """
        super().__init__(f"status {status}" if status else "no usable answer")
        self.status = status
        self.retry_after = retry_after


def call_vendor(
    dependency: str,
    request: Callable[[float], T],
    deadline: Deadline,
    longest_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Makes a request, again if it helps and time is left. `Retry-After` is never undercut.

    Args:
        dependency: the vendor, for example `anthropic`.
        request: makes the request; it is given the seconds that it may take, and raises `VendorError`.
        deadline: when the function ends.
        longest_seconds: the longest that one request may take.
        sleep: waits.

    Raises:
        RetryLaterError: the vendor is busy or down, and the wait, or as long a request again, does not fit into the
            time left.
        RefusedError: the vendor will not answer this request, ever.
    """
    attempt = 0
    while True:
        attempt += 1
        left = deadline.seconds_left()
        if left < SHORTEST_REQUEST_SECONDS:
            raise RetryLaterError(dependency)
        try:
            return request(min(longest_seconds, left))
        except VendorError as error:
            details = {"vendor": dependency, "status": error.status, "retry_after": error.retry_after}
            if error.status is not None and 400 <= error.status < 500 and error.status not in _RETRYABLE:
                logger.exception("A vendor refused a request", extra=details)
                raise RefusedError(f"{dependency} refused the request with status {error.status}") from error
            # Jitter, so that functions that were refused together do not come back together.
            wait = max(error.retry_after or 0.0, 2 ** (attempt - 1) * random.uniform(0.5, 1.0))  # noqa: S311
            logger.warning("A vendor did not answer", extra={**details, "attempt": attempt})
            # What took long takes as long again, and is paid for although nobody waits for its end.
            needed = max(SHORTEST_REQUEST_SECONDS, left - deadline.seconds_left())
            if attempt == ATTEMPTS or wait + needed > deadline.seconds_left():
                raise RetryLaterError(dependency, error.retry_after) from error
            sleep(wait)


def with_current_key(read: Callable[[], str], reread: Callable[[], str], request: Callable[[str], T]) -> T:
    """Makes a request with an API key, and once more if the key was refused and has been rotated meanwhile.

    Args:
        read: gives the key in use.
        reread: gives the key as it is now.
        request: is given the key; raises `VendorError`.
    """
    key = read()
    try:
        return request(key)
    except VendorError as error:
        if error.status != 401 or (rotated := reread()) == key:
            raise
        return request(rotated)


def is_vector(value: Any) -> bool:
    """Whether something that a vendor answered is a vector that the database can store and compare."""
    if not (isinstance(value, list) and len(value) == EMBEDDING_DIMENSIONS):
        return False
    try:
        length = math.hypot(*value)
    except (TypeError, OverflowError):
        return False
    return SHORTEST_VECTOR < length < LONGEST_VECTOR
