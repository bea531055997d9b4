"""Errors that every function knows."""


class DependencyError(Exception):
    """Something that a function needs did not answer, or refused; the same request may succeed later."""

    def __init__(self, dependency: str) -> None:
        """Names what failed.

        Args:
            dependency: a name that may be shown to users, for example `storage`.
        """
        super().__init__(f"{dependency} is not available")
        self.dependency = dependency


class RejectedError(Exception):
    """An upload that cannot be used, however often it is tried; the message tells the student why."""


class ItemGoneError(Exception):
    """There is nothing left to do: the item was deleted, its upload rejected, or replaced by a later one."""


class AlreadyRejectedError(ItemGoneError):
    """The upload was rejected, in this version: whatever step comes to it has nothing left to do, and so is done."""


class RetryLaterError(Exception):
    """A model's vendor is busy or down: the work belongs back into the queue."""

    def __init__(self, dependency: str, seconds: float | None = None) -> None:
        """Says whom to spare, and for how long.

        Args:
            dependency: for example `anthropic`.
            seconds: the shortest time that the vendor asked for; without it the queue's delays for an outage apply.
        """
        super().__init__(f"{dependency} is busy or down")
        self.dependency = dependency
        self.seconds = seconds


class RefusedError(Exception):
    """A model's vendor refused a request for good, such as with 400, 401 or 403: it would refuse it again."""
