"""What models write that LaTeX takes otherwise: percentages and amounts of money within formulas; pure."""

from __future__ import annotations

import re

from desktop.markdown.formulas import is_formula
from desktop.renderer.mathjax import NotDrawn

_PERCENT = re.compile(r"(?<=\d)(\s?)%(?![^\n]*\n)")
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%[ \t]*[^\s%][^\n]*\Z")
_TEXT = re.compile(r"(\\(?:text(?:rm|bf|it|sf|tt|normal)?|mbox|hbox)\s*)\{([^{}$]*\$[^{}]*)\}")
_DELIMITER = re.compile(r"(\\(?:left|right|middle|[bB]igg?[lrm]?)\s*)([⌈⌉⌊⌋⟨⟩⟮⟯⎰⎱‖])")
_NAMES = {
    "⌈": "lceil",
    "⌉": "rceil",
    "⌊": "lfloor",
    "⌋": "rfloor",
    "⟨": "langle",
    "⟩": "rangle",
    "⟮": "lgroup",
    "⟯": "rgroup",
    "⎰": "lmoustache",
    "⎱": "rmoustache",
    "‖": "Vert",
}
_DOLLARS = re.compile(r"(?<!\\)\$((?:\\.|[^\\$])*)(?<!\\)\$(?!\d)|(?<!\\)\$")


def prepared(source: str) -> str:
    """A formula as it was meant. Raises NotDrawn where the rest of it would be left out as a comment."""
    source = _PERCENT.sub(r"\1\\%", source)
    if _COMMENT.search(source):
        raise NotDrawn("a comment would leave out what follows")
    source = _DELIMITER.sub(lambda found: f"{found[1]}\\{_NAMES[found[2]]} ", source)
    return _TEXT.sub(lambda found: f"{found[1]}{{{_DOLLARS.sub(_dollar, found[2])}}}", source)


def _dollar(found: re.Match[str]) -> str:
    """A formula between two dollars as it is; other dollars are signs of money."""
    inner = found[1]
    if inner is None:
        return r"\$"
    if inner and inner == inner.strip() and is_formula(inner):
        return found[0]
    return rf"\${inner}\$"
