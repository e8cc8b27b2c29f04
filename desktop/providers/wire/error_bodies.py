"""Extracts a server's error from the many shapes of error bodies. Pure functions."""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from desktop.providers.wire.json_shapes import JsonObject, inner, is_object, items, objects, text
from desktop.providers.wire.sse import EventStreamDecoder
from desktop.redaction.redactor import hide_head, hide_within
from desktop.text.late_pattern import late_pattern

_LONGEST, _LONGEST_READ = 300, 1_200
"""Maximum characters of a message that are shown, and that are read, since the important part may follow two links."""

_COLOURS = late_pattern(r"\x1b\[[0-?]{0,32}[ -/]{0,4}[@-~]|\[[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m")
"""Color codes of a terminal, even without their escape character."""

_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_PAGE = 16_384
"""Maximum characters of a web page, or of an error in XML, that are read."""

_LONGEST_RAW = 64 << 10
_EMPTY: JsonObject = {}
_DEEPEST = 3
"""Maximum nesting of JSON or XML in an error's text that is read."""

_MESSAGES = (
    *("message", "Message", "msg", "error_message", "errorMessage", "error_msg", "errmsg", "err_msg", "faultstring"),
    *("status_msg", "moreInformation", "httpMessage", "error_description"),
)
_LAST_MESSAGES = ("detail", "description", "reason", "title")
"""Names of fields that contain a message if no preferred field exists."""

_HOLDERS = ("error", "Error", "errors", "fault", "Fault", "detail", "Response", "ResponseMetadata", "base_resp")
"""Names of fields that contain an error, in order of preference."""

_CODES = ("code", "type", "Code", "__type", "error_code", "errorCode", "errorcode")
_TAIL = late_pattern(r"(?:: ?| - )([{\[].*)", re.DOTALL)
"""JSON after a gateway's own message."""

_FOOTER = late_pattern(r"(?<!\s)\s+LiteLLM: model group '[^']{0,200}' failed with the error above\.[^{}]*\Z")
"""Text that LiteLLM appends to a provider's message."""

_BYTES = late_pattern(r"b(['\"])([{\[<].*)\1\s*", re.DOTALL)
"""Python's representation of bytes."""

_XML_MESSAGES = ("message", "faultstring", "reason", "errormessage", "description", "detail", "error")
_XML_TAGS = {
    name: (
        late_pattern(rf"<(?:[a-z][\w.-]{{0,30}}:)?{name}(?:\s[^<>]{{0,300}})?>"),
        late_pattern(rf"</(?:[a-z][\w.-]{{0,30}}:)?{name}\s?>"),
    )
    for name in (*_XML_MESSAGES, "code", "faultcode")
}
"""Start and end tags of elements, in lower case."""

_SHOWN, _DECODED = 4_000, 16_000
"""Maximum characters searched for keys: of a text that is shown, and of decoded data.

Searching ten thousand characters that look encoded takes seconds. The maximum length of an encoded key is added.
"""
_SPELLED = 12
"""Maximum characters for one character of a key when encoded."""


class ErrorBody(NamedTuple):
    """A server's error, as far as it could be read; missing parts are empty.

    Args:
        message: Message, which may be longer than `shown`.
        codes: All codes and types, in lower case, outermost first.
        param: Name of the parameter that the error is about.
        status: Status in the body.
        title: Title of a web page.
        details: Pydantic's entries.
        filter_result: Verdict of a content filter.
    """

    message: str = ""
    codes: tuple[str, ...] = ()
    param: str = ""
    status: int | None = None
    title: str = ""
    details: tuple[JsonObject, ...] = ()
    filter_result: object = None

    @property
    def shown(self) -> str:
        """The message as used in sentences."""
        return plain(self.message)


def plain(said: str, limit: int = _LONGEST) -> str:
    """Return text on one line, without control or direction characters, truncated to `limit` characters."""
    head = _COLOURS.sub("", said[: limit * 4])
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"} else c for c in head)
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _head(said: str, secrets: Collection[str]) -> str:
    """Return the beginning of a text that is shown, with secrets redacted."""
    return hide_head(said, secrets, _looked_at(_SHOWN, secrets))


def _looked_at(least: int, secrets: Collection[str]) -> int:
    return least + _SPELLED * max(map(len, secrets), default=0)


def read_complaint(body: bytes, secrets: Collection[str] = ()) -> ErrorBody:
    """Read an error body: JSON of any known shape, plain text, or the title of a web page.

    Secrets are redacted after decoding, since JSON and HTML encode keys differently.
    """
    said = _unframed(body.decode("utf-8", "replace").lstrip("\ufeff").strip())
    if not said:
        return ErrorBody()
    opened = _opened(said, secrets, _DEEPEST)
    return ErrorBody(message=plain(_head(said, secrets), _LONGEST_READ)) if opened is None else opened


