"""Checkpoints: each step of each item is done once, however often its event comes."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from student_helper.errors import DependencyError
from student_helper.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_AGE_SECONDS = 15 * 24 * 60 * 60
"""How long a checkpoint is kept: longer than any queue keeps a message, which is 14 days."""

PARTITION_KEY = "item_id"
SORT_KEY = "step"
EXPIRY = "expiration"
"""The attributes of the table's keys and of its time to live, in seconds since 1970."""


class InProgressError(Exception):
    """The same step is being done at this moment, or was until its function ended without a word."""


class _PersistenceLayer(DynamoDBPersistenceLayer):
    def _update_record(self, data_record: DataRecord) -> None:
        # As Powertools does it, but for the condition: without it, the row of an item that was deleted during the step
        # would be made again.
        try:
            self.client.update_item(
                TableName=self.table_name,
                Key=self._get_key(data_record.idempotency_key),
                UpdateExpression="SET #response_data = :response_data, #expiry = :expiry, #status = :status",
                ConditionExpression="attribute_exists(#id)",
                ExpressionAttributeNames={
                    "#id": self.key_attr,
                    "#response_data": self.data_attr,
                    "#expiry": self.expiry_attr,
                    "#status": self.status_attr,
                },
                ExpressionAttributeValues={
                    ":response_data": {"S": data_record.response_data},
                    ":expiry": {"N": str(data_record.expiry_timestamp)},
                    ":status": {"S": data_record.status},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            logger.info("The checkpoint is gone with its item")


class Checkpoints:
    """The table of checkpoints: one row for each step of an item."""

    def __init__(self, client: "DynamoDBClient", table: Callable[[], str]) -> None:
        """Asks nothing yet.

        Args:
            client: its role must allow to get, put, update, delete and query items of the table.
            table: gives the table's name when it is needed.
        """
        self._client = client
        self._table = table

    def once(
        self, step: str, item_id: UUID, object_version: str, context: LambdaContext, work: Callable[[], None]
    ) -> None:
        """Does a step, unless it was done before for this version of the item's upload.

        A step that raises can be done again at once; one whose function was killed, after the function's timeout. What
        the step raises comes through as it is.

        Args:
            step: for example `analyzer`.
            item_id: the item.
            object_version: S3's version id of its upload.
            context: says how much time is left, and so until when the step is taken for being done.
            work: the step.

        Raises:
            InProgressError: somebody else is at it.
            DependencyError: the table cannot be read or written.
        """
        layer = _PersistenceLayer(
            table_name=self._table(),
            key_attr=PARTITION_KEY,
            sort_key_attr=SORT_KEY,
            static_pk_value=str(item_id),
            expiry_attr=EXPIRY,
            boto3_client=self._client,
        )
        config = IdempotencyConfig(expires_after_seconds=MAX_AGE_SECONDS, lambda_context=context)

        failure: Exception | None = None

        def attempt(version: str) -> None:  # noqa: ARG001 - what the checkpoint is about
            nonlocal failure
            try:
                work()
            except Exception as error:
                failure = error
                raise

        do = idempotent_function(
            attempt,
            data_keyword_argument="version",
            persistence_store=layer,
            config=config,
            key_prefix=step,
        )
        try:
            do(version=object_version)
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError) as error:
            raise InProgressError from error
        except IdempotencyPersistenceLayerError as error:
            logger.exception("The table of checkpoints did not answer as expected")
            # How the work ended says more: when it may be tried again, or that it must not be.
            raise failure or DependencyError("checkpoints") from error

    def forget(self, item_id: UUID) -> int:
        """Removes all checkpoints of an item; tells how many there were.

        Raises:
            DependencyError: the table cannot be read or written.
        """
        table = self._table()
        try:
            pages = self._client.get_paginator("query").paginate(
                TableName=table,
                KeyConditionExpression=f"{PARTITION_KEY} = :item",
                ExpressionAttributeValues={":item": {"S": str(item_id)}},
                ProjectionExpression=f"{PARTITION_KEY}, {SORT_KEY}",
                ConsistentRead=True,
            )
            keys = [key for page in pages for key in page["Items"]]
            for key in keys:
                self._client.delete_item(TableName=table, Key=key)
        except (ClientError, BotoCoreError) as error:
            logger.exception("The table of checkpoints did not answer as expected")
            raise DependencyError("checkpoints") from error
        return len(keys)
