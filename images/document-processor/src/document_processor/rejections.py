"""Why a document cannot be used, in words for the student."""

from collections.abc import Iterator
from contextlib import contextmanager

from student_helper.errors import RejectedError
from student_helper.logs import logger

UNSUPPORTED = "This file is not a document that we can read. Accepted: PDF, DOCX, plain text and Markdown."
OLD_WORD = "This is a document of an old version of Word. Save it as DOCX or PDF, and upload that."
DAMAGED = "This document is damaged and cannot be read. If you can open it, save it as PDF, and upload that."
NO_TEXT = "This document has no text."
NO_TEXT_IN_PDF = "This PDF has no text, only pictures of pages. Photograph or export the pages as pictures instead."
PROTECTED_PDF = "This PDF is protected by a password. Upload a copy without one."
PROTECTED_DOCX = "This document is protected by a password. Upload a copy without one."
TOO_LARGE_UNPACKED = "This document is too large when it is unpacked. Save it as PDF, and upload that."


@contextmanager
def blamed_on_file() -> Iterator[None]:
    """Runs a library on a stranger's file: whatever it raises, the file is damaged.

    Raises:
        RejectedError: the library raised something.
        MemoryError: it used too much memory.
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        # Its message may cite the file.
        logger.info("A library cannot read a document", extra={"error": type(error).__name__})
        raise RejectedError(DAMAGED) from error
