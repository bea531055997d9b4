"""Whether the API works."""

import time

import sqlalchemy as sa

from api.sessions import transaction
from student_helper.errors import DependencyError
from student_helper.files import Files
from student_helper.parameters import Parameters

MAX_AGE_SECONDS = 5
"""How long an answer is used: /health is open to everybody, and each check asks S3 and the database."""


class HealthCheck:
    """Asks what the API depends on."""

    def __init__(self, parameters: Parameters, files: Files, engine: sa.Engine) -> None:
        """Nothing is asked yet."""
        self._parameters = parameters
        self._files = files
        self._engine = engine
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
            for name in self._parameters.names:
                _ = self._parameters[name]
            next(self._files.keys_below("uploads/health/"), None)
            with transaction(self._engine) as session:
                session.execute(sa.select(1))
        except DependencyError as error:
            return error.dependency
        return None
