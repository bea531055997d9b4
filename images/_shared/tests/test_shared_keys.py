from uuid import UUID

import pytest

from student_helper.keys import (
    Kind,
    kind_of,
    parse_upload_key,
    rendition_key,
    results_prefix,
    thumbnail_key,
    upload_key,
)

ITEM = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
OWNER = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [("image/jpeg", "images"), ("application/pdf", "documents"), ("text/markdown", "documents")],
)
def test_the_declared_type_decides_which_function_an_upload_goes_to(content_type: str, kind: Kind) -> None:
    assert kind_of(content_type) == kind


@pytest.mark.parametrize("kind", ["images", "documents"])
def test_the_key_of_an_upload_is_read_back(kind: Kind) -> None:
    key = upload_key(kind, OWNER, ITEM)

    assert key == f"uploads/{kind}/{OWNER}/{ITEM}"
    assert parse_upload_key(key) == (kind, OWNER, ITEM)


@pytest.mark.parametrize(
    "key",
    [
        f"uploads/images/{OWNER}/{ITEM}/more",
        f"uploads/images/{OWNER}/{ITEM}\n",
        f"uploads/images/{OWNER}/../{ITEM}",
        f"uploads/images//{ITEM}",
        f"uploads/images/{OWNER}/{str(ITEM).upper()}",
        f"uploads/images/{OWNER}/{'0' * 36}",
        f"uploads/images/{OWNER}/{ITEM.hex}----",
        f"uploads/videos/{OWNER}/{ITEM}",
        f"results/{OWNER}/{ITEM}/v1/thumbnail.webp",
    ],
)
def test_a_key_that_the_api_does_not_make_is_none_of_an_upload(key: str) -> None:
    assert parse_upload_key(key) is None


def test_everything_that_is_made_of_an_item_is_below_its_prefix_in_a_place_for_each_version() -> None:
    keys = [make(OWNER, ITEM, version) for make in (thumbnail_key, rendition_key) for version in ("v1", "v2")]

    assert len(set(keys)) == 4
    assert all(key.startswith(results_prefix(OWNER, ITEM)) for key in keys)
