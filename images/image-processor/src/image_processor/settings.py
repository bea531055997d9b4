"""What the environment tells this function."""

from typing import Annotated

from pydantic import Field

from student_helper.consumer import ConsumerSettings


class ImageProcessorSettings(ConsumerSettings):
    """The settings of the image-processor."""

    max_upload_bytes: Annotated[int, Field(ge=1)]
    # Set by Lambda itself.
    aws_lambda_function_memory_size: int = 2048
    """The function's memory in megabytes."""
