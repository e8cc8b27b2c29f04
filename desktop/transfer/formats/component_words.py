"""What a component of an answer says in its attributes alone, with nothing within, as Markdown; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktop.transfer.archives.loose_json import items, table, tables, text
from desktop.transfer.formats import chatgpt_charts as charts
from desktop.transfer.formats.chatgpt_widgets import titled
from desktop.transfer.formats.component_names import INPUTS
from desktop.transfer.formats.component_tags import Expression, Tag, literal

_SAYS = ("value", "label", "content", "text", "title", "name")
_FALSE = ("", "false", "0")
_ABOUT = ("description", "title", "name")
_FIGURE = re.compile(r"\s*-?[0-9]{1,20}(?:\.[0-9]{1,20})?\s*")
_WIDEST, _MOST = 100, 2_000
"""Columns and rows of a table, beyond which nobody reads."""


def words_of(tag: Tag) -> str:
    """The words of a component; nothing for one that only draws."""
    held = tag.attributes
    match tag.name:
        case "checkbox":
            return f"{ticked(held)}{_line(spoken(held))}"
        case "progress":
            label, value = _line(_known(held, "label")), _line(_known(held, "value"))
            return label or (f"{value} %" if value else "")
        case "LinkCard":
            return _card(held)
        case "table":
            return _table(held)
        case "chart" | "Chart":
            return charts.chart(_chart(held))
        case "icon" | "favicon" | "divider" | "spacer" | "svg":
            return ""
        case "math":
            formula = _line(_known(held, "value"))
            return (f"$$\n{formula}\n$$" if is_set(held, "block") else f"${formula}$") if formula else ""
        case "FollowUp":
            return f"- {_line(spoken(held) or held.get('query', ''))}"
        case "MapWidgetV2":
            return _map(held)
        case name if name in INPUTS:
            return _field(held)
        case _:
            return spoken(held)


def is_set(held: Mapping[str, str], name: str) -> bool:
    """Whether an attribute that is on or off is on."""
    return name in held and held[name].strip().lower() not in _FALSE[1:]


def ticked(held: Mapping[str, str]) -> str:
    """The box of a list of things to do, ticked or not."""
    return f"- [{'x' if any(is_set(held, each) for each in ('checked', 'defaultChecked')) else ' '}] "


def item(held: Mapping[str, str]) -> str:
    """What an item of a list says in its attributes."""
    label, about = (_line(_known(held, each)) for each in ("label", "description"))
    return f"**{label}** {about}" if label and about and "*" not in label else " ".join(filter(None, (label, about)))


def files_of(tag: Tag) -> list[tuple[str, str]]:
    """What a list of files names: the reference of each and what is said of it."""
    listed = tables(literal(tag.attributes.get("items", "")))[:_MOST]
    return [
        (text(each.get("ref")), _line(next(filter(None, (text(each.get(key)) for key in _ABOUT)), "")))
        for each in listed
    ]


def entity(held: Mapping[str, str]) -> str:
    """The name of a thing that an answer names."""
    return next(filter(None, (_known(held, each) for each in ("value", "name", "disambig"))), "")


def _card(held: Mapping[str, str]) -> str:
    """A card that leads elsewhere, as a link with what is told of it."""
    address = held.get("url") or held.get("href", "")
    link = titled(held.get("title") or address, address)
    rest = (_line(held.get(each, "")) for each in ("subtitle", "snippet", "description"))
    return "  \n".join(filter(None, (link, *dict.fromkeys(rest))))


def _map(held: Mapping[str, str]) -> str:
    """A map as its title, what is told of it, and the names of its places."""
    places = [
        ", ".join(dict.fromkeys(filter(None, (_line(text(each.get(key))) for key in ("name", "title", "address")))))
        for each in tables(literal(held.get("points", "")))[:_MOST]
    ]
    title = _line(_known(held, "title")).replace("*", "")
    listed = "\n".join(f"- {each}" for each in places if each)
    return "\n\n".join(filter(None, (f"**{title}**" if title else "", _line(_known(held, "narrative")), listed)))


def _field(held: Mapping[str, str]) -> str:
    """What a field to fill in asks for, with what can be chosen."""
    choices = items(literal(held.get("options", "")))[:_WIDEST]
    named = [each if isinstance(each, str) else text(table(each).get("label")) for each in choices]
    asked = _line(_known(held, "label")) or (_line(_known(held, "placeholder")) if not any(named) else "")
    return ": ".join(filter(None, (asked, " · ".join(filter(None, named)))))


def _known(held: Mapping[str, str], name: str) -> str:
    """What an attribute says; nothing where only a program would know it."""
    value = held.get(name, "")
    return "" if isinstance(value, Expression) and not _FIGURE.fullmatch(value) else value


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


def spoken(held: Mapping[str, str]) -> str:
    """What a component says in the first of its attributes that says something."""
    return next(filter(None, (_known(held, each) for each in _SAYS)), "").strip()


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
