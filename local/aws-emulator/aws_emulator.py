"""The AWS emulator as hypercorn, its web server, starts it, with four of its differences from AWS mended.

Each answer leaves in one piece. Hypercorn sends an answer's header ahead of its body. The AWS SDK for Go, and with it
Pulumi's AWS provider, closes the body of its own request as soon as a header arrives. Where Go's HTTP client has not
looked for the end of that body yet, a race of less than a millisecond, it takes the closed body for a failure and
closes the connection; the rest of the answer cannot be read any more, and the SDK repeats the request: a second
"create" fails. What arrives together with the header is read all the same.

S3's events on EventBridge name the version of their object, as AWS' do for a bucket with versions.

RDS knows which of a database's logs are to be in CloudWatch, though none gets there: else each update would ask again.

The start of a function's container is no part of the function's time.
"""

import json
from contextvars import ContextVar
from functools import wraps
from http import HTTPStatus
from typing import Any

import h11
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import H11SendableEvent
from ministack.app import app
from ministack.services import eventbridge, lambda_svc, rds, s3

__all__ = ["app"]


async def _send_in_one_piece(self: H11Protocol, event: H11SendableEvent) -> None:
    """Hypercorn's `_send_h11_event`, but that a header waits for what follows it: the body, or the answer's end."""
    try:
        data = self.connection.send(event)
    except h11.LocalProtocolError:
        if self.connection.their_state != h11.ERROR:
            raise
        return
    header = vars(self).pop("waiting_header", b"")
    if isinstance(event, h11.Response):
        vars(self)["waiting_header"] = data
    else:
        await self.send(RawData(data=header + data))


H11Protocol._send_h11_event = _send_in_one_piece

_version = ContextVar[str | None]("version", default=None)
"""The version of the object that S3 tells of."""

_fire_s3_event = s3._fire_s3_event
_dispatch_event = eventbridge._dispatch_event


@wraps(_fire_s3_event)
def _fire_with_version(*arguments: Any, version_id: str | None = None, **named: Any) -> None:
    token = _version.set(version_id)
    try:
        _fire_s3_event(*arguments, version_id=version_id, **named)
    finally:
        _version.reset(token)


@wraps(_dispatch_event)
def _dispatch_with_version(event: dict[str, Any], *arguments: Any, **named: Any) -> None:
    version = _version.get()
    if version is not None and event["Source"] == "aws.s3":
        detail = json.loads(event["Detail"])
        detail["object"]["version-id"] = version
        event = {**event, "Detail": json.dumps(detail)}
    _dispatch_event(event, *arguments, **named)


s3._fire_s3_event = _fire_with_version
eventbridge._dispatch_event = _dispatch_with_version

_create_db_instance = rds._create_db_instance
_instance_xml = rds._instance_xml


@wraps(_create_db_instance)
def _create_with_log_exports(parameters: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = _create_db_instance(parameters)
    if status == HTTPStatus.OK:
        database = rds._instances[rds._p(parameters, "DBInstanceIdentifier")]
        database["EnabledCloudwatchLogsExports"] = rds._parse_member_list(parameters, "EnableCloudwatchLogsExports")
    return status, headers, body


@wraps(_instance_xml)
def _instance_xml_with_log_exports(instance: dict[str, Any]) -> str:
    logs = "".join(f"<member>{log}</member>" for log in instance["EnabledCloudwatchLogsExports"])
    name = "EnabledCloudwatchLogsExports"
    return _instance_xml(instance).replace(f"<{name}/>", f"<{name}>{logs}</{name}>")


rds._ACTION_MAP["CreateDBInstance"] = _create_with_log_exports
rds._instance_xml = _instance_xml_with_log_exports

INITIALIZATION_SECONDS = 15
"""More than a container's start may take: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""

_invoke_rie = lambda_svc._invoke_rie


@wraps(_invoke_rie)
def _invoke_after_initialization(container: Any, event: Any, timeout: int, request_id: str) -> Any:
    # The function's own timeout is enforced in its container, which knows when it was ready.
    return _invoke_rie(container, event, timeout + INITIALIZATION_SECONDS, request_id)


lambda_svc._invoke_rie = _invoke_after_initialization
