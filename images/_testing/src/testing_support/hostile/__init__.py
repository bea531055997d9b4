"""Files that are made to harm, or that are not what they are said to be. Each of them has to be rejected.

`python -m testing_support.hostile FOLDER` writes them down.
"""

from testing_support.hostile.files import HostileFile
from testing_support.hostile.pdfs import hostile_pdfs
from testing_support.hostile.pictures import hostile_pictures
from testing_support.hostile.texts import hostile_texts
from testing_support.hostile.words import hostile_words

__all__ = ["HostileFile", "hostile_documents", "hostile_pictures"]


def hostile_documents() -> list[HostileFile]:
    """All hostile documents."""
    return [*hostile_pdfs(), *hostile_words(), *hostile_texts()]
