"""All that a card says, whatever its kind: every text and figure of it in order, as Markdown; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from desktop.transfer import chatgpt_charts as charts
from desktop.transfer.chatgpt_widgets import titled
from desktop.transfer.import_drafts import fenced
from desktop.transfer.loose_json import items, table, tables, text

_TITLES = ("title", "name", "heading", "day_label", "question", "label")
_TIMES = ("time", "arrival_time", "start_time")
_ADDRESSES = ("url", "link", "href")
_CODE = ("code", "json", "source_code")
_SILENT = re.compile(
    r"(?:.*_)?(?:id|uuid|key|type|icon|colou?r|style|variant|theme|layout|version|schema|latitude|longitude|lat|lng|lon"
    r"|image|images|thumbnail|favicon|photo|photos|media|domain|source|language|filename|index)(?:_urls?)?"
)
"""Names of fields that nobody reads: what they hold draws, or finds."""

_DEEPEST = 8
_MOST, _LONGEST = 2_000, 200
"""Rows of a chart, and characters of what a name stands before in one line."""


def card_words(given: Mapping[str, object]) -> str:
    """The words of a card; nothing where it says nothing."""
    return "\n\n".join(filter(None, (each.strip("\n") for each in _said(given, _DEEPEST))))


def chart_words(given: Mapping[str, object]) -> str:
    """A chart of several rows of values as a table, with its title and what its axis counts."""
    axis, series = table(given.get("xAxis")), tables(given.get("series"))[: _MOST // 20]
    places = [_figure(each) for each in items(axis.get("data"))]
    columns = [[_figure(each) for each in items(line.get("values")) or items(line.get("data"))] for line in series]
    if not any(columns):
        return ""
    rows = range(min(max(len(places), *map(len, columns)), _MOST))
    heads = [line_of(axis.get("title")), *(line_of(each.get("name")) for each in series)]
    shown = charts.written(
        [heads, *([each[at] if at < len(each) else "" for each in (places, *columns)] for at in rows)]
    )
    title, counted = line_of(given.get("title")), line_of(table(given.get("yAxis")).get("title"))
    return "\n\n".join(filter(None, (f"**{title}**" if title else "", counted, shown)))


def line_of(value: object) -> str:
    """A text in one line."""
    return " ".join(text(value).split())


def _said(held: Mapping[str, object], deep: int) -> Iterator[str]:
    """Of an object its title, then what it holds."""
    titles = [name for name in _TITLES if line_of(held.get(name))]
    address = next((text(held[each]) for each in _ADDRESSES if text(held.get(each))), "")
    if titles:
        title = line_of(held[titles[0]])
        times = [line_of(held[each]) for each in _TIMES if line_of(held.get(each))]
        yield f"**{' · '.join([*times, titled(title, address) if address else title])}**"
    elif address:
        yield address
    told = {*titles[:1], *(_TIMES if titles else ()), *_ADDRESSES}
    for name, value in held.items():
        if name not in told and (name in _CODE or not _SILENT.fullmatch(name)):
            yield from _field(name, value, held, deep)


def _field(name: str, value: object, held: Mapping[str, object], deep: int) -> Iterator[str]:
    listed = items(value)
    if name in _CODE and text(value):
        language = text(held.get("language")) or ("json" if name == "json" else "")
        yield fenced(text(value), language if language.isalnum() else "")
    elif isinstance(value, str):
        yield value.strip()
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield f"{name.replace('_', ' ').capitalize()}: {_figure(value)}"
    elif table(value):
        yield from _said(table(value), deep - 1) if deep else ()
    elif listed and all(isinstance(each, (list, tuple)) for each in listed):
        yield charts.written([[_figure(each) for each in items(line)] for line in listed])
    elif listed and all(isinstance(each, (str, int, float)) for each in listed):
        yield "\n".join(f"- {' '.join(_figure(each).split())}" for each in listed)
    elif listed and all(map(_is_pair, listed)):
        yield "\n".join(f"- {': '.join(_figure(each) for each in table(pair).values())}" for pair in listed)
    elif deep:
        for each in listed:
            yield from _said(table(each), deep - 1) if table(each) else (_figure(each),)


def _is_pair(value: object) -> bool:
    """Whether an object names one thing and says what it is."""
    held = table(value)
    return len(held) == 2 and next(iter(held)) in _TITLES and all(map(_is_figure, held.values()))


def _is_figure(value: object) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= _LONGEST and "\n" not in value)


def _figure(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else charts.figure(value)
