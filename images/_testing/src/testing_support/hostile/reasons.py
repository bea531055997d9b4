"""Why documents are rejected, whatever their format."""

UNSUPPORTED = "This file is not a document that we can read. Accepted: PDF, DOCX, plain text and Markdown."
DAMAGED = "This document is damaged and cannot be read. If you can open it, save it as PDF, and upload that."
NO_TEXT = "This document has no text."
TOO_MANY_CHARACTERS = "This document has more than 2,000,000 characters. Upload it in parts."
