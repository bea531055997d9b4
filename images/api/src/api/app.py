"""The routes."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Security
from pydantic import UUID7

from api.auth import Owner, bearer
from api.models import Health, ItemDetails, ItemPage, PageRequest, SearchRequest, SearchResults, Upload, UploadRequest
from api.problems import add_problem_handlers, gateway_responses, responses, schemas
from api.services import Services, services

Injected = Annotated[Services, Depends(services)]

DESCRIPTION = """Errors are problem details (RFC 9457), but for those of API Gateway: it answers `{"message": ...}` to a
token that it refuses, to too many requests, and where there is no such route."""

open_routes = APIRouter(
    responses=gateway_responses(HTTPStatus.TOO_MANY_REQUESTS) | responses(HTTPStatus.SERVICE_UNAVAILABLE)
)
owner_routes = APIRouter(
    dependencies=[Security(bearer)],
    responses=gateway_responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
    | responses(HTTPStatus.SERVICE_UNAVAILABLE),
)

INVALID = responses(HTTPStatus.UNPROCESSABLE_ENTITY)
INVALID_OR_MISSING = responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND)


def create_app(services: Services) -> FastAPI:
    """The application, with its services."""
    # The interactive pages load scripts from elsewhere and cannot send a token; the document has a route of its own.
    app = FastAPI(
        title="Student Helper",
        version="1",
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.include_router(open_routes)
    app.include_router(owner_routes)
    add_problem_handlers(app)
    return app


@open_routes.get("/health")
def health(services: Injected) -> Health:
    """Says whether the API works, and which version of it answers."""
    services.health.check()
    version = services.settings.aws_lambda_function_version
    return Health(status="ok", version=version, image_digest=services.image.digest)


@owner_routes.post("/uploads", status_code=HTTPStatus.CREATED, responses=INVALID)
def request_upload(owner: Owner, services: Injected, request: UploadRequest) -> Upload:
    """Gives leave to upload one file."""
    return services.items.request_upload(owner, request)


@owner_routes.get("/items", responses=INVALID)
def list_items(owner: Owner, services: Injected, request: Annotated[PageRequest, Query()]) -> ItemPage:
    """Lists one's own items, newest first."""
    return services.items.page(owner, request)


@owner_routes.get("/items/{item_id}", responses=INVALID_OR_MISSING)
def read_item(owner: Owner, services: Injected, item_id: UUID7) -> ItemDetails:
    """Reads one of one's own items."""
    item = services.items.details(owner, item_id)
    if item is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, NO_ITEM)
    return item


@owner_routes.delete("/items/{item_id}", status_code=HTTPStatus.NO_CONTENT, responses=INVALID_OR_MISSING)
def delete_item(owner: Owner, services: Injected, item_id: UUID7) -> None:
    """Deletes one of one's own items with its files and everything that is known about it."""
    if not services.items.delete(owner, item_id):
        raise HTTPException(HTTPStatus.NOT_FOUND, NO_ITEM)


# The same words for an item of somebody else.
NO_ITEM = "You have no item with this id"


@owner_routes.get("/search", responses=INVALID)
def search(owner: Owner, services: Injected, request: Annotated[SearchRequest, Query()]) -> SearchResults:
    """Finds the best passages and pictures among one's own items by meaning."""
    return services.search.find(owner, request)


@owner_routes.get("/openapi.json", include_in_schema=False)
def openapi(_owner: Owner, request: Request) -> dict[str, Any]:
    """Describes this API."""
    app: FastAPI = request.app
    document = app.openapi()
    document["components"]["schemas"] |= schemas()
    return document
