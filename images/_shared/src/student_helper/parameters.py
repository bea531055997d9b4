"""Parameters of the stack, read from Parameter Store at run time."""

from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from aws_lambda_powertools.utilities.parameters.ssm import SSMProvider

from student_helper.errors import DependencyError
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MAX_AGE_SECONDS = 300
"""How long a value is used before it is read again: a rotated secret is in use everywhere this much later."""


class Parameters:
    """The stack's parameters, each decrypted, and cached once it was read.

    Example:
        parameters = Parameters("/student-helper/dev", boto3.client("ssm"))
        parameters["storage/bucket"]
    """

    def __init__(self, prefix: str, client: "SSMClient") -> None:
        """Nothing is read yet.

        Args:
            prefix: the stack's prefix, for example `/student-helper/dev`.
            client: reads the parameters; its role must allow `ssm:GetParameter` on each.
        """
        self._prefix = prefix
        self._provider = SSMProvider(boto3_client=client)

    def __getitem__(self, name: str) -> str:
        """The value of a parameter, at most `MAX_AGE_SECONDS` old.

        Args:
            name: below the prefix, for example `storage/bucket`.

        Raises:
            DependencyError: the parameter cannot be read, or does not exist.
        """
        return self._read(name, force_fetch=False)

    def reread(self, name: str) -> str:
        """The value of a parameter as it is now, for one that was just refused and may have been rotated.

        Raises:
            DependencyError: the parameter cannot be read, or does not exist.
        """
        return self._read(name, force_fetch=True)

    def _read(self, name: str, *, force_fetch: bool) -> str:
        try:
            # One at a time: emulators of AWS do not know which parameters a GetParameters asks for, and so deny it to a
            # role that may read some.
            return str(
                self._provider.get(
                    f"{self._prefix}/{name}", decrypt=True, max_age=MAX_AGE_SECONDS, force_fetch=force_fetch
                )
            )
        except GetParameterError as error:
            logger.exception("A parameter cannot be read", extra={"parameter": name})
            raise DependencyError("parameters") from error
