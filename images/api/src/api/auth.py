"""Who is asking."""

import re
from http import HTTPStatus
from typing import Annotated, NoReturn

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer

from api.services import Services, services

# For the OpenAPI document alone: API Gateway has checked signature, issuer, expiry, audience and scope before.
bearer = HTTPBearer(
    bearerFormat="JWT", description="An access token of the stack's own Cognito client", auto_error=False
)

_SUBJECT = re.compile(r"[A-Za-z0-9_-]{1,128}")  # It becomes a part of keys in S3: no slash, no dots.


def _owner(request: Request, services: Annotated[Services, Depends(services)]) -> str:
    claims = _claims(request)
    if claims is None:
        _refuse("An access token is needed: Authorization: Bearer <access token>")
    # An ID token has the same issuer and, as `aud`, the same client; API Gateway accepts it where it asks for no scope.
    if claims.get("token_use") != "access":
        _refuse("This is not an access token; send the access token of the sign-in, not the ID token")
    if claims.get("client_id") != services.parameters["cognito/client_id"]:
        _refuse("This token was made for another client; sign in with this stack's own client")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        _refuse("This token does not name a user; sign in as a user of this stack")
    return subject


def _claims(request: Request) -> dict[str, object] | None:
    authorizer = request.scope["aws.event"]["requestContext"].get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims")
    return claims if isinstance(claims, dict) else None


def _refuse(detail: str) -> NoReturn:
    raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


Owner = Annotated[str, Depends(_owner)]
"""The user who is signed in: Cognito's `sub`."""
