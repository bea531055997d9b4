"""The AWS emulator as hypercorn, its web server, starts it, with ten of its differences from AWS mended.

Five more, of Lambda, are mended in `lambda_functions.py`.

Each answer leaves in one piece. Hypercorn sends an answer's header ahead of its body. The AWS SDK for Go, and with it
Pulumi's AWS provider, closes the body of its own request as soon as a header arrives. Where Go's HTTP client has not
looked for the end of that body yet, a race of less than a millisecond, it takes the closed body for a failure and
closes the connection; the rest of the answer cannot be read any more, and the SDK repeats the request: a second
"create" fails. What arrives together with the header is read all the same.

S3's events on EventBridge name the version of their object, as AWS' do for a bucket with versions.

RDS knows which of a database's logs are to be in CloudWatch, though none gets there: else each update would ask again.

RDS tells of a database from the moment on at which it makes it. The emulator would deny it while its container starts:
a recovery after an update that was killed in that second would take it for not made, and the next update would fail.

An alarm of CloudWatch is described with all that was asked for, and nothing else. The emulator leaves out half of it in
the form that Pulumi's AWS provider asks for, forgets the metrics of an expression, and adds defaults; to the provider
each would be a change that somebody made, in every update anew.

A list of dashboards tells times as numbers, the only form that AWS' own SDK reads.

A role that may describe some alarms may ask for them by their names, and one that may get or update a function's alias
need not be allowed to list them all.

A role that may read some parameters may ask for several of them at once.

A role that may write the streams of a log group, and not the group itself, may write them.

None of these, but for memory: a layer that several repositories have is kept once.
"""

import json
import re
from contextvars import ContextVar
from functools import wraps
from http import HTTPStatus
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

import h11
import lambda_functions  # noqa: F401  # functions run as in AWS
import persistence  # noqa: F401  # what the emulator holds outlives it
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import H11SendableEvent
from ministack.app import app
from ministack.core import iam_actions
from ministack.core.iam_evaluator import enforce
from ministack.core.router import extract_access_key_id
from ministack.services import cloudwatch, ecr, eventbridge, rds, s3

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
_describe_db_instances = rds._describe_db_instances
_instance_xml = rds._instance_xml

_making_database = Lock()
"""Held while a database is made; requests to RDS have a thread each."""


