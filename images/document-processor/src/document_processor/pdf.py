"""PDF files."""

import logging
import sys
from collections.abc import Iterator
from io import BytesIO

from pypdf import PasswordType, PdfReader

from document_processor.rejections import PROTECTED_PDF, blamed_on_file
from student_helper.errors import RejectedError

MAX_PAGES = 2000

# It cites damaged files in its warnings, one for each fault.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)


class _Exhaustion(logging.Filter):
    """Ends the reading of a file that nests too deeply, or needs too much memory.

    The library warns of it, and goes on with what it has of the dictionary: whether a file can be read would depend on
    how deep the stack is from which it is.
    """

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - what is being handled tells more
        error = sys.exception()
        if error is not None and isinstance(error.__cause__, RecursionError | MemoryError):
            raise error.__cause__
        return False


_dictionaries = logging.getLogger("pypdf.generic._data_structures")
_dictionaries.setLevel(logging.WARNING)
_dictionaries.addFilter(_Exhaustion())


def read_pdf(content: bytes) -> Iterator[str]:
    """Reads the text of one page after the other; that of a scanned one is empty.

    What a stream may unpack to, and how much of it is parsed, is limited by the library:
    https://pypdf.readthedocs.io/en/stable/user/security.html

    Raises:
        RejectedError: it is damaged, too long, or cannot be opened without a password.
    """
    with blamed_on_file():
        reader = PdfReader(BytesIO(content))
        # Many are encrypted with an empty password, to forbid printing or changes; everybody can read them.
        locked = reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED
    if locked:
        raise RejectedError(PROTECTED_PDF)
    with blamed_on_file():
        page_count = len(reader.pages)
    if page_count > MAX_PAGES:
        raise RejectedError(f"This PDF has more than {MAX_PAGES} pages. Upload it in parts.")
    for index in range(page_count):
        with blamed_on_file():
            text = reader.pages[index].extract_text()
        yield text