def _unframed(said: str) -> str:
    """Return the first JSON in an error formatted as an event stream; other text is returned unchanged."""
    if not said.startswith(("data:", "event:")):
        return said
    decoder = EventStreamDecoder()
    events = [*decoder.feed(said.encode()), *decoder.flush()]
    return next((event.data for event in events if event.data.startswith("{")), said)


def _opened(source: str, secrets: Collection[str], depth: int) -> ErrorBody | None:
    """Read a text that is JSON, XML or a web page; return None for any other text."""
    if source.startswith(("{", "[")):
        try:
            return _read(msgspec.json.decode(source), secrets, depth)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return None
    if is_page(source):
        error = read_xml(source, secrets)
        if error is None:
            return ErrorBody(title=page_title(source, secrets))
        return _deeper(error, error.message, secrets, depth)
    return None


def _deeper(error: ErrorBody, content: object, secrets: Collection[str], depth: int) -> ErrorBody:
    """Replace an error by the one nested in its message, or by that of the provider behind it, if any."""
    if depth < 1:
        return error
    if is_object(content):
        return _joined(error, _read(content, secrets, depth - 1))
    source = text(content)[:_LONGEST_RAW]
    bytes_of = _BYTES.fullmatch(source)
    source = bytes_of[2] if bytes_of is not None else source
    before = ""
    inside = _opened(source, secrets, depth - 1)
    if inside is None and (tail := _TAIL.search(source)) is not None:
        before, inside = source[: tail.start(1)], _opened(tail[1], secrets, depth - 1)
    return error if inside is None else _joined(error, inside, before)


def _joined(outer: ErrorBody, inside: ErrorBody, before: str = "") -> ErrorBody:
    """Return an error with the message of the one nested in it; `before` is the text that precedes the message."""
    words = inside.message or inside.title
    return outer._replace(
        message=plain(before + words, _LONGEST_READ) if words else outer.message,
        codes=(*outer.codes, *inside.codes),
        param=outer.param or inside.param,
        status=inside.status if outer.status is None else outer.status,
        details=outer.details or inside.details,
        filter_result=inside.filter_result if outer.filter_result is None else outer.filter_result,
    )


def read_xml(said: str, secrets: Collection[str] = ()) -> ErrorBody | None:
    """Read an error in XML, as sent by storage services and gateways; return None for other text."""
    head = said[:_PAGE].replace("<![CDATA[", "").replace("]]>", "")
    lower = head.translate(_LOWER)
    if "<html" in lower or "<!doctype" in lower:
        return None
    message = next((found for name in _XML_MESSAGES if (found := _element(head, lower, name))), "")
    if not message:
        return None
    message = _both(message, _element(head, lower, "description"))
    code = _element(head, lower, "code") or _element(head, lower, "faultcode")
    codes = (code.lower()[:80],) if code else ()
    return ErrorBody(message=plain(_head(message, secrets), _LONGEST_READ), codes=codes)


def _element(head: str, lower: str, name: str) -> str:
    """Return the text of the first element with a name, in any namespace; empty if there is none."""
    begin, end = _XML_TAGS[name]
    opening = begin.search(lower)
    closing = end.search(lower, opening.end()) if opening is not None else None
    if opening is None or closing is None:
        return ""
    return " ".join(html.unescape(_without_tags(head[opening.end() : closing.start()], " ")).split())


def _both(message: str, more: str) -> str:
    """Return a message and its description, unless the message contains it."""
    return f"{message.rstrip('. ')}: {more}" if message and more and more not in message else message or more


def is_page(said: str) -> bool:
    """Whether text looks like the beginning of a web page."""
    return said.lstrip("\ufeff \t\r\n").startswith("<")


def page_title(page: str, secrets: Collection[str] = ()) -> str:
    """Return a web page's title or first heading as plain text without secrets; empty if it has neither."""
    found = _found_title(page[:_PAGE])
    spaced, joined = (html.unescape(_without_tags(found, between)) for between in (" ", ""))
    hidden = _head(joined, secrets)
    # A key that is interrupted by tags is found only after these are removed
    return plain(_head(spaced, secrets) if hidden == joined else hidden, 120)


def _found_title(page: str) -> str:
    """Return the contents of a page's title or first heading."""
    lower, number = page.translate(_LOWER), ""
    for name in ("title", "h1", "h2"):
        begin = lower.find(f"<{name}")
        start = lower.find(">", begin) + 1 if begin >= 0 else 0
        end = lower.find(f"</{name}", start) if start else -1
        found = page[start:end] if end >= 0 else ""
        if found and not found.strip().isdecimal():  # "502" says less than the heading below it
            return found
        number = number or found
    return number


def _without_tags(said: str, between: str) -> str:
    """Replace each tag; incomplete tags are not changed."""
    parts: list[str] = []
    at = 0
    while (begin := said.find("<", at)) >= 0 and (end := said.find(">", begin)) >= 0:
        parts.append(said[at:begin])
        at = end + 1
    return between.join((*parts, said[at:]))


