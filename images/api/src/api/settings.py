"""The settings of the api function."""

from typing import Annotated

from pydantic import Field, StringConstraints

from student_helper import database
from student_helper.settings import Settings

PARAMETERS = (
    "cognito/client_id",
    "storage/bucket",
    "checkpoints/table",
    "voyage/api_key",
    "voyage/model",
    *database.PARAMETERS,
)
"""What the function reads from Parameter Store, below the stack's prefix; without one of them it cannot work."""


class ApiSettings(Settings):
    """What the function is told by its environment."""

    max_upload_bytes: Annotated[int, Field(ge=1)]
    voyage_base_url: Annotated[str, StringConstraints(pattern=r"^https?://")] = "https://api.voyageai.com/v1"
    # Set by Lambda itself.
    aws_lambda_function_name: Annotated[str, StringConstraints(min_length=1)]
    aws_lambda_function_version: str = "$LATEST"
