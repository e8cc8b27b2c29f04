"""Text files as text, and what a mail says, in the child alone."""

from __future__ import annotations

import codecs
from email import message_from_bytes
from email.policy import default
from typing import Any

from desktop.attachments.decode_wire import Decoded, NotDecoded, Reason

MOST_TEXT = 4_000_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1b\b")
_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def text(data: bytes) -> Decoded:
    """A file's text by its mark, else as UTF-8, else as Windows writes it in the West. Raises NotDecoded."""
    said = _said(data)
    return Decoded(text=said[:MOST_TEXT], cut=len(said) > MOST_TEXT)


def mail(data: bytes) -> Decoded:
    """Who wrote a mail to whom, when, about what, and its text; files within are named. Raises NotDecoded."""
    message: Any = message_from_bytes(data, policy=default)
    lines = [f"{name}: {_header(message, name)}" for name in _HEADERS if message[name]]
    try:
        body = message.get_body(("plain", "html"))
        content = str(body.get_content()) if body is not None else ""
    except (LookupError, ValueError, KeyError, AttributeError):
        content = ""
    names: list[str] = [each.get_filename() or each.get_content_type() for each in message.walk() if _is_file(each)]
    lines += ["", content.strip(), *(f"[Attached: {name}]" for name in names)]
    said = "\n".join(lines)
    if not said.strip():
        return text(data)
    return Decoded(text=said[:MOST_TEXT], cut=len(said) > MOST_TEXT)


def _said(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return _checked(data.decode(encoding))
            except UnicodeError:
                raise NotDecoded(Reason.DAMAGED) from None
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _checked(data.decode("cp1252", "replace"))


def _checked(said: str) -> str:
    """Text that people can read. Raises NotDecoded for what only programs do."""
    if _CONTROLS.intersection(said):
        raise NotDecoded(Reason.NO_TEXT)
    return said.replace("\r\n", "\n").replace("\r", "\n")


def _header(message: Any, name: str) -> str:  # noqa: ANN401 - its type is not whole
    try:
        return " ".join(str(message[name]).split())
    except (LookupError, ValueError, AttributeError, IndexError):
        return ""


def _is_file(part: Any) -> bool:  # noqa: ANN401 - its type is not whole
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None
