"""Text of emails: headers, all texts in order, and the names of attached files. Runs only in the child process."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any, cast

from desktop.attachments.decode_wire import Decoded
from desktop.attachments.text_decoder import MOST_TEXT, plain_text, text

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_DEEPEST = 8
"""Maximum nesting of forwarded emails."""

_ALSO = {
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "windows-874": "cp874",
    "x-gbk": "gbk",
    "x-sjis": "cp932",
    "x-mac-roman": "mac-roman",
    "ks_c_5601-1987": "cp949",
    "cp-850": "cp850",
    "unicode-1-1-utf-8": "utf-8",
}
"""Character set names that occur in emails but that Python does not know, with Python's equivalents."""

_NO_TEXT = frozenset({"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"})
_BLOCKS = frozenset({
    "address", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "table", "tr", "ul",
})  # fmt: skip
_UNSEEN = frozenset({"head", "script", "style", "template", "title"})


def mail(data: bytes) -> Decoded:
    """Return an email's main headers, its texts and the names of its attached files. Raises NotDecoded."""
    message = message_from_bytes(data, policy=default)
    said = "\n".join(_lines(message, 0)).strip("\n").encode("utf-8", "replace").decode()  # replaces lone surrogates
    if not said.strip():
        return text(data)
    return Decoded(text=said[:MOST_TEXT], cut=len(said) > MOST_TEXT)


def _lines(message: EmailMessage, depth: int) -> Iterator[str]:
    yield from (f"{name}: {_header(message, name)}" for name in _HEADERS if message[name])
    yield ""
    yield from _parts(message, depth)


def _parts(part: EmailMessage, depth: int) -> Iterator[str]:
    """Yield the texts of a part: of alternatives, the plainest one; of other parts, all in order."""
    kind = part.get_content_type()
    if kind == "message/rfc822" and depth < _DEEPEST:
        yield "[Forwarded message]"
        for child in _within(part):
            yield from _lines(child, depth + 1)
    elif part.get_content_disposition() == "attachment" or part.get_filename() is not None:
        yield f"[Attached: {_name(part)}]"
    elif kind == "multipart/alternative":
        forms = _within(part)
        plain = [child for child in forms if child.get_content_type() == "text/plain"]
        for child in (plain or forms)[:1]:
            yield from _parts(child, depth)
        for child in forms:
            if child.get_content_maintype() not in {"text", "multipart"}:
                yield from _parts(child, depth)
    elif part.is_multipart():
        for child in _within(part):
            yield from _parts(child, depth)
    elif part.get_content_maintype() == "text":
        said = _text(part)
        yield _from_html(said) if kind == "text/html" else said.strip()
    else:
        yield f"[Attached: {kind}]"


def _within(part: EmailMessage) -> list[EmailMessage]:
    held: object = part.get_payload()
    return (
        [each for each in cast("list[object]", held) if isinstance(each, EmailMessage)]
        if isinstance(held, list)
        else []
    )


def _text(part: EmailMessage) -> str:
    """Return a part's text in the character set that it declares, or else decoded like any text file."""
    data: Any = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        named = str(part.get_content_charset() or "").casefold()
        codec = codecs.lookup(_ALSO.get(named, named))
        if codec.name.replace("-", "_") not in _NO_TEXT:
            return str(data.decode(codec.name, "replace")).replace("\r\n", "\n")
    except (LookupError, ValueError, AttributeError):
        pass
    return plain_text(data)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message[name]).split())
    except (LookupError, ValueError, AttributeError, IndexError):
        return ""


def _name(part: EmailMessage) -> str:
    try:
        return " ".join(str(part.get_filename() or part.get_content_type()).split())
    except (LookupError, ValueError, AttributeError):
        return part.get_content_type()


class _Seen(HTMLParser):
    """HTML parser that collects the visible text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Start a new line before a block element."""
        del attrs
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Handle the end of a block or of a hidden element."""
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        if tag in _BLOCKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        """Collect visible text."""
        if not self._unseen:
            self.said.append(" ".join(f".{data}.".split())[1:-1])


def _from_html(page: str) -> str:
    seen = _Seen()
    seen.feed(page[:MOST_TEXT])
    seen.close()
    lines = (" ".join(line.split()) for line in "".join(seen.said).split("\n"))
    return "\n".join(line for line in lines if line)
