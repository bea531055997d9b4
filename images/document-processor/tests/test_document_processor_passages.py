import random

import pytest

from document_processor.documents import Document, Page
from document_processor.passages import MAX_CHARACTERS, MIN_CHARACTERS, passages_of, split
from document_processor.plain import normalise

LATIN = "Light becomes chemical energy in leaves. "
CHINESE = "\u5149\u5408\u4f5c\u7528\u628a\u5149\u53d8\u6210\u5316\u5b66\u80fd"
IDEOGRAPHIC_FULL_STOP = "\u3002"


def characters(text: str) -> str:
    return "".join(text.split())


def test_a_short_text_is_one_passage() -> None:
    assert split("One.\n\nTwo.") == ["One.\n\nTwo."]


def test_a_passage_may_be_full() -> None:
    assert [len(passage) for passage in split("a" * MAX_CHARACTERS)] == [MAX_CHARACTERS]


def test_pages_are_split_by_themselves() -> None:
    document = Document([Page(2, "Two."), Page(3, "a" * (MAX_CHARACTERS + 1))], 5)

    passages = passages_of(document)

    assert [(passage.page, len(passage.text)) for passage in passages.passages] == [(2, 4), (3, MAX_CHARACTERS), (3, 1)]
    assert passages.page_count == 5


def test_neighbouring_paragraphs_share_a_passage_as_far_as_they_fit() -> None:
    paragraphs = [letter * 390 for letter in "abcd"]

    assert split("\n\n".join(paragraphs)) == ["\n\n".join(paragraphs[:3]), paragraphs[3]]


def test_a_paragraph_is_kept_whole_rather_than_filling_the_passage_before_it() -> None:
    paragraphs = ["One sentence. " * 60 + "The end.", "Another sentence. " * 60 + "The end."]

    assert split("\n\n".join(paragraphs)) == paragraphs


def test_a_heading_begins_a_passage_rather_than_ending_one() -> None:
    before, after = "a" * 700 + "\n## Heading", "b" * 300 + "\n\n" + "c" * 300

    passages = split(f"{before}\n\n{after}")

    assert passages == ["a" * 700, f"## Heading\n\n{after}"]


@pytest.mark.parametrize(
    "end",
    [
        *(
            ". ",
            '." ',
            "! ",
            "? ",
            "\u2026 ",
            "\u061f ",
            "\u06d4 ",
            "\u0964 ",
            "\u0589 ",
            "\u1362 ",
            "\u17d4 ",
            "\u104b ",
        ),
        *("\u3002", "\uff01", "\uff1f", "\u3002\u300d"),
    ],
)
def test_a_long_paragraph_is_cut_at_the_end_of_a_sentence(end: str) -> None:
    sentence = "a" * 300 + end
    text = (sentence * 5).rstrip()

    passages = split(text)

    assert passages == [(sentence * (MAX_CHARACTERS // len(sentence))).rstrip(), text[len(passages[0]) :].lstrip()]
    assert passages[0].endswith(end.rstrip())


def test_a_point_within_a_number_ends_no_sentence() -> None:
    text = "a" * 700 + " 3.14159 " + "b" * 700

    assert split(text) == ["a" * 700 + " 3.14159", "b" * 700]


def test_a_list_is_cut_at_the_end_of_a_line() -> None:
    line = "one word after the other without any stop"

    passages = split("\n".join([line] * 100))

    assert {row for passage in passages for row in passage.split("\n")} == {line}


def test_words_stay_whole() -> None:
    assert {word for passage in split("photosynthesis " * 200 + "end") for word in passage.split()} == {
        "photosynthesis",
        "end",
    }


def test_a_text_without_blanks_is_cut_at_its_sentences() -> None:
    sentence = CHINESE + IDEOGRAPHIC_FULL_STOP

    passages = split(sentence * 300)

    assert "".join(passages) == sentence * 300
    assert {passage[-1] for passage in passages} == {IDEOGRAPHIC_FULL_STOP}


def test_a_text_without_any_boundary_is_cut_where_a_passage_is_full() -> None:
    text = CHINESE * 300

    passages = split(text)

    assert "".join(passages) == text
    assert {len(passage) for passage in passages[:-1]} == {MAX_CHARACTERS}


@pytest.mark.parametrize(
    "letter",
    [
        "q\u0323\u0307",
        "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}",
        "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-3}",
    ],
)
@pytest.mark.parametrize("offset", [0, 1, 2])
def test_no_letter_is_cut_in_two(letter: str, offset: int) -> None:
    text = "a" * offset + letter * 2000

    passages = split(text)

    assert "".join(passages) == text
    assert {passage.removeprefix("a" * offset).replace(letter, "") for passage in passages} == {""}


def test_marks_without_end_are_cut_all_the_same() -> None:
    assert [len(passage) for passage in split("a" + "\u0323" * 1500)] == [MAX_CHARACTERS, 301]


@pytest.mark.parametrize("seed", range(100))
def test_nothing_is_lost_or_doubled(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same texts each time
    pieces = [
        " ",
        "\n",
        "\n\n",
        "\n# ",
        ". ",
        ".",
        IDEOGRAPHIC_FULL_STOP,
        "a\u0323",
        LATIN,
        CHINESE,
        "x" * 500,
        "\u3000",
        ")",
    ]
    weights = [chance.random() ** 3 for _ in pieces]
    text = normalise("".join(chance.choices(pieces, weights, k=chance.randrange(3000))))

    passages = split(text)

    assert characters("".join(passages)) == characters(text)
    assert [passage for passage in passages if passage != passage.strip() or len(passage) > MAX_CHARACTERS] == []
    assert [passage for passage in passages[:-1] if len(passage) < MIN_CHARACTERS - 1] == []
