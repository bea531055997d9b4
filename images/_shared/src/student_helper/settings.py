"""What a function is told by its environment: names and numbers, never secrets."""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError


class SettingsError(Exception):
    """The environment lacks variables, or has unusable ones; the message lists all of them."""


ParameterName = Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+)*$")]


def _names(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


class Settings(BaseModel):
    """The settings of every function. A function adds its own as fields of a subclass.

    A field is read from the environment variable that has its name in upper case.
    """

    model_config = ConfigDict(frozen=True)

    stack: Annotated[str, StringConstraints(min_length=1)]
    """The Pulumi stack, for example `dev`."""

    parameter_prefix: Annotated[str, StringConstraints(pattern=r"^(/[\w.-]+)+$")]
    """Where the stack's parameters are, for example `/student-helper/dev`."""

    parameter_names: Annotated[tuple[ParameterName, ...], BeforeValidator(_names)]
    """Those that the function may read, below the prefix, with commas between them."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads and checks all settings at once.

        Raises:
            SettingsError: naming every variable that is missing or wrong.
        """
        values = {name: environment[name.upper()] for name in cls.model_fields if name.upper() in environment}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            problems = (f"{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in error.errors())
            raise SettingsError("; ".join(problems)) from None
