"""Search by meaning: the query becomes a vector, and PostgreSQL finds those of passages that are nearest."""

import json
from typing import Any

import sqlalchemy as sa
import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

from api.models import SearchRequest, SearchResult, SearchResults
from api.sessions import transaction
from student_helper.database import EMBEDDING_DIMENSIONS, Status
from student_helper.errors import DependencyError
from student_helper.logs import logger
from student_helper.parameters import Parameters
from student_helper.vendors import VendorError, is_vector, with_current_key

SNIPPET_CHARACTERS = 300
"""How much of a passage a result shows."""

TIMEOUT = urllib3.Timeout(connect=2, read=4)
"""For Voyage: a student waits for the answer."""

# PostgreSQL sorts a student's own passages where they are few, and goes along the index where they are many. By itself
# the index would give the 40 nearest of all students alone: it has to go on until enough of them pass the filter.
_GO_ON = sa.text("set local hnsw.iterative_scan = strict_order")
_NEAREST = sa.text(
    """
    select passages.item_id, passages.page, passages.text, passages.embedding <=> cast(:vector as vector) as distance
    from passages join items on items.item_id = passages.item_id
    where items.owner = :owner
      and items.status = :status
      and (cast(:collection as text) is null or items.collection = :collection)
      and passages.embedding is not null
    order by passages.embedding <=> cast(:vector as vector)
    limit :limit
    """
)


class QueryEmbedder:
    """Makes vectors of queries.

    Voyage's API is asked without its client, whose import would double the start of a container.
    """

    def __init__(self, parameters: Parameters, base_url: str) -> None:
        """Asks nothing yet.

        Args:
            parameters: `voyage/api_key` and `voyage/model`.
            base_url: where Voyage's API is, with its version.
        """
        self._parameters = parameters
        self._url = f"{base_url.rstrip('/')}/embeddings"
        # No retries: whoever searches can do it again, and is told so.
        self._http = urllib3.PoolManager(timeout=TIMEOUT, retries=False)

    def embed(self, query: str) -> list[float]:
        """The vector of a query.

        Raises:
            DependencyError: Voyage did not answer, or not with a vector.
        """
        try:
            return with_current_key(
                lambda: self._parameters["voyage/api_key"],
                lambda: self._parameters.reread("voyage/api_key"),
                lambda key: self._request(key, query),
            )
        except VendorError as error:
            logger.exception("A query was not embedded", extra={"vendor": "voyage", "status": error.status})
            raise DependencyError("search") from error

    # Errors of the answer are raised from None: they quote it.
    def _request(self, key: str, query: str) -> list[float]:
        body = {
            "input": [query],
            "model": self._parameters["voyage/model"],
            "input_type": "query",
            "output_dimension": EMBEDDING_DIMENSIONS,
        }
        try:
            answer = self._post(key, body)
            answer.read(cache_content=True)
        except HTTPError as error:
            raise VendorError(None) from error
        if answer.status != 200:
            raise VendorError(answer.status)
        try:
            vector = answer.json()["data"][0]["embedding"]
        except (LookupError, TypeError, ValueError, RecursionError):
            raise VendorError(None) from None
        if not is_vector(vector):
            raise VendorError(None)
        return [float(number) for number in vector]

    def _post(self, key: str, body: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        """Makes a request; the answer's body is still to be read."""

        def post() -> urllib3.BaseHTTPResponse:
            headers = {"Authorization": f"Bearer {key}"}
            return self._http.request("POST", self._url, headers=headers, json=body, preload_content=False)

        pool = self._http.connection_from_url(self._url)
        made = pool.num_connections
        try:
            return post()
        except ProtocolError as error:
            # Lambda ends connections that stand idle, and who uses one next is the first to be told:
            # https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html. A new one was reset for another reason.
            kept = pool.num_connections == made
            if not (kept and isinstance(error.args[-1], ConnectionResetError)):
                raise
            return post()


class Search:
    """Searches the items of one student at a time."""

    def __init__(self, engine: sa.Engine, embedder: QueryEmbedder) -> None:
        """Asks nothing yet."""
        self._engine = engine
        self._embedder = embedder

    def find(self, owner: str, request: SearchRequest) -> SearchResults:
        """The owner's passages and pictures that are nearest to a query, nearest first."""
        # Before the transaction, which would keep the database's connection waiting for Voyage.
        vector = json.dumps(self._embedder.embed(request.q))
        with transaction(self._engine) as session:
            session.execute(_GO_ON)
            rows = session.execute(
                _NEAREST,
                {
                    "vector": vector,
                    "owner": owner,
                    "status": Status.READY.value,
                    "collection": request.collection,
                    "limit": request.limit,
                },
            ).all()
        return SearchResults(results=[_result(row) for row in rows])


def _result(row: sa.Row[tuple[object, ...]]) -> SearchResult:
    return SearchResult(
        item_id=row.item_id,
        # Vectors of opposite meaning have a similarity below 0, and rounding may leave one above 1.
        score=round(min(max(1 - row.distance, 0.0), 1.0), 4),
        snippet=" ".join(row.text.split())[:SNIPPET_CHARACTERS],
        page=row.page,
    )