@wraps(_create_db_instance)
def _create_with_log_exports(parameters: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    with _making_database:
        status, headers, body = _create_db_instance(parameters)
    if status == HTTPStatus.OK:
        database = rds._instances[rds._p(parameters, "DBInstanceIdentifier")]
        database["EnabledCloudwatchLogsExports"] = rds._parse_member_list(parameters, "EnableCloudwatchLogsExports")
    return status, headers, body


@wraps(_describe_db_instances)
def _describe_once_made(parameters: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    with _making_database:
        return _describe_db_instances(parameters)


@wraps(_instance_xml)
def _instance_xml_with_log_exports(instance: dict[str, Any]) -> str:
    logs = "".join(f"<member>{log}</member>" for log in instance["EnabledCloudwatchLogsExports"])
    name = "EnabledCloudwatchLogsExports"
    return _instance_xml(instance).replace(f"<{name}/>", f"<{name}>{logs}</{name}>")


rds._ACTION_MAP["CreateDBInstance"] = _create_with_log_exports
rds._ACTION_MAP["DescribeDBInstances"] = _describe_once_made
rds._instance_xml = _instance_xml_with_log_exports

_list_dashboards = cloudwatch._list_dashboards


@wraps(_list_dashboards)
def _list_with_times(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
    answer = _list_dashboards(params, data, is_cbor, is_json)
    if not is_json:
        return answer
    status, headers, body = answer
    result = json.loads(body)
    for entry in result["DashboardEntries"]:
        entry["LastModified"] = cloudwatch._dashboards[entry["DashboardName"]]["LastModified"]
    return status, headers, json.dumps(result).encode()


cloudwatch._list_dashboards = _list_with_times

_put_metric_alarm = cloudwatch._put_metric_alarm
_describe_alarms = cloudwatch._describe_alarms

_OPTIONAL = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit", "Metrics")
"""What an alarm has only if it was given."""


@wraps(_put_metric_alarm)
def _put_as_given(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
    answer = _put_metric_alarm(params, data, is_cbor, is_json)
    if answer[0] == 200:
        given = data if is_cbor or is_json else _object(params)
        alarm = cloudwatch._alarms[given["AlarmName"]]
        for name in _OPTIONAL:
            alarm.pop(name, None)
            if name in given:
                alarm[name] = int(given[name]) if name == "Period" else given[name]
    return answer


@wraps(_describe_alarms)
def _describe_in_full(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:
    if is_cbor or is_json:
        return _describe_alarms(params, data, is_cbor, is_json)
    status, _, body = _describe_alarms(params, _object(params), False, True)
    if status != 200:
        return _describe_alarms(params, data, False, False)
    result = _xml("DescribeAlarmsResult", json.loads(body))
    return cloudwatch._xml(200, "DescribeAlarmsResponse", result)


def _object(params: Any) -> Any:
    """The parameters of a request by AWS' Query protocol, `A.member.1.B=x`, as one by its JSON protocol has them."""
    tree: dict[str, Any] = {}
    for name in params:
        *parents, last = name.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = cloudwatch._p(params, name)
    return _with_lists(tree)


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node.keys() == {"member"}:
        return [_with_lists(node["member"][index]) for index in sorted(node["member"], key=int)]
    return {name: _with_lists(value) for name, value in node.items()}


def _xml(name: str, value: Any) -> str:
    """An answer by the JSON protocol as the Query protocol has it."""
    if value is None:
        return ""
    if isinstance(value, dict):
        text = "".join(_xml(member, content) for member, content in value.items())
    elif isinstance(value, list):
        text = "".join(_xml("member", content) for content in value)
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = escape(str(cloudwatch._ts_iso(value) if name.endswith("Timestamp") else value))
    return f"<{name}>{text}</{name}>"


cloudwatch._put_metric_alarm = _put_as_given
cloudwatch._describe_alarms = _describe_in_full

_extract_resource_arn = iam_actions.extract_resource_arn


@wraps(_extract_resource_arn)
def _extract_exact_arn(
    service: str, method: str, path: str, headers: Any, body: bytes, query: Any, region: str, account: str
) -> str:
    arn: str = _extract_resource_arn(service, method, path, headers, body, query, region, account)
    if not body.startswith(b"{"):
        return arn
    if service == "monitoring" and arn == "*":
        names = json.loads(body).get("AlarmNames")
        # They are all of one stack: the first stands for the others.
        return f"arn:aws:cloudwatch:{region}:{account}:alarm:{names[0]}" if names else arn
    if service == "ssm" and (names := json.loads(body).get("Names")):
        arns = [f"arn:aws:ssm:{region}:{account}:parameter/{name.removeprefix('/')}" for name in names]
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
        key = extract_access_key_id(headers, query)
        # Each is asked for: one that is refused stands for all.
        return next((one for one in arns if enforce(key, action, service, region, resource_arn=one)), arns[0])
    if service == "logs" and (stream := json.loads(body).get("logStreamName")):
        return f"{arn}:log-stream:{stream}"
    return arn


iam_actions.extract_resource_arn = _extract_exact_arn

ALIAS_ACTIONS = {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}

_lambda_action = iam_actions._lambda_action


@wraps(_lambda_action)
def _action_on_alias(method: str, path: str) -> str | None:
    if re.search(r"/functions/[^/]+/aliases/[^/]+/?$", path):
        return ALIAS_ACTIONS.get(method)
    action: str | None = _lambda_action(method, path)
    return action


iam_actions._lambda_action = _action_on_alias

_complete_blob_upload = ecr._v2_complete_blob_upload


@wraps(_complete_blob_upload)
def _keep_layer_once(name: str, upload: str, query: Any, body: Any) -> Any:
    answer = _complete_blob_upload(name, upload, query, body)
    digest = ecr._query_first(query, "digest")
    repositories = [layers for layers in ecr._layer_blobs.values() if digest in layers]
    for layers in repositories:
        layers[digest] = repositories[0][digest]
    return answer


ecr._v2_complete_blob_upload = _keep_layer_once
