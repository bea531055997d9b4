"""The settings of the document-processor function."""

from typing import Annotated

from pydantic import Field

from student_helper.consumer import ConsumerSettings


class DocumentProcessorSettings(ConsumerSettings):
    """What the function is told by its environment."""

    # Set by Lambda itself.
    aws_lambda_function_memory_size: Annotated[int, Field(ge=128)] = 2048