def read_object(said: object, secrets: Collection[str] = ()) -> ErrorBody:
    """Read a decoded JSON body with secrets redacted. An unknown shape results in an empty error."""
    return _read(said, secrets, _DEEPEST)


def _read(said: object, secrets: Collection[str], depth: int) -> ErrorBody:
    value = hide_within(said, secrets, most=_looked_at(_DECODED, secrets))
    if not is_object(value):
        # Gemini's gateway wraps its only error in a list; Pydantic's entries are a list, too
        entries = objects(value)
        value = {"detail": entries} if entries and "loc" in entries[0] else next(iter(entries), _EMPTY)
    within = _innermost(value)
    detail = value.get("detail", within.get("details"))
    details = tuple(objects(detail))
    told = _of_details(details)
    message = _FOOTER.sub("", _message(value, within, detail))
    message = _both(message, told) if any("msg" in each for each in details) else message or told
    error = ErrorBody(
        message=plain(message, _LONGEST_READ),
        codes=(*_codes(within, value), *_reasons(details)),
        param=text(within.get("param")) or text(value.get("param")),
        status=_status(within, value),
        details=details,
        filter_result=_filter_result(within),
    )
    # Mistral puts Pydantic's entries into its message
    error = _deeper(error, within.get("message") if is_object(within.get("message")) else message, secrets, depth)
    return _passed_on(error, within, secrets, depth)


def _innermost(value: JsonObject) -> JsonObject:
    """Return the innermost object of an error body that describes the error."""
    within = value
    for _ in range(_DEEPEST):
        if within is not value and _first_text(*map(within.get, _MESSAGES)):
            break
        named = (each for name in _HOLDERS if (each := within.get(name)))
        below = next((each for each in map(_one_of, named) if each), None)
        if below is None:
            break
        within = below
    return within


def _one_of(value: object) -> JsonObject:
    """Return an object, or the first one in a list, but no Pydantic entry."""
    found = value if is_object(value) else next(iter(objects(value)), _EMPTY)
    return _EMPTY if "loc" in found else found


def _message(value: JsonObject, within: JsonObject, detail: object) -> str:
    """Return an error's message from the fields that servers use."""
    message = _first_text(
        *map(within.get, _MESSAGES),
        "; ".join(filter(None, map(text, items(within.get("message"))))),
        within.get("error"),
        value.get("error"),
        *map(value.get, _MESSAGES),
        detail,
        "; ".join(filter(None, map(text, items(value.get("errors"))))),
        *(source.get(name) for name in _LAST_MESSAGES for source in (within, value)),
    )
    return _both(message, text(within.get("description")))


def _passed_on(error: ErrorBody, within: JsonObject, secrets: Collection[str], depth: int) -> ErrorBody:
    """Return an error with the message of the provider behind a gateway that forwards it, such as OpenRouter."""
    raw = inner(within, "metadata").get("raw")
    if text(raw):
        error = error._replace(message=plain(text(raw), _LONGEST_READ))
    return _deeper(error, raw, secrets, depth)


def _reasons(details: Iterable[JsonObject]) -> Iterable[str]:
    """Yield Google's reasons and quota ids, which are more specific than its code."""
    for each in details:
        for name in (each.get("reason"), *(one.get("quotaId") for one in objects(each.get("violations")))):
            if reason := text(name):
                yield reason.lower()[:80]


def _first_text(*values: object) -> str:
    return next((found for found in map(text, values) if found), "")


def _of_details(details: Iterable[JsonObject]) -> str:
    said: list[str] = []
    for item in details:
        place = ".".join(str(part) for part in items(item.get("loc")))
        message = text(item.get("msg")) or text(item.get("message"))
        said.append(f"{place}: {message}" if place else message)
    return "; ".join(part for part in said if part)


def _codes(within: JsonObject, value: JsonObject) -> Iterable[str]:
    for source in (within, inner(within, "innererror"), value, inner(within, "detail")):
        for name in _CODES:
            found = source.get(name)
            if isinstance(found, (str, int)) and not isinstance(found, bool):
                yield str(found).rpartition("#")[2].strip().lower()[:80]
    if (named := text(value.get("error"))) and " " not in named:
        yield named.lower()[:80]


def _status(within: JsonObject, value: JsonObject) -> int | None:
    named = (within.get("status"), within.get("code"), value.get("statusCode"), value.get("status"), value.get("code"))
    for found in named:
        number = int(found) if isinstance(found, str) and found.isdecimal() and len(found) == 3 else found
        if isinstance(number, int) and 100 <= number <= 599:
            return number
    return None


def _filter_result(within: JsonObject) -> object:
    for source in (inner(within, "innererror"), within):
        for name in ("content_filter_result", "content_filter_results"):
            if source.get(name) is not None:
                return source[name]
    return None
