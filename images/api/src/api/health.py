"""Whether the API works."""

import time

from api.settings import PARAMETERS
from api.storage import Storage
from student_helper.errors import DependencyError
from student_helper.parameters import Parameters

MAX_AGE_SECONDS = 5
"""How long an answer is used: /health is open to everybody, and each check is a request to S3."""


class HealthCheck:
    """Asks what the API depends on."""

    def __init__(self, parameters: Parameters, storage: Storage) -> None:
        """Nothing is asked yet."""
        self._parameters = parameters
        self._storage = storage
        self._valid_until = 0.0
        self._failed: str | None = None

    def check(self) -> None:
        """Raises `DependencyError` when the API cannot do its work."""
        if time.monotonic() >= self._valid_until:
            self._failed = self._failing()
            self._valid_until = time.monotonic() + MAX_AGE_SECONDS
        if self._failed:
            raise DependencyError(self._failed)

    def _failing(self) -> str | None:
        try:
            for name in PARAMETERS:
                _ = self._parameters[name]
            self._storage.check()
        except DependencyError as error:
            return error.dependency
        return None
