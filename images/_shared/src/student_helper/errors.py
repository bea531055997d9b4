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
