"""Parameters of the stack, read from Parameter Store at run time."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from botocore.exceptions import BotoCoreError, ClientError

from student_helper.errors import DependencyError
from student_helper.logs import logger
from student_helper.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MAX_AGE_SECONDS = 300
"""How long a value is used before it is read again: a rotated secret is in use everywhere this much later."""

NAMES_PER_REQUEST = 10
"""The most that Parameter Store takes: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html"""


class Parameters:
    """The stack's parameters that a function may read, each decrypted, and cached once it was read.

    They are read together: all functions of an account share 40 requests a second, however many names are in each
    (https://docs.aws.amazon.com/general/latest/gr/ssm.html).

    Example:
        parameters = Parameters("/student-helper/dev", ["storage/bucket", "events/bus_name"], boto3.client("ssm"))
        parameters["storage/bucket"]
    """

    def __init__(self, prefix: str, names: Sequence[str], client: "SSMClient") -> None:
        """Nothing is read yet.

        Args:
            prefix: the stack's prefix, for example `/student-helper/dev`.
            names: what is read, below the prefix.
            client: reads the parameters; its role must allow `ssm:GetParameters` on each.
        """
        self.names = tuple(names)
        self._prefix = prefix
        self._client = client
        self._values: dict[str, str] = {}
        self._valid_until = 0.0

    @classmethod
    def named_by(cls, settings: Settings, client: "SSMClient") -> Self:
        """Those that a function's settings name; see `__init__`."""
        return cls(settings.parameter_prefix, settings.parameter_names, client)

    def __getitem__(self, name: str) -> str:
        """The value of a parameter, at most `MAX_AGE_SECONDS` old.

        Args:
            name: below the prefix, for example `storage/bucket`.

        Raises:
            DependencyError: the parameters cannot be read, or this one does not exist.
        """
        # By the clock on the wall: between two requests a container may stand still, and its own clocks with it.
        if time.time() > self._valid_until:
            self._values = self._read(self.names)
            self._valid_until = time.time() + MAX_AGE_SECONDS
        return self._values[name] if name in self._values else self.reread(name)

    def reread(self, name: str) -> str:
        """The value of a parameter as it is now, for one that was just refused and may have been rotated.

        Raises:
            DependencyError: the parameter cannot be read, or does not exist.
        """
        found = self._read((name,))
        if name not in found:
            logger.error("A parameter does not exist", extra={"parameter": name})
            raise DependencyError("parameters")
        self._values[name] = found[name]
        return found[name]

    def _read(self, names: Sequence[str]) -> dict[str, str]:
        """The values of those that exist."""
        found = {}
        for start in range(0, len(names), NAMES_PER_REQUEST):
            some = names[start : start + NAMES_PER_REQUEST]
            try:
                answer = self._client.get_parameters(
                    Names=[f"{self._prefix}/{name}" for name in some], WithDecryption=True
                )
            except (BotoCoreError, ClientError) as error:
                logger.exception("Parameters cannot be read", extra={"parameters": some})
                raise DependencyError("parameters") from error
            for parameter in answer["Parameters"]:
                found[parameter["Name"].removeprefix(f"{self._prefix}/")] = parameter["Value"]
        return found
