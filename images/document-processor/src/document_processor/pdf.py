"""PDF files."""

import logging
from collections.abc import Iterator
from io import BytesIO

from pypdf import PasswordType, PdfReader

from document_processor.rejections import PROTECTED_PDF, blamed_on_file
from student_helper.errors import RejectedError

MAX_PAGES = 2000

# It cites damaged files in its warnings, one for each fault.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)


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
