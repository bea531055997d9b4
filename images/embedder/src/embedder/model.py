"""The model that makes vectors of texts: Voyage's, asked with its official client."""

from collections.abc import Sequence
from typing import Any

import requests
import voyageai
from voyageai.client import Client
from voyageai.error import VoyageError

from student_helper.database import EMBEDDING_DIMENSIONS
from student_helper.deadline import Deadline
from student_helper.parameters import Parameters
from student_helper.retry_after import retry_after
from student_helper.vendors import VendorError, call_vendor, is_vector, with_current_key

Vector = Sequence[float]

REQUEST_SECONDS = 60.0
"""The longest that one request may take."""


class Model:
    """Makes vectors that are near each other when the texts mean something similar."""

    def __init__(self, parameters: Parameters, base_url: str | None) -> None:
        """Asks nothing yet.

        Args:
            parameters: `voyage/api_key` and `voyage/model`.
            base_url: another place than Voyage's own.
        """
        self._parameters = parameters
        self._base_url = base_url

    def embed(self, texts: list[str], deadline: Deadline) -> Sequence[Vector]:
        """Makes a vector of each text.

        Raises:
            RetryLaterError: see `call_vendor`, also for the next.
            RefusedError: the vendor will not answer this request.
        """
        return call_vendor(
            "voyage",
            lambda seconds: with_current_key(
                lambda: self._parameters["voyage/api_key"],
                lambda: self._parameters.reread("voyage/api_key"),
                lambda key: self._request(key, texts, seconds),
            ),
            deadline,
            REQUEST_SECONDS,
        )

    # Errors are raised from None: the client's quote the answer, and would be logged.
    def _request(self, key: str, texts: list[str], seconds: float) -> Sequence[Vector]:
        # A client is no more than these settings; the connection is kept by the session below.
        client = Client(api_key=key, max_retries=0, timeout=seconds, base_url=self._base_url)
        try:
            vectors = client.embed(
                texts,
                model=self._parameters["voyage/model"],
                input_type="document",
                output_dimension=EMBEDDING_DIMENSIONS,
            ).embeddings
            usable = len(vectors) == len(texts) and all(map(is_vector, vectors))
        except (VoyageError, AttributeError, LookupError, TypeError, ValueError):
            # The client takes answers apart without a look at their form.
            raise VendorError(None) from None
        if not usable:
            raise VendorError(None)
        return vectors


def _session() -> requests.Session:
    # The client's own sessions try three times to connect, each time for as long as a request may take.
    session = requests.Session()
    session.hooks["response"] = [_raise_for_status]
    return session


def _raise_for_status(response: requests.Response, **_: Any) -> None:
    # The client itself loses `Retry-After` with some errors, and takes those that it does not know, such as 529, for
    # answers.
    if response.status_code >= 400:
        response.close()
        raise VendorError(response.status_code, retry_after(response.headers))


voyageai.requestssession = _session
