"""The requests that the vendors had, for tests to count."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from model_stand_ins.faults import PAID
from model_stand_ins.vendor import Asked

KEPT = 10_000
EXCERPT = 300


@dataclass(frozen=True)
class Call:
    """One request. The fields are those of the JSON that tests read."""

    time: str
    vendor: str
    status: int | None
    """None if there is no answer."""
    fault: str | None
    paid: bool
    """Whether the vendor gives its full answer, and so would want money for it."""
    model: str | None
    key: str | None
    """The key's fingerprint."""
    inputs: int
    sha256: list[str]
    """Of each text, then of each picture."""
    texts: list[str]
    """The beginning of each."""


class Calls:
    """The latest requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=KEPT)

    def add(self, vendor: str, asked: Asked, status: int | None, fault: str | None) -> None:
        """Notes a request and what comes of it."""
        call = Call(
            time=datetime.now(UTC).isoformat(),
            vendor=vendor,
            status=status,
            fault=fault,
            paid=status == HTTPStatus.OK and (fault is None or fault in PAID),
            model=asked.model,
            key=asked.key_fingerprint,
            inputs=len(asked.texts) + len(asked.pictures),
            sha256=asked.fingerprints,
            texts=[text[:EXCERPT] for text in asked.texts],
        )
        with self._lock:
            self._calls.append(call)

    def all(self) -> list[dict[str, Any]]:
        """The requests, oldest first."""
        with self._lock:
            return [asdict(call) for call in self._calls]

    def clear(self) -> None:
        """Forgets all requests."""
        with self._lock:
            self._calls.clear()
