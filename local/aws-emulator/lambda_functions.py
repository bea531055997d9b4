"""Lambda, with five of the emulator's differences from AWS mended.

The start of a function's container is no part of the function's time. What a function wrote is read once all of it has
come through the Docker engine, up to the platform's report on the call.

A metric that a function logs in CloudWatch's embedded format is one.

A function's reserved concurrency is that of all its versions.

A function is ready for calls once its image is there, not half a second after it was told of it, and its first call
need not fetch it.

An update of a function leaves the containers alone that serve: each is of one version. The emulator would end them, and
with them what they are at work on.
"""

import json
import time
from contextlib import suppress
from contextvars import copy_context
from functools import cache, wraps
from threading import Lock, Thread
from typing import Any

from docker.errors import APIError, DockerException, ImageNotFound
from ministack.services import cloudwatch, lambda_svc

INITIALIZATION_SECONDS = 15
"""More than a container's start may take: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""

LOG_SECONDS = 1
"""How long a function's last lines may be on their way, on a busy machine."""

_invoke_rie = lambda_svc._invoke_rie


@wraps(_invoke_rie)
def _invoke_after_initialization(container: Any, event: Any, timeout: int, request_id: str) -> Any:
    # The function's own timeout is enforced in its container, which knows when it was ready.
    started = time.time()
    result = _invoke_rie(container, event, timeout + INITIALIZATION_SECONDS, request_id)
    deadline = time.time() + LOG_SECONDS
    while f"REPORT RequestId: {request_id}" not in result["log"] and time.time() < deadline:
        time.sleep(0.02)
        # A container that was killed may be gone.
        with suppress(APIError):
            result["log"] = container.logs(since=started).decode("utf-8", errors="replace").strip()
    return result


lambda_svc._invoke_rie = _invoke_after_initialization

_emit_lambda_logs = lambda_svc._emit_lambda_logs


@wraps(_emit_lambda_logs)
def _emit_with_metrics(function: Any, request_id: str, log: str, *arguments: Any, **named: Any) -> None:
    _emit_lambda_logs(function, request_id, log, *arguments, **named)
    for line in log.splitlines():
        # What else a function prints need not be JSON, nor an object.
        with suppress(ValueError, LookupError, TypeError):
            document = json.loads(line)
            for directive in document["_aws"]["CloudWatchMetrics"]:
                for names in directive["Dimensions"]:
                    dimensions = {name: document[name] for name in names}
                    for metric in directive["Metrics"]:
                        for value in document[metric["Name"]]:
                            cloudwatch.record_metric(
                                directive["Namespace"], metric["Name"], value, metric["Unit"], dimensions
                            )


lambda_svc._emit_lambda_logs = _emit_with_metrics

_reserved_concurrency = lambda_svc._reserved_concurrency


@wraps(_reserved_concurrency)
def _reserved_for_all_versions(version: Any, config: Any) -> int | None:
    function = lambda_svc._functions.get(config.get("FunctionName")) or version
    reserved: int | None = _reserved_concurrency(function, config)
    return reserved


lambda_svc._reserved_concurrency = _reserved_for_all_versions

_schedule_state_transition = lambda_svc._schedule_state_transition


@cache
def _fetching(_image: str) -> Lock:
    """Held while an image is fetched, which several functions may run."""
    return Lock()


@wraps(_schedule_state_transition)
def _ready_with_image(name: str, _: float) -> None:
    image = lambda_svc._functions[name]["config"]["ImageUri"]

    def fetch() -> None:
        images = lambda_svc._get_docker_client().images
        # Without it, the first call tells what is wrong.
        with suppress(DockerException), _fetching(image):
            try:
                images.get(image)
            except ImageNotFound:
                images.pull(image)
        _schedule_state_transition(name, 0)

    # The account and the region of the request are its thread's.
    Thread(target=copy_context().run, args=(fetch,), daemon=True).start()


lambda_svc._schedule_state_transition = _ready_with_image

_warm_pool_key = lambda_svc._warm_pool_key
_pool_kill_function = lambda_svc._pool_kill_function


@wraps(_warm_pool_key)
def _key_of_version(name: str, config: dict[str, Any]) -> str:
    return f"{_warm_pool_key(name, config)}:{config['Version']}"


@wraps(_pool_kill_function)
def _end_what_serves_no_more(account: str, name: str) -> None:
    function = lambda_svc._functions.get(name)
    if function is None:
        _pool_kill_function(account, name)
        return
    served: set[str] = set()
    for alias in function["aliases"].values():
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights") or {}
        served |= {alias["FunctionVersion"], *weights}
    ended = []
    with lambda_svc._warm_pool_lock:
        for key, containers in lambda_svc._warm_pool.items():
            owner, _, of, *_, version = key.split(":")
            if (owner, of) == (account, name) and version not in served:
                ended += [container for container in containers if not container["in_use"]]
                containers[:] = [container for container in containers if container["in_use"]]

    def end() -> None:
        for container in ended:
            lambda_svc._kill_pool_entry(container)

    # What an update answers does not depend on it.
    Thread(target=end, daemon=True).start()


lambda_svc._warm_pool_key = _key_of_version
lambda_svc._pool_kill_function = _end_what_serves_no_more
