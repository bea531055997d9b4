"""The settings of the api function."""

from typing import Annotated

from pydantic import Field, StringConstraints

from student_helper.settings import Settings


class ApiSettings(Settings):
    """What the function is told by its environment."""

    max_upload_bytes: Annotated[int, Field(ge=1)]
    voyage_base_url: Annotated[str, StringConstraints(pattern=r"^https?://")] = "https://api.voyageai.com/v1"
    # Set by Lambda itself.
    aws_lambda_function_name: Annotated[str, StringConstraints(min_length=1)]
    aws_lambda_function_version: str = "$LATEST"
