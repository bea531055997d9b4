"""The image that the function runs, as Lambda tells it."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from student_helper.errors import DependencyError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class RunningImage:
    """The image of one version of a function, which never runs another.

    A function cannot be told its own image by its environment without a second update of the function at each release.
    """

    def __init__(self, client: Callable[[], "LambdaClient"], function_name: str, version: str) -> None:
        """Nothing is asked yet, and no client is made.

        Args:
            client: makes a client whose role allows `lambda:GetFunction` on the version.
            function_name: the function's name in Lambda.
            version: such as `7`.
        """
        self._client = client
        self._function_name = function_name
        self._version = version

    @cached_property
    def digest(self) -> str:
        """`sha256:` and 64 digits.

        Raises:
            DependencyError: Lambda does not answer.
        """
        try:
            answer = self._client().get_function(FunctionName=self._function_name, Qualifier=self._version)
        except (BotoCoreError, ClientError) as error:
            raise DependencyError("lambda") from error
        return answer["Code"]["ResolvedImageUri"].partition("@")[2]
