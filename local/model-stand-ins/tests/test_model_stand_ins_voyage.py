import math
from typing import Any

import pytest
from control import request
from voyageai.client import Client

MODEL = "voyage-3.5"
PLANTS = "Plants capture the light of the sun with chlorophyll and build sugar from carbon dioxide and water."
FRANCE = "In 1789 the people of Paris took the Bastille, and the revolution ended the old order of France."


@pytest.fixture
def client(address: str) -> Client:
    return Client(api_key="key", base_url=f"{address}/voyage/v1")


def post(address: str, **changes: Any) -> tuple[int, Any]:
    body = {"input": ["text"], "model": MODEL} | changes
    return request("POST", f"{address}/voyage/v1/embeddings", body, {"Authorization": "Bearer key"})


def nearness(client: Client, query: str, document: str) -> float:
    (first,) = client.embed([query], MODEL, input_type="query").embeddings
    (second,) = client.embed([document], MODEL, input_type="document").embeddings
    return float(sum(a * b for a, b in zip(first, second, strict=True)))


def test_the_official_client_reads_vectors(client: Client) -> None:
    result = client.embed([PLANTS, FRANCE], MODEL, input_type="document", output_dimension=1024)

    assert [len(vector) for vector in result.embeddings] == [1024, 1024]
    assert [math.hypot(*vector) for vector in result.embeddings] == pytest.approx([1, 1])
    assert result.total_tokens == 49


def test_vectors_are_the_same_every_time(client: Client) -> None:
    assert client.embed([PLANTS], MODEL).embeddings == client.embed([PLANTS], MODEL).embeddings


@pytest.mark.parametrize("dimension", [256, 512, 1024, 2048])
def test_vectors_have_the_length_that_is_asked_for(client: Client, dimension: int) -> None:
    (vector,) = client.embed([PLANTS], MODEL, output_dimension=dimension).embeddings

    assert len(vector) == dimension


def test_numbers_are_the_same_in_both_encodings(address: str, client: Client) -> None:
    status, body = post(address, input=PLANTS, input_type=None)

    (from_base64,) = client.embed([PLANTS], MODEL).embeddings
    assert status == 200
    assert body["data"][0]["embedding"] == pytest.approx(from_base64, abs=1e-7)
    assert (body["object"], body["model"]) == ("list", MODEL)
    assert (body["data"][0]["object"], body["data"][0]["index"]) == ("embedding", 0)
    assert body["usage"] == {"total_tokens": 25}


def test_equal_texts_have_equal_vectors_whatever_they_are_for(client: Client) -> None:
    assert nearness(client, PLANTS, PLANTS.upper()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("how do plants use the light of the sun", PLANTS, FRANCE),
        ("the French revolution in Paris", FRANCE, PLANTS),
        ("chlorophyll", PLANTS, FRANCE),
        ("revolutionary", FRANCE, PLANTS),
    ],
)
def test_texts_with_equal_words_are_nearer(client: Client, query: str, near: str, far: str) -> None:
    assert nearness(client, query, near) > 2 * nearness(client, query, far)


def test_a_text_without_words_has_a_vector(client: Client) -> None:
    (vector,) = client.embed(["?!"], MODEL).embeddings

    assert math.hypot(*vector) == pytest.approx(1)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "key"}])
def test_a_key_is_required(address: str, headers: dict[str, str]) -> None:
    url = f"{address}/voyage/v1/embeddings"

    answer = request("POST", url, {"input": ["text"], "model": MODEL}, headers)

    assert answer == (401, {"detail": "Provided API key is invalid."})


def test_as_many_texts_as_the_vendor_takes_are_taken(client: Client) -> None:
    assert len(client.embed(["text"] * 1000, MODEL).embeddings) == 1000


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"input": ["text"] * 1001}, "The batch size limit is 1000. Your batch size is 1001."),
        ({"input": []}, "Input cannot contain empty strings or empty lists."),
        ({"input": ["text", ""]}, "Input cannot contain empty strings or empty lists."),
        ({"input": [1]}, "Argument 'input' must be a string or a list of strings."),
        ({"model": "voyage-0"}, "Model voyage-0 is not supported."),
        ({"extra": 1}, "Argument 'extra' is not supported by our API."),
        ({"input_type": "passage"}, "Value 'passage' provided in argument 'input_type' is invalid."),
        ({"output_dimension": 1000}, "Value '1000' provided in argument 'output_dimension' is invalid."),
        ({"output_dtype": "int8"}, "Value 'int8' provided in argument 'output_dtype' is invalid."),
        ({"encoding_format": "float"}, "Value 'float' provided in argument 'encoding_format' is invalid."),
        ({"truncation": 1}, "Value '1' provided in argument 'truncation' is invalid."),
        (
            {"input": ["word" * 32_001], "truncation": False},
            "Request to model 'voyage-3.5' failed. An input has 32001 tokens.",
        ),
        (
            {"input": ["word" * 32_000] * 10 + ["word"]},
            "The max allowed tokens per submitted batch is 320000. Your batch has 320001 tokens after truncation.",
        ),
    ],
)
def test_what_the_api_refuses_is_refused(address: str, changes: dict[str, Any], detail: str) -> None:
    status, body = post(address, **changes)

    assert status == 400
    assert detail in body["detail"]


def test_long_texts_are_cut_unless_that_is_forbidden(address: str) -> None:
    status, body = post(address, input=["word" * 40_000])

    assert (status, body["usage"]) == (200, {"total_tokens": 32_000})


@pytest.mark.parametrize("missing", ["input", "model"])
def test_fields_are_required(address: str, missing: str) -> None:
    body = {"input": "text", "model": MODEL}
    del body[missing]

    answer = request("POST", f"{address}/voyage/v1/embeddings", body, {"Authorization": "Bearer key"})

    assert answer == (400, {"detail": f"Argument '{missing}' is required."})
