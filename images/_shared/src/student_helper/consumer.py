"""What every function does that a queue wakes: one event, one step, one outcome.

The outcome is one of these, and every other way to end is a retry by the queue:
- done: the step's effect is in the database, its event published, its checkpoint set;
- rejected: the upload cannot be used, and says why;
- gone: the item was deleted or has a later upload;
- failed: after the queue's attempts, or at once where more are useless; the message waits in the dead-letter queue, and
  a redrive does the step again.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, StringConstraints

from student_helper import metrics
from student_helper.checkpoints import Checkpoints, InProgressError
from student_helper.database import is_outage, is_unreachable
from student_helper.deadline import Deadline
from student_helper.errors import (
    AlreadyRejectedError,
    DependencyError,
    ItemGoneError,
    RefusedError,
    RejectedError,
    RetryLaterError,
)
from student_helper.items import Items
from student_helper.logs import logger
from student_helper.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

DELAYS_SECONDS = (2, 10, 50)
"""How long a message stays invisible after its first, second and third failed attempt, or longer if a vendor asks."""

UNREACHABLE_SECONDS = 30
"""The least of these for a database that nobody can connect to: all attempts together outlast the two minutes in which
a standby takes over (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html)."""

OUTAGE_DELAYS_SECONDS = (10, 2 * 60, 10 * 60)
"""The same for a vendor that is busy or down and does not say for how long: all attempts together outlast 12 minutes of
it, and end before the alarm for messages that wait."""

LONGEST_VISIBILITY_SECONDS = 11 * 60 * 60
"""SQS' own limit is 12 hours from the start of an attempt:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""


class ConsumerSettings(Settings):
    """What a function that a queue wakes is told by its environment."""

    queue_url: Annotated[str, StringConstraints(min_length=1)]
    dead_letter_queue_url: Annotated[str, StringConstraints(min_length=1)]
    max_receives: Annotated[int, Field(ge=1)]
    """After so many attempts the queue hands a message to the dead-letter queue."""


class ItemMessage(Protocol):
    """An event about one version of an item's upload."""

    @property
    def item_id(self) -> UUID:
        """The item."""

    @property
    def object_version(self) -> str:
        """S3's version id of its upload."""


E = TypeVar("E", bound=ItemMessage)


class Consumer(Generic[E]):
    """A Lambda handler for a queue."""

    def __init__(
        self,
        step: str,
        parse: Callable[[dict[str, Any]], E],
        work: Callable[[E, Deadline], None],
        *,
        settings: ConsumerSettings,
        items: Items,
        checkpoints: Checkpoints,
        sqs: "SQSClient",
    ) -> None:
        """Wires a step to its queue.

        Args:
            step: the name of the function.
            parse: reads an event of EventBridge, or raises `ValueError`; the event ends in the dead-letter queue then.
            work: does the step. It can be interrupted at any point and done again: what it does first is what it can
                find again.
            settings: the queue.
            items: notes how an item ended.
            checkpoints: keeps a step from being done twice.
            sqs: its role must allow `sqs:ChangeMessageVisibility` on the queue and `sqs:SendMessage` on the dead-letter
                queue.
        """
        self._step = step
        self._parse = parse
        self._work = work
        self._settings = settings
        self._items = items
        self._checkpoints = checkpoints
        self._sqs = sqs

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        """Handles the messages of one invocation, and names those that the queue keeps."""
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(
            event=event, record_handler=lambda record: self._handle(record, context), processor=processor
        )

    def _handle(self, record: SQSRecord, context: LambdaContext) -> None:
        try:
            message = self._parse(record.json_body)
        except Exception:
            logger.exception("A message cannot be read", extra={"message_id": record.message_id})
            metrics.fault()
            raise
        attempt = int(record.attributes.approximate_receive_count)
        # What `Items` finds out about the correlation id ends with the message, too.
        with logger.append_context_keys(
            item_id=str(message.item_id), step=self._step, attempt=attempt, correlation_id=None
        ):
            try:
                self._attempt(record, message, attempt, context)
            except ItemGoneError:
                logger.info("The item is gone")
            except InProgressError:
                logger.info("Somebody else is at this step")
                raise
            except Exception as error:
                logger.exception("An attempt failed")
                if _is_fault(error):
                    metrics.fault()
                raise

    def _attempt(self, record: SQSRecord, message: E, attempt: int, context: LambdaContext) -> None:
        try:
            self._checkpoints.once(
                self._step,
                message.item_id,
                message.object_version,
                context,
                lambda: self._do(message, Deadline(context)),
            )
        except ItemGoneError:
            raise
        except InProgressError:
            # It is done, or its function has ended, when a function that starts now ends. This is no failed attempt:
            # the item is not marked, even if it is the last.
            self._delay(record, context.get_remaining_time_in_millis() / 1000)
            raise
        except Exception as error:
            delay = _delay_seconds(attempt, error)
            if isinstance(error, RefusedError) or delay > LONGEST_VISIBILITY_SECONDS:
                # Trying again is useless until somebody mends the cause, and then a redrive does; or a vendor asks for
                # more patience than a queue has. The redrive has to name its destination: SQS does not know where
                # messages come from that it did not move itself.
                logger.exception("An attempt failed for good")
                self._fail(message)
                self._sqs.send_message(QueueUrl=self._settings.dead_letter_queue_url, MessageBody=record.body)
                return
            if attempt < self._settings.max_receives:
                self._delay(record, delay)
            else:
                self._fail(message)
                self._delay(record, 0)
            raise

    def _do(self, message: E, deadline: Deadline) -> None:
        try:
            self._work(message, deadline)
        except AlreadyRejectedError:
            # By an attempt that did not come to set its checkpoint.
            logger.info("Upload was rejected already")
        except RejectedError as rejection:
            # Noted within the checkpoint: the rejection is the step's effect.
            self._items.reject(message.item_id, message.object_version, str(rejection))
            logger.info("Upload rejected", extra={"reason": str(rejection)})
            metrics.item_rejected()
        except RefusedError:
            # It does not come to `_handle`. What a vendor refuses is a request that this code has made.
            metrics.fault()
            raise
        else:
            logger.info("Step done")

    def _fail(self, message: E) -> None:
        """Notes the failure of a message that goes to the dead-letter queue, noted or not.

        Raises:
            ItemGoneError: the item was deleted or its upload rejected: there is nothing that a redrive could do.
        """
        try:
            self._items.fail(message.item_id, message.object_version)
        except ItemGoneError:
            raise
        except Exception:  # noqa: BLE001 - the message goes there nevertheless, and cleanup notes the failure one day
            logger.exception("The failure of an item could not be noted")
        metrics.item_failed()

    def _delay(self, record: SQSRecord, seconds: float) -> None:
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._settings.queue_url,
                ReceiptHandle=record.receipt_handle,
                VisibilityTimeout=math.ceil(seconds),
            )
        except (ClientError, BotoCoreError):
            logger.exception("A message keeps the queue's own visibility timeout")


def _is_fault(error: Exception) -> bool:
    """Whether the code may be to blame, and not what it depends on."""
    return not (isinstance(error, DependencyError | RetryLaterError) or is_outage(error))


def _delay_seconds(attempt: int, error: Exception) -> float:
    failed = min(attempt, len(DELAYS_SECONDS)) - 1
    delay: float = DELAYS_SECONDS[failed]
    if isinstance(error, RetryLaterError):
        return OUTAGE_DELAYS_SECONDS[failed] if error.seconds is None else max(delay, error.seconds)
    return max(delay, UNREACHABLE_SECONDS) if is_unreachable(error) else delay
