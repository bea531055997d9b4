"""Checkpoints that have expired."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from student_helper.checkpoints import EXPIRY, PARTITION_KEY, SORT_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NAMES = {"#item": PARTITION_KEY, "#step": SORT_KEY, "#expiry": EXPIRY}


class ExpiredCheckpoints:
    """Checkpoints that DynamoDB's own time to live, which may take days, has not removed yet."""

    def __init__(self, client: "DynamoDBClient", table: Callable[[], str]) -> None:
        """Asks nothing yet.

        Args:
            client: its role must allow to scan the table, and to delete its items.
            table: gives the table's name when it is needed.
        """
        self._client = client
        self._table = table

    def clean(self) -> Iterator[int]:
        """Removes them; see `Part`."""
        table = self._table()
        now = str(int(time.time()))
        for page in self._client.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression="#expiry < :now",
            ProjectionExpression="#item, #step, #expiry",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues={":now": {"N": now}},
        ):
            yield 0
            for found in page["Items"]:
                try:
                    self._client.delete_item(
                        TableName=table,
                        Key={PARTITION_KEY: found[PARTITION_KEY], SORT_KEY: found[SORT_KEY]},
                        # It may have been taken anew meanwhile.
                        ConditionExpression="#expiry = :seen",
                        ExpressionAttributeNames={"#expiry": EXPIRY},
                        ExpressionAttributeValues={":seen": found[EXPIRY]},
                    )
                except self._client.exceptions.ConditionalCheckFailedException:
                    yield 0
                else:
                    yield 1
