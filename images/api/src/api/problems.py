"""Errors as problem details (RFC 9457): what is wrong, and what would be accepted."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException

from api.echo import shortened
from student_helper import metrics
from student_helper.errors import DependencyError
from student_helper.logs import logger

MEDIA_TYPE = "application/problem+json"


class InvalidField(BaseModel):
    """One thing that is wrong with a request."""

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was not answered."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    correlation_id: str | None
    """Finds the request in the logs."""
    errors: list[InvalidField] | None = None
    dependency: str | None = None


class GatewayMessage(BaseModel):
    """What API Gateway answers itself, without asking this API. An HTTP API has no setting for its form."""

    message: str


def responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describes problems for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {int(status): {"description": _title(status), "content": content} for status in statuses}


def gateway_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describes answers of API Gateway for the OpenAPI document."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}}
    return {
        int(status): {"description": f"{_title(status)}, said by API Gateway", "content": content}
        for status in statuses
    }


def schemas() -> dict[str, Any]:
    """The schemas that these responses refer to, for the OpenAPI document's components."""
    _, definitions = models_json_schema(
        [(Problem, "serialization"), (GatewayMessage, "serialization")], ref_template="#/components/schemas/{model}"
    )
    return dict(definitions["$defs"])


def add_problem_handlers(app: FastAPI) -> None:
    """Makes every error that leaves the app a problem document."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DependencyError, _unavailable)
    app.add_exception_handler(Exception, _unexpected)


# The handlers' second parameter is what Starlette's own type says; each handles the one class that it was added for.


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = error.headers or {}
    detail = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"There is nothing at {shortened(request.url.path)}; /openapi.json lists what there is"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = headers.get("allow") or headers.get("Allow")
        detail = f"{shortened(request.method)} is not allowed here; allowed: {allowed}"
    return _problem(error.status_code, detail, headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [_explain(found) for found in error.errors()]
    detail = "; ".join(f"{found.field}: {found.message}" for found in errors)
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DependencyError)  # noqa: S101
    detail = f"{error.dependency} is not available; try again later"
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, dependency=error.dependency)


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    logger.error("Unexpected error", exc_info=error)
    metrics.fault()
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here; tell support the correlation id")


def _problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **members: Any) -> JSONResponse:
    correlation_id = logger.get_correlation_id()
    problem = Problem(title=_title(status), status=status, detail=detail, correlation_id=correlation_id, **members)
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def _title(status: int) -> str:
    # RFC 9110's words, which Python has from 3.13 on.
    return "Unprocessable Content" if status == HTTPStatus.UNPROCESSABLE_ENTITY else HTTPStatus(status).phrase


def _explain(error: Mapping[str, Any]) -> InvalidField:
    where, *path = error["loc"]
    match error["type"]:
        case "json_invalid":
            return InvalidField(field="body", message=f"Should be JSON: {error['ctx']['error']}")
        case "missing" | "model_attributes_type" if not path:
            return InvalidField(field="body", message="Should be a JSON object with Content-Type: application/json")
    return InvalidField(field=".".join(map(str, path)) or str(where), message=error["msg"])
