r"""Chemistry's formulas as mhchem's `\ce` writes them, in LaTeX's own words: upright, with numbers below; pure."""

from __future__ import annotations

import re

_ARROWS = {
    "<=>": r"\rightleftharpoons ",
    "<->": r"\leftrightarrow ",
    "->": r"\rightarrow ",
    "<-": r"\leftarrow ",
}
_LABELLED = {"->": r"\xrightarrow", "<-": r"\xleftarrow"}
_LABELS = re.compile(r"\[([^\[\]]{0,60})\](?:\[([^\[\]]{0,60})\])?")
_SAID = re.compile(r"\\text\{[A-Za-z0-9 ,.°-]{1,60}\}|\\[A-Z][a-z]{2,8}")
"""What stands above and below an arrow besides formulas of chemistry: words, and a Greek capital for heat."""

_WORDS = re.compile(r"[^$\\{}&%#_^~]{1,60}")
_WITHIN = re.compile(r"[ ]{0,4}([,/])[ ]{0,4}")
"""What parts several conditions at an arrow."""

_RAISED = r"\^(?:\{(?P<raised>[^{}]{1,20})\}|(?P<power>\d{0,3}[+-]?))"
_PIECE = re.compile(
    r"(?P<space>\s+)|(?P<arrow><=>|<->|->|<-)"
    rf"|{_RAISED}|_(?:\{{(?P<lowered>[^{{}}]{{1,20}})\}}|(?P<index>\w))"
    r"|(?P<command>\\(?:up|down)arrow(?![A-Za-z]))|(?P<state>\((?:aq|s|l|g|conc|dil)\))|(?P<word>[A-Za-z]+)|(?P<number>(?<![A-Za-z)\]\d])\d+[./]\d+|\d+)|(?P<sign>[-+=#()\[\].*/|])"
)
"""What a formula of chemistry is made of: spaces, arrows, charges, numbers, names of elements, signs."""

_INDEXED = re.compile(r"[A-Za-z)\]]\d{1,9}\Z")
_NAMED = re.compile(r"_\w\Z")
"""What ends with an index already: `H2SO4_{(aq)}`, `S_N2`."""

_COUNTED = frozenset(")]")
_PLAIN = re.compile(r"[A-Za-z0-9+\-.,]{1,20}|\((?:aq|s|l|g)\)")


def spelled(source: str) -> str | None:
    """The formula in LaTeX's words; None where something of it is not known here."""
    made = ["{}"] if source[:1] in ("^", "_") else []
    at = 0
    while at < len(source):
        found = _PIECE.match(source, at)
        labels = _LABELS.match(source, found.end()) if found is not None and found["arrow"] else None
        if found is None:
            return None
        word = _labelled(found[0], labels[1], labels[2] or "") if labels else _word(found, source)
        if word is None:
            return None
        made.append(word)
        at = (labels or found).end()
    return "".join(made)


def _labelled(arrow: str, above: str, below: str) -> str | None:
    """An arrow with what stands above and below it."""
    labels = [_label(each.strip()) for each in (above, below)]
    if labels[0] is None or labels[1] is None:
        return None
    if arrow in _LABELLED:
        return _LABELLED[arrow] + (f"[{labels[1]}]" if labels[1] else "") + f"{{{labels[0]}}}"
    return rf"\overset{{{labels[0]}}}{{\underset{{{labels[1]}}}{{{_ARROWS[arrow]}}}}}"


def _label(written: str) -> str | None:
    """What stands at an arrow: a formula, words, or several of these."""
    if _SAID.fullmatch(written):
        return written
    if (said := spelled(written)) is not None and "/" not in written:
        return said
    for opening in ("\\ce{", "{"):
        if written.startswith(opening) and written.endswith("}"):
            return _label(written[len(opening) : -1])
    made: list[str] = []
    for place, each in enumerate(_WITHIN.split(written)):
        if place % 2:
            made.append(r",\;" if each == "," else "/")
        elif (said := spelled(each)) is not None and not (each.isalpha() and each.islower()):
            made.append(said)
        elif _WORDS.fullmatch(each):
            made.append(rf"\text{{{each}}}")
        else:
            return None
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
        case "command":
            return f"{text} "
        case "raised" | "lowered":
            inner = found[kind]
            if not _PLAIN.fullmatch(inner):
                return None
            apart = "{}" if kind == "lowered" and _INDEXED.search(before) else ""
            if inner.strip("()").isalpha():
                return f"{apart}{text[0]}{{\\mathrm{{{inner}}}}}"
            return f"{apart}{text[0]}{{{inner}}}"
        case "power":
            alone = not before.strip() or before.endswith(" ")
            return (r"\uparrow " if alone and not after.strip() else None) if text == "^" else f"^{{{text[1:]}}}"
        case "index":
            return f"_{{{text[1:]}}}"
        case "number":
            if _NAMED.search(before):
                return text
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
