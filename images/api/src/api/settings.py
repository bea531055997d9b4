"""The settings of the api function."""

from typing import Annotated

from pydantic import Field, StringConstraints

from student_helper.settings import Settings

PARAMETERS = ("cognito/client_id", "storage/bucket")
"""What the function reads from Parameter Store, below the stack's prefix; without one of them it cannot work."""


class ApiSettings(Settings):
    """What the function is told by its environment."""

    max_upload_bytes: Annotated[int, Field(ge=1)]
    image_digest: Annotated[str, StringConstraints(min_length=1)]
    # Set by Lambda itself.
    aws_lambda_function_version: str = "$LATEST"
