r"""Chemistry's formulas as mhchem's `\ce` writes them, in LaTeX's own words: upright, with numbers below; pure."""

from __future__ import annotations

import re

_ARROWS = {
    "<=>": r"\rightleftharpoons ",
    "<->": r"\leftrightarrow ",
    "->": r"\rightarrow ",
    "<-": r"\leftarrow ",
}
_RAISED = r"\^(?:\{(?P<raised>[^{}]{1,20})\}|(?P<power>\d{0,3}[+-]?))"
_PIECE = re.compile(
    r"(?P<space>\s+)|(?P<arrow><=>|<->|->|<-)"
    rf"|{_RAISED}|_(?:\{{(?P<lowered>[^{{}}]{{1,20}})\}}|(?P<index>\w))"
    r"|(?P<state>\((?:aq|s|l|g|conc|dil)\))|(?P<word>[A-Za-z]+)|(?P<number>(?<![A-Za-z)\]\d])\d+[./]\d+|\d+)|(?P<sign>[-+=#()\[\].*])"
)
"""What a formula of chemistry is made of: spaces, arrows, charges, numbers, names of elements, signs."""

_COUNTED = frozenset(")]")
_PLAIN = re.compile(r"[A-Za-z0-9+\-.,]{1,20}")


def spelled(source: str) -> str | None:
    """The formula in LaTeX's words; None where something of it is not known here."""
    made = ["{}"] if source[:1] in ("^", "_") else []
    at = 0
    while at < len(source):
        found = _PIECE.match(source, at)
        word = _word(found, source) if found is not None else None
        if found is None or word is None:
            return None
        made.append(word)
        at = found.end()
    return "".join(made)


def _word(found: re.Match[str], source: str) -> str | None:
    """One piece in LaTeX's words."""
    before, after = source[: found.start()], source[found.end() :]
    kind, text = found.lastgroup or "", found[0]
    match kind:
        case "space":
            return r"\;"
        case "arrow":
            return None if after.startswith("[") else _ARROWS[text]
        case "raised" | "lowered":
            inner = found[kind]
            if not _PLAIN.fullmatch(inner):
                return None
            return f"{text[0]}{{\\mathrm{{{inner}}}}}" if inner.isalpha() else f"{text[0]}{{{inner}}}"
        case "power":
            alone = not before.strip() or before.endswith(" ")
            return (r"\uparrow " if alone and not after.strip() else None) if text == "^" else f"^{{{text[1:]}}}"
        case "index":
            return f"_{{{text[1:]}}}"
        case "number":
            is_counted = before[-1:].isalpha() or before[-1:] in _COUNTED
            return f"_{{{text}}}" if is_counted else text + r"\,"
        case "word" | "state":
            alone = kind == "word" and text == "v" and before.endswith(" ")
            return r"\downarrow " if alone else rf"\mathrm{{{text}}}"
        case _:
            return _sign(text, before, after)


def _sign(sign: str, before: str, after: str) -> str:
    """A charge, a bond, a bracket, or what stands between what reacts."""
    if sign in "+-" and (before[-1:].isalnum() or before[-1:] in _COUNTED) and not after[:1].isalnum():
        return f"^{{{sign}}}"
    return {"#": r"\equiv ", "=": "{=}", "-": "{-}", ".": r"\cdot ", "*": r"\cdot "}.get(sign, sign)
