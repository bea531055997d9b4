"""How much time a function has left."""

from aws_lambda_powertools.utilities.typing import LambdaContext

MARGIN_SECONDS = 3.0
"""Kept for what follows the work: noting its result and answering Lambda."""


class Deadline:
    """The end of one invocation."""

    def __init__(self, context: LambdaContext) -> None:
        """The end that Lambda's context knows."""
        self._context = context

    def seconds_left(self) -> float:
        """What the work may still take; 0 when it is time to stop."""
        return max(0.0, self._context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS)
