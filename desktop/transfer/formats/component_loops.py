"""Loops over lists that stand in an answer of components: written out, as far as the lists say all; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktop.transfer.archives.loose_json import as_json, items, table
from desktop.transfer.formats.code_ranges import CodeRanges
from desktop.transfer.formats.component_tags import TagReader, literal

_PROGRAM = re.compile(r"^[ \t]{0,40}(\{@body\b)", re.MULTILINE)
_CONSTANT = re.compile(r"\bconst\s{1,20}([A-Za-z_$]\w{0,40})\s{0,20}=\s{0,20}(?=[\[{\"'`])")
_HOOK = re.compile(r"\buse[A-Z]")
_OPENS = re.compile(r"\{#each\s{1,20}(?=[\[A-Za-z_$])")
_PATH = re.compile(r"[A-Za-z_$]\w{0,40}(?:\.\w{1,60}|\[[0-9]{1,6}\]){0,10}(?=\s)")
_NAMES = re.compile(
    r"\s{1,20}as\s{1,20}(\w{1,40})(?:\s{0,20},\s{0,20}(\w{1,40}))?\s{0,20}(?:\([^()\n]{0,200}\)\s{0,20})?\}"
)
_ENDS = re.compile(r"\{(?:#(each)\b|/each\})")
_MOST_LOOPS = 200
_DEEPEST = 4
_LONGEST = 500_000


def unrolled(said: str) -> tuple[str, int]:
    """An answer without its programs, with loops over lists written out; how many programs said more than lists."""
    said, constants, unknown = _without_programs(said)
    left = _LONGEST
    for _ in range(_DEEPEST):
        if "{#each" not in said:
            break
        before = said
        said, left = _pass(said, constants, left)
        if said == before:
            break
    for name, value in constants.items():
        shown = said.count(f"{{{name}") * len(as_json(value))
        if 0 < shown <= left:
            left -= shown
            said = _with(said, name, None, value, 0)
    return said, unknown


def holds_program(said: str) -> bool:
    """Whether an answer is partly a program, for which its file may have words of its own."""
    code = CodeRanges(said)
    return any(not code.holds(each.start(1)) for each in _PROGRAM.finditer(said))


def _without_programs(said: str) -> tuple[str, Mapping[str, object], int]:
    """The answer without what is declared in it, and what is: values by their names."""
    if "{@body" not in said:
        return said, {}, 0
    code, reader = CodeRanges(said), TagReader(said)
    constants: dict[str, object] = {}
    pieces, at, unknown = list[str](), 0, 0
    for begun in [*_PROGRAM.finditer(said)][:_MOST_LOOPS]:
        end = reader.expression(begun.start(1)) if begun.start() >= at and not code.holds(begun.start(1)) else 0
        if not end:
            continue
        pieces.append(said[at : begun.start()])
        at = end + (said[end : end + 1] == "\n")
        program = said[begun.end() : end - 1]
        found = {each[1]: literal(program[each.end() : _end(program, each.end())]) for each in _declared(program)}
        constants |= {name: value for name, value in found.items() if value is not None}
        unknown += not found and not _HOOK.search(program)
    return "".join([*pieces, said[at:]]), constants, unknown


def _declared(program: str) -> list[re.Match[str]]:
    return [*_CONSTANT.finditer(program)][:_MOST_LOOPS]


def _end(program: str, at: int) -> int:
    """Where the value that begins at a place ends."""
    if program[at] in "[{":
        return TagReader(program).expression(at)
    return TagReader(program).string(at)


def _pass(said: str, constants: Mapping[str, object], left: int) -> tuple[str, int]:
    """Write out the loops whose lists are known by now, the later ones first; how much may still be written."""
    code = CodeRanges(said)
    for opened in reversed([*_OPENS.finditer(said)][:_MOST_LOOPS]):
        if code.holds(opened.start()):
            continue
        path = _PATH.match(said, opened.end())
        end = path.end() if path else TagReader(said).expression(opened.end())
        names = _NAMES.match(said, end) if end else None
        body_end, closed = _closing(said, names.end()) if names else (0, 0)
        if names is None or not closed:
            continue
        values = items(_at(path[0], constants) if path else literal(said[opened.end() : end]))
        body = _in_place(said[names.end() : body_end], said[: opened.start()].rpartition("\n")[2])
        signs = body.count("{")
        written = sum(len(body) + signs * len(as_json(each)) for each in values)
        if not values or written > left:
            continue
        left -= written
        whole = "".join(_with(body, names[1], names[2], value, index) for index, value in enumerate(values))
        said = f"{said[: opened.start()]}{whole}{said[closed:]}"
    return said, left


def _closing(said: str, at: int) -> tuple[int, int]:
    """Where the body of a loop ends that begins at a place, and where its end does; zeros where it has none."""
    deep = 1
    for found in _ENDS.finditer(said, at):
        deep += 1 if found[1] else -1
        if not deep:
            return found.start(), found.end()
    return 0, 0


def _in_place(body: str, before: str) -> str:
    """The body of a loop with its lines as far in as the loop itself."""
    first = body.lstrip("\n")
    within = len(first) - len(first.lstrip(" ")) if first != body else 0
    cut = max(within - (len(before) if not before.strip() else 0), 0)
    lines = body.split("\n")
    return "\n".join([lines[0], *(each[min(cut, len(each) - len(each.lstrip(" "))) :] for each in lines[1:])])


def _at(path: str, values: Mapping[str, object]) -> object:
    """What a path of names and places leads to."""
    held: object = values
    for each in re.findall(r"[\w$]+", path):
        listed = items(held)
        held = listed[int(each)] if each.isdigit() and int(each) < len(listed) else table(held).get(each)
    return held


def _with(body: str, name: str, place: str | None, value: object, index: int) -> str:
    """The body of a loop for one value of its list."""
    values = {name: value} | ({place: index} if place else {})
    own = "|".join(map(re.escape, values))
    path = rf"((?:{own})(?:\.\w{{1,60}}|\[[0-9]{{1,6}}\]){{0,10}})"

    def listed(found: re.Match[str]) -> str:
        held = items(_at(found[2], values))
        return f"{found[1]}{as_json(held)}" if held else found[0]

    def said(found: re.Match[str]) -> str:
        held = _at(found[2], values)
        if found[3] and not isinstance(held, int):
            return found[0]
        if found[3] and isinstance(held, int):
            held += int(found[3])
        held = "" if held is None else held
        if found[1]:
            return f"={{{as_json(held)}}}"
        return held if isinstance(held, str) else as_json(held)

    body = re.sub(rf"(\{{#each\s{{1,20}}){path}(?=\s{{1,20}}as\s)", listed, body)
    return re.sub(rf"(=?)\{{\s?{path}\s?(?:\+\s?([0-9]{{1,4}})\s?)?\}}", said, body)
