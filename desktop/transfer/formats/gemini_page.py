"""Google's page of activities, MyActivity.html: those of Gemini as its JSON holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from desktop.transfer.formats.written_times import days_first, written_time

_CELL, _CONTENT = '<div class="outer-cell', '<div class="content-cell'
_TITLE, _BODY = 'mdl-typography--title">', 'mdl-typography--body-1">'
_MARKS = (b"outer-cell", b"content-cell", b"mdl-typography")
_BREAK = re.compile(r"<br[ /]{0,3}>")
_TAG = re.compile(r"<[^<>]{0,8000}>")
_LINK = re.compile(r"(?:href|src)=\"([^\"<>]{1,1000})\"")
_CHAT = re.compile(r"https://gemini\.google\.com/(?:u/[0-9]{1,2}/)?app/[0-9A-Za-z_-]{6,64}")
_DATED = re.compile(
    r"(?=[^\n]{0,80}(?<![0-9])20[0-9]{2}(?![0-9]))[^\n]{0,80}?(?<![0-9])[0-9]{1,2}:[0-9]{2}:[0-9]{2}[^\n]{0,40}"
)
_MOST_ABOVE = 2_000
"""Lines of a prompt among which the one with its time is looked for."""


def is_one(data: bytes) -> bool:
    """Whether a page is one of Google's activities."""
    return data[:200].lstrip().startswith(b"<") and all(mark in data for mark in _MARKS)


def activities(data: bytes) -> list[Mapping[str, object]]:
    """The activities of a page, as they stand in it; of what has no time nothing can be told apart."""
    cells = [_parts(cell) for cell in data.decode("utf-8", "replace").split(_CELL)[1:]]
    order = days_first(dated for _, _, dated, _, _ in cells)
    found: list[Mapping[str, object]] = []
    for header, above, dated, answer, links in cells:
        at = written_time(dated, day_first=order)
        files = [name for line in above for name in _LINK.findall(line) if "://" not in name]
        title = "\n".join(words for line in above if (words := _words(line)) and not _LINK.search(line))
        found.append(
            {
                "header": header,
                "title": title,
                "time": at.isoformat() if at is not None else "",
                "safeHtmlItem": [{"html": answer}] if answer.strip() else [],
                "attachedFiles": files,
                "details": [{"url": link} for link in links],
            }
        )
    return found


def _parts(cell: str) -> tuple[str, list[str], str, str, list[str]]:
    """The product of a cell, the lines above its time, that, the HTML below it, and the chats that it names."""
    header = _words(_between(cell, _TITLE, "</p>"))
    body = _between(cell, _BODY, _CONTENT).rstrip().removesuffix("</div>")
    links = _CHAT.findall(cell[cell.rfind(_CONTENT) :])
    lines: list[str] = []
    at = 0
    for found in _BREAK.finditer(body):
        line = body[at : found.start()]
        at = found.end()
        dated = _words(line)
        if lines and len(dated) <= 120 and _DATED.fullmatch(dated):
            return header, lines, dated, body[at:], links
        lines.append(line)
        if len(lines) > _MOST_ABOVE:
            break
    return header, [], "", "", links


def _between(whole: str, start: str, end: str) -> str:
    begun = whole.find(start)
    if begun < 0:
        return ""
    ended = whole.find(end, begun)
    return whole[begun + len(start) : ended if ended >= 0 else len(whole)]


def _words(html: str) -> str:
    return unescape(_TAG.sub("", html)).replace("\xa0", " ").replace("\u202f", " ").strip()
