"""ChatGPT's charts as tables and its small apps as code, as Markdown; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from desktop.transfer.archives.loose_json import as_json, items, table, tables, text
from desktop.transfer.import_drafts import fenced

_NAMES = ("xKey", "nameKey", "categoryKey", "labelKey")
_VALUES = ("yKey", "valueKey", "dataKey")
_MOST_CELLS, _WIDEST = 20_000, 400
"""Cells of a table and columns: what is padded, or made of all keys of all rows, grows with the square of a file."""

_LONGEST_UNIT = 40


def shown_in(value: object) -> str:
    """What a widget with charts or apps shows, as Markdown; nothing where it holds none."""
    found: list[str] = []
    for name, held in table(value).items():
        if name.startswith("chart"):
            found.append(chart(table(held).get("content") or held))
        elif name == "app_block":
            found.append(_app(table(held)))
    return "\n\n".join(filter(None, found))


def chart(value: object) -> str:
    """A chart as a table of its numbers, with what it says of itself; nothing where it holds no numbers."""
    held = table(value)
    meta = {**held, **table(held.get("meta"))}
    rows = [table(each) for each in items(held.get("data"))]
    if not any(rows):
        return ""
    title = " ".join(text(meta.get("title")).replace("*", "").split())
    before = [f"**{title}**" if title else "", text(meta.get("description")) or text(meta.get("subtitle"))]
    return "\n\n".join(filter(None, [*before, _table(held, rows), text(meta.get("footer"))]))


def row(cells: Sequence[str]) -> str:
    """A row of a table in Markdown."""
    whole = (" ".join(each.replace("\\|", "|").split()).replace("|", "\\|") for each in cells)
    return f"| {' | '.join(whole)} |"


def written(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells, of which the first is the head, as a table in Markdown; what is beyond all measure is left out."""
    first = [[*each][:_WIDEST] for each in islice(rows, _MOST_CELLS)]
    wide = max(map(len, first), default=0)
    if not wide:
        return ""
    kept = first[: max(_MOST_CELLS // wide, 1)]
    even = [[*each, *[""] * (wide - len(each))] for each in kept]
    cut = [row(["…"] * wide)] if len(kept) < len(first) else []
    return "\n".join([row(even[0]), row(["---"] * wide), *map(row, even[1:]), *cut])


def _table(held: Mapping[str, object], rows: Sequence[Mapping[str, object]]) -> str:
    first = next((text(held.get(each)) for each in _NAMES if text(held.get(each))), "")
    named: dict[str, Mapping[str, object]] = {
        text(each.get("dataKey")) or text(each.get("key")): each for each in tables(held.get("series"))
    }
    named |= {key: held for each in _VALUES if (key := text(held.get(each))) and key not in named}
    named.pop("", None)
    known = [each for each in (first, *named) if each]
    more: list[str] = [] if named else [key for each in rows for key in each]
    keys = list(dict.fromkeys([*known, *more]))
    heads = [
        text(held.get("xAxisLabel")) or key if key == first else text(table(named.get(key)).get("label")) or key
        for key in keys
    ]
    keys, heads = keys[:_WIDEST], heads[:_WIDEST]
    return written([heads, *([_cell(each.get(key), table(named.get(key))) for key in keys] for each in rows)])


def _cell(value: object, series: Mapping[str, object]) -> str:
    if value is None:
        return ""
    said = value if isinstance(value, str) else figure(value)
    before, after = (text(series.get(each))[:_LONGEST_UNIT] for each in ("valuePrefix", "valueSuffix"))
    return f"{before}{said}{after}"


def figure(value: object) -> str:
    """A number as it is read, or any other value as JSON."""
    return as_json(int(value) if isinstance(value, float) and value.is_integer() else value)


def _app(held: Mapping[str, object]) -> str:
    code, language = text(held.get("content")), text(held.get("language")) or "html"
    title = " ".join(text(held.get("title")).replace("*", "").split())
    if not code:
        return ""
    body = fenced(code, language if language.isalnum() else "")
    return f"**{title}**\n\n{body}" if title else body
