"""What a server says went wrong, read out of the many shapes of error bodies; pure."""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from desktop.mask import hide_head, hide_within
from desktop.providers.wire.json_shapes import JsonObject, inner, is_object, items, objects, text

_LONGEST, _LONGEST_READ = 300, 1_200
"""Characters of a message that are shown, and that are looked at: what matters may stand behind two links."""

_COLOURS = re.compile(r"\x1b\[[0-?]{0,32}[ -/]{0,4}[@-~]|\[[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m")
"""What colours text on a terminal, also where the escape character was taken out on the way."""

_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_PAGE = 16_384
"""Characters of a web page, or of an error in XML, that are looked at."""

_LONGEST_RAW = 64 << 10

_SHOWN, _DECODED = 4_000, 16_000
"""Characters of a text of which a sentence is shown, and of what was decoded, in which keys are looked for.

It takes seconds for some ten thousand that seem to be spelled. As many as a key may take are looked at beside them.
"""
_SPELLED = 12
"""Characters that one of a key may take."""


class ErrorBody(NamedTuple):
    """A server's error as far as it could be read; empty strings where it said nothing.

    `message` is longer than what is `shown` of it. `codes` are all codes and types named, in lower case, outermost
    first. `status` is a status named in the body, `title` a web page's. `details` are pydantic's entries,
    `filter_result` a content filter's verdict.
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
        """The message as it stands in a sentence."""
        return plain(self.message)


def plain(said: str, limit: int = _LONGEST) -> str:
    """`said` on one line, without control and direction characters, cut to `limit` characters."""
    head = _COLOURS.sub("", said[: limit * 4])
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"} else c for c in head)
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _head(said: str, secrets: Collection[str]) -> str:
    """As much of a text as is shown, without secrets."""
    return hide_head(said, secrets, _looked_at(_SHOWN, secrets))


def _looked_at(least: int, secrets: Collection[str]) -> int:
    return least + _SPELLED * max(map(len, secrets), default=0)


def read_complaint(body: bytes, secrets: Collection[str] = ()) -> ErrorBody:
    """What an error's body says: JSON of any known shape, plain text, or a web page (of which the title alone).

    Secrets are hidden in what was decoded: a key has other spellings in JSON and HTML.
    """
    said = body.decode("utf-8", "replace").lstrip("\ufeff").strip()
    if not said:
        return ErrorBody()
    if said[0] in "{[":
        try:
            return read_object(msgspec.json.decode(said), secrets)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return ErrorBody(message=plain(_head(said, secrets), _LONGEST_READ))
    if is_page(said):
        return read_xml(said, secrets) or ErrorBody(title=page_title(said, secrets))
    return ErrorBody(message=plain(_head(said, secrets), _LONGEST_READ))


def read_xml(said: str, secrets: Collection[str] = ()) -> ErrorBody | None:
    """What an error in XML says, as storage services and gateways send it; None for what is none, a web page too."""
    head = said[:_PAGE]
    lower = head.translate(_LOWER)
    if "<html" in lower or "<!doctype" in lower:
        return None
    message, code = (_element(head, lower, name) for name in ("message", "code"))
    if not message:
        return None
    codes = (code.lower()[:80],) if code else ()
    return ErrorBody(message=plain(_head(message, secrets), _LONGEST_READ), codes=codes)


def _element(head: str, lower: str, name: str) -> str:
    """The text of the first element of a name, without markup; empty where there is none."""
    begin = lower.find(f"<{name}>")
    end = lower.find(f"</{name}>", begin)
    if begin < 0 or end < 0:
        return ""
    return " ".join(html.unescape(head[begin + len(name) + 2 : end]).split())


def is_page(said: str) -> bool:
    """Whether text looks like a web page's beginning."""
    return said.lstrip("\ufeff \t\r\n").startswith("<")


def page_title(page: str, secrets: Collection[str] = ()) -> str:
    """A web page's title, else its first heading, as plain text without secrets; empty where it has neither."""
    found = _found_title(page[:_PAGE])
    spaced, joined = (html.unescape(_without_tags(found, between)) for between in (" ", ""))
    hidden = _head(joined, secrets)
    # A key that tags go through shows only where they are taken out
    return plain(_head(spaced, secrets) if hidden == joined else hidden, 120)


def _found_title(page: str) -> str:
    """What stands in a page's title, else in its first heading."""
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
    """Text with something else for each tag; what only begins as one stays."""
    parts: list[str] = []
    at = 0
    while (begin := said.find("<", at)) >= 0 and (end := said.find(">", begin)) >= 0:
        parts.append(said[at:begin])
        at = end + 1
    return between.join((*parts, said[at:]))


def read_object(said: object, secrets: Collection[str] = ()) -> ErrorBody:
    """What a decoded JSON body says, without secrets. Anything of an unknown shape gives an empty complaint."""
    value = hide_within(said, secrets, most=_looked_at(_DECODED, secrets))
    if not is_object(value):
        # Gemini's gateway puts its one error into a list
        first = objects(value)[:1]
        return read_object(first[0]) if first else ErrorBody()
    error = value.get("error") or next(iter(objects(value.get("errors"))), None)
    if is_object(error) and not error.get("message") and is_object(error.get("error")):
        error = error["error"]
    within = error if is_object(error) else value
    told = _told(within.get("message"))
    detail = value.get("detail", within.get("details", told.get("detail")))
    details = tuple(objects(detail))
    message = _first_text(
        within.get("message"),
        "; ".join(filter(None, map(text, items(within.get("message"))))),
        within.get("Message"),
        error,
        value.get("message"),
        value.get("Message"),
        detail,
        inner(value, "detail").get("msg"),
        value.get("error_description"),
        value.get("title"),
    )
    if told:
        message = text(told.get("message"))
    passed_on = _passed_on(within)
    return ErrorBody(
        message=passed_on.message or plain(message or _of_details(details), _LONGEST_READ),
        codes=(*_codes(within, value), *(_reasons(details)), *passed_on.codes),
        param=text(within.get("param")),
        status=_status(within, value),
        details=details,
        filter_result=_filter_result(within),
    )


def _told(message: object) -> JsonObject:
    """What a message says that is JSON itself, as text or as it is; Mistral puts pydantic's entries into it."""
    if isinstance(message, str) and message.startswith("{"):
        try:
            message = msgspec.json.decode(message[:_LONGEST_RAW])
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return {}
    return message if is_object(message) else {}


def _passed_on(within: JsonObject) -> ErrorBody:
    """What the provider behind a gateway said, where the gateway passes its words on; as OpenRouter does."""
    raw = inner(within, "metadata").get("raw")
    if isinstance(raw, str):
        try:
            raw = msgspec.json.decode(raw[:_LONGEST_RAW])
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return ErrorBody(message=plain(raw, _LONGEST_READ))
    return read_object(raw) if is_object(raw) and "metadata" not in inner(raw, "error") else ErrorBody()


def _reasons(details: Iterable[JsonObject]) -> Iterable[str]:
    """Google's word for what went wrong, which is more exact than its code."""
    return (reason.lower()[:80] for each in details if (reason := text(each.get("reason"))))


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
    for source in (within, inner(within, "innererror"), value):
        for name in ("code", "type"):
            found = source.get(name)
            if isinstance(found, (str, int)) and not isinstance(found, bool):
                yield str(found).strip().lower()[:80]


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
