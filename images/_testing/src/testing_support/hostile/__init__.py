"""Files that are made to harm, or that are not what they are said to be: each of them has to be rejected.

The empty ones are refused by S3 already. `python -m testing_support.hostile FOLDER` writes them all down.
"""

from testing_support.hostile.files import HostileFile
from testing_support.hostile.injections import Injection, injections
from testing_support.hostile.names import HostileName, hostile_names
from testing_support.hostile.pdfs import hostile_pdfs
from testing_support.hostile.pictures import hostile_pictures
from testing_support.hostile.texts import hostile_texts
from testing_support.hostile.words import hostile_words

__all__ = [
    "HostileFile",
    "HostileName",
    "Injection",
    "hostile_documents",
    "hostile_names",
    "hostile_pictures",
    "injections",
]


def hostile_documents() -> list[HostileFile]:
    """All hostile documents."""
    return [*hostile_pdfs(), *hostile_words(), *hostile_texts()]
