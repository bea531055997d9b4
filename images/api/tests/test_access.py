from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from api_client import Api

ROUTES = [
    ("POST", "/uploads"),
    ("GET", "/items"),
    ("GET", "/items/019b76da-a800-7000-8000-000000000000"),
    ("DELETE", "/items/019b76da-a800-7000-8000-000000000000"),
    ("GET", "/search"),
    ("GET", "/openapi.json"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_but_health_answers_without_a_token(api: Api, method: str, path: str) -> None:
    api.claims = None

    answer = api.request(method, path)

    assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.body == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "An access token is needed: Authorization: Bearer <access token>",
        "correlation_id": "request-1",
    }


@pytest.mark.parametrize(
    ("claims", "detail"),
    [
        (
            {"token_use": "id"},
            "This is not an access token; send the access token of the sign-in, not the ID token",
        ),
        (
            {"client_id": "another"},
            "This token was made for another client; sign in with this stack's own client",
        ),
        ({"sub": ""}, "This token does not name a user; sign in as a user of this stack"),
        ({"sub": "../other"}, "This token does not name a user; sign in as a user of this stack"),
        ({"sub": "a/b"}, "This token does not name a user; sign in as a user of this stack"),
    ],
)
def test_other_tokens_of_the_same_pool_are_refused(api: Api, claims: dict[str, str], detail: str) -> None:
    api.claims = (api.claims or {}) | claims

    answer = api.request("GET", "/items")

    assert (answer.status, answer.body["detail"]) == (401, detail)


@pytest.mark.parametrize("claim", ["token_use", "client_id", "sub"])
def test_a_token_that_lacks_a_claim_is_refused(api: Api, claim: str) -> None:
    api.claims = {name: value for name, value in (api.claims or {}).items() if name != claim}

    assert api.request("GET", "/items").status == 401
