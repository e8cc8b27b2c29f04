"""Decodes text files in any encoding. Runs only in the child process."""

from __future__ import annotations

import codecs
from importlib import import_module
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
_GUESSED, _LOOKED_AT = 1_000, 64_000
"""Minimum size in bytes for guessing an encoding (guesses for short texts are wrong), and number of bytes examined."""

_FEW = 0.01
"""Share of invalid characters up to which a text counts as UTF-8, for example a truncated file or several joined ones.
"""


def text(data: bytes) -> Decoded:
    """Decode a text file by its byte order mark, or else as UTF-8, or else in its likely encoding.

    Raises NotDecoded.
    """
    said = _checked(_said(data))
    return Decoded(text=said[:MOST_TEXT], cut=len(said) > MOST_TEXT)


def plain_text(data: bytes) -> str:
    """Decode any bytes as text. Never fails."""
    try:
        return _said(data).replace("\r\n", "\n")
    except NotDecoded:
        return ""


def _said(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeError:
                raise NotDecoded(Reason.DAMAGED) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _nearly_utf8(data) or data.decode(_likely(data), "replace")


def _nearly_utf8(data: bytes) -> str:
    """Decode a text that is nearly all UTF-8, marking invalid characters, or return an empty string."""
    said = data.decode("utf-8", "replace")
    broken = said.count("\ufffd")
    beyond = len(data) - len(said)  # at least one extra byte for each non-ASCII character
    return said if broken <= max(len(said) * _FEW, 1) and beyond > 2 * broken else ""


def _likely(data: bytes) -> str:
    """Guess an encoding. Returns Windows-1252 if there is no better guess."""
    if len(data) < _GUESSED:
        return "cp1252"
    guesses: Any = import_module("charset_normalizer")
    best = guesses.from_bytes(data[:_LOOKED_AT]).best()
    return str(best.encoding) if best is not None else "cp1252"


def _checked(said: str) -> str:
    """Return the text with LF line endings. Raises NotDecoded for binary data."""
    if _CONTROLS.intersection(said):
        raise NotDecoded(Reason.NO_TEXT)
    return said.replace("\r\n", "\n").replace("\r", "\n")
