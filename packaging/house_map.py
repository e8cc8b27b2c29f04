"""Map of the architecture derived from its imports: first sentences of all modules, and a diagram of the packages."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_WIDE, _ROW, _BOX, _GAP, _LETTER, _PAD = 1180, 50, 26, 14, 6.6, 10
"""Width of the diagram, distance of layers, height of boxes, gap between boxes, letter width and padding, in pixels."""

Edges = set[tuple[str, str]]
"""Imports between packages."""


def sentence_of(path: Path) -> str:
    """Return the first paragraph of a module's docstring."""
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return " ".join(said.partition("\n\n")[0].split())


def listed() -> Iterator[str]:
    """Yield a line for each module, ordered by folder, with its indented name and first sentence."""
    for top in ("desktop", "ui"):
        for path in sorted(
            (ROOT / top).rglob("*.py"), key=lambda each: (each.parent, each.name != "__init__.py", each)
        ):
            place = path.relative_to(ROOT)
            is_room = path.name == "__init__.py"
            depth = len(place.parts) - (2 if is_room else 1)
            name = f"{place.parent.as_posix()}/" if is_room else place.name
            yield f"{'    ' * depth}{name}: {sentence_of(path)}"


def floors(container: str) -> list[list[str]]:
    """Return the packages by layer from top to bottom, as declared for import-linter in pyproject.toml."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in declared if each.get("containers") == [container])
    return [[f"{container}.{room.strip().strip('()')}" for room in layer.split("|")] for layer in layers]


def edges(rooms: set[str]) -> Edges:
    """Return the imports between packages, including late imports, but not those only for type checking."""
    imports: Edges = set()
    for top in ("desktop", "ui"):
        for path in (ROOT / top).rglob("*.py"):
            mine = _room(".".join(path.relative_to(ROOT).with_suffix("").parts), rooms)
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    theirs = _room(node.module, rooms) or _room(f"{node.module}.{node.names[0].name}", rooms)
                    if mine and theirs and mine != theirs:
                        imports.add((mine, theirs))
    return imports


def direct(found: Edges) -> Edges:
    """Return the transitive reduction of imports, which is sufficient to show all dependencies."""
    below: dict[str, set[str]] = {}
    for one, other in found:
        below.setdefault(one, set()).add(other)

    def reach(room: str, seen: set[str]) -> set[str]:
        """Return all packages imported directly or indirectly."""
        for each in below.get(room, set()) - seen:
            seen.add(each)
            reach(each, seen)
        return seen

    beyond = {room: reach(room, set()) for room in {room for edge in found for room in edge}}
    return {
        (one, other) for one, other in found if not any(other in beyond[between] for between in below[one] - {other})
    }


def picture() -> str:
    """Return the packages as SVG, `ui` above `desktop`, with a line for each direct import."""
    stories = [*floors("ui"), *floors("desktop")]
    boxes: dict[str, tuple[float, float, float]] = {}
    y = 24
    for story in stories:
        wides = [len(_name(room)) * _LETTER + 2 * _PAD for room in story]
        x = (_WIDE - sum(wides) - _GAP * (len(wides) - 1)) / 2
        for room, wide in zip(story, wides, strict=True):
            boxes[room] = (x, y, wide)
            x += wide + _GAP
        y += _ROW
    lines = [_line(boxes[one], boxes[other]) for one, other in sorted(direct(edges(set(boxes))))]
    drawn = [_box(room, *place) for room, place in boxes.items()]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {y}" font-family="sans-serif" font-size="12" '
        'role="img" aria-label="The rooms of the program, and which imports which">'
    )
    ground = f'<rect width="{_WIDE}" height="{y}" fill="#fff"/>'
    return "\n".join([head, ground, *lines, *drawn, "</svg>", ""])


def _room(module: str, rooms: set[str]) -> str:
    """Return the package of a module, or an empty string if it is in none of them."""
    return next((room for room in rooms if module == room or module.startswith(f"{room}.")), "")


def _name(room: str) -> str:
    return room.replace(".", "/")


def _box(room: str, x: float, y: float, wide: float) -> str:
    fill = "#e8f0fe" if room.startswith("ui.") else "#f1f3f4"
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{_BOX}" rx="5" fill="{fill}" stroke="#5f6368"/>'
        f'<text x="{x + wide / 2:.0f}" y="{y + _BOX / 2 + 4:.0f}" text-anchor="middle">{escape(_name(room))}</text>'
    )


def _line(one: tuple[float, float, float], other: tuple[float, float, float]) -> str:
    """Return a curve from the lower edge of a box to the upper edge of a box below it."""
    x, y = one[0] + one[2] / 2, one[1] + _BOX
    to_x, to_y = other[0] + other[2] / 2, other[1]
    bend = (to_y - y) / 2
    way = f"M{x:.0f} {y:.0f}C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y:.0f}"
    return f'<path d="{way}" fill="none" stroke="#9aa0a6" stroke-opacity="0.55"/>'
