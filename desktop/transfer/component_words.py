"""What a component of an answer says in its attributes alone, with nothing within, as Markdown; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktop.transfer import chatgpt_charts as charts
from desktop.transfer.chatgpt_widgets import titled
from desktop.transfer.component_tags import Tag, literal
from desktop.transfer.loose_json import items, table, tables, text

_SAYS = ("value", "label", "content", "text", "title", "name")
_FALSE = ("", "false", "0")
_WIDEST, _MOST = 100, 2_000
"""Columns and rows of a table, beyond which nobody reads."""


def words_of(tag: Tag) -> str:
    """The words of a component; nothing for one that only draws."""
    held = tag.attributes
    match tag.name:
        case "checkbox":
            ticked = next((held[each] for each in ("checked", "defaultChecked") if each in held), "false")
            is_ticked = ticked.strip().lower() not in _FALSE[1:]
            return f"- [{'x' if is_ticked else ' '}] {_line(_said(held))}"
        case "progress":
            label, value = _line(held.get("label", "")), _line(held.get("value", ""))
            return label or (f"{value} %" if value else "")
        case "LinkCard":
            address = held.get("url") or held.get("href", "")
            link = titled(held.get("title") or address, address)
            rest = (_line(held.get(each, "")) for each in ("subtitle", "snippet", "description"))
            return "  \n".join(filter(None, (link, *dict.fromkeys(rest))))
        case "table":
            return _table(held)
        case "chart" | "Chart":
            return charts.chart(_chart(held))
        case "icon" | "divider" | "spacer" | "svg":
            return ""
        case _:
            return _said(held)


def code_of(tag: Tag) -> str:
    """The code of a block that stands in an attribute."""
    return next((tag.attributes[each] for each in ("content", "value", "code") if tag.attributes.get(each)), "")


def inline_code(said: str) -> str:
    """Code within a line of Markdown."""
    longest = max((len(each) for each in _runs(said)), default=0)
    marks, blank = "`" * (longest + 1), " " if said.startswith("`") or said.endswith("`") else ""
    return f"{marks}{blank}{said}{blank}{marks}" if said.strip() else ""


def _runs(said: str) -> list[str]:
    return re.findall(r"`+", said)


def _said(held: Mapping[str, str]) -> str:
    return next((held[each] for each in _SAYS if held.get(each)), "").strip()


def _line(said: str) -> str:
    return " ".join(said.split())


def _table(held: Mapping[str, str]) -> str:
    """A table whose columns and rows are lists; of rows without columns each value is one."""
    rows = items(literal(held.get("rows") or held.get("data", "")))
    columns = tables(literal(held.get("columns", "")))
    if not rows:
        return text(literal(held.get("emptyLabel", ""))) or held.get("emptyLabel", "")
    keys = [text(each.get("key")) or text(each.get("accessor")) for each in columns]
    heads = [
        text(each.get("label")) or text(each.get("header")) or key for each, key in zip(columns, keys, strict=True)
    ]
    if not keys:
        keys = heads = list(dict.fromkeys(key for each in rows for key in table(each)))
    keys = keys[:_WIDEST]
    cells = [[_cell(value) for value in items(each) or [table(each).get(key) for key in keys]] for each in rows[:_MOST]]
    if not any(map(any, cells)):
        return ""
    return charts.written([heads, *cells])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else charts.figure(value)


def _chart(held: Mapping[str, str]) -> Mapping[str, object]:
    if "content" in held:
        return table(literal(held["content"]))
    first = held.get("xKey") or held.get("xAxis") or held.get("nameKey", "")
    named = table(literal(first))
    return {
        "xKey": text(named.get("dataKey")) or first,
        "xAxisLabel": text(named.get("label")),
        "data": literal(held.get("data", "")),
        "series": literal(held.get("series", "")),
        "title": held.get("title", ""),
        "description": held.get("description", ""),
    }
