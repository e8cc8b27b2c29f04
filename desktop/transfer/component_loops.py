"""Loops over lists that stand in an answer of components: written out, as far as the list says all; pure."""

from __future__ import annotations

import json
import re

from desktop.transfer.code_ranges import CodeRanges
from desktop.transfer.component_tags import TagReader, literal
from desktop.transfer.loose_json import as_json, items, table

_OPENS = re.compile(r"\{#each\s{1,20}(?=\[)")
_NAMES = re.compile(
    r"\s{1,20}as\s{1,20}(\w{1,40})(?:\s{0,20},\s{0,20}(\w{1,40}))?\s{0,20}(?:\([^()\n]{0,200}\)\s{0,20})?\}"
)
_CLOSES = "{/each}"
_MOST_LOOPS = 200
_LONGEST = 500_000


def unrolled(said: str) -> str:
    """An answer whose loops over literal lists are written out, the inner ones first."""
    if "{#each" not in said:
        return said
    left, code = _LONGEST, CodeRanges(said)
    for opened in reversed([*_OPENS.finditer(said)][:_MOST_LOOPS]):
        if code.holds(opened.start()):
            continue
        end = TagReader(said).expression(opened.end())
        names = _NAMES.match(said, end) if end else None
        closed = said.find(_CLOSES, names.end()) if names else -1
        values = items(literal(said[opened.end() : end])) if names and closed >= 0 else ()
        if names is None or not values:
            continue
        body = _in_place(said[names.end() : closed], said[: opened.start()].rpartition("\n")[2])
        written = len(body) * len(values)
        if written > left:
            continue
        left -= written
        whole = "".join(_with(body, names[1], names[2], value, index) for index, value in enumerate(values))
        said = f"{said[: opened.start()]}{whole}{said[closed + len(_CLOSES) :]}"
    return said


def _in_place(body: str, before: str) -> str:
    """The body of a loop with its lines as far in as the loop itself."""
    first = body.lstrip("\n")
    within = len(first) - len(first.lstrip(" ")) if first != body else 0
    cut = max(within - (len(before) if not before.strip() else 0), 0)
    lines = body.split("\n")
    return "\n".join([lines[0], *(each[min(cut, len(each) - len(each.lstrip(" "))) :] for each in lines[1:])])


def _with(body: str, name: str, place: str | None, value: object, index: int) -> str:
    """The body of a loop for one value of its list."""

    def said(found: re.Match[str]) -> str:
        held: object = index if found[2] == place else value
        for each in re.findall(r"\w+", found[3]):
            listed = items(held)
            held = listed[int(each)] if each.isdigit() and int(each) < len(listed) else table(held).get(each)
        shown = held if isinstance(held, str) else "" if held is None else as_json(held)
        return f"={json.dumps(shown, ensure_ascii=False)}" if found[1] else shown

    own = "|".join(re.escape(each) for each in (name, place) if each)
    return re.sub(rf"(=?)\{{\s?({own})((?:\.\w{{1,60}}|\[[0-9]{{1,6}}\]){{0,10}})\s?\}}", said, body)
