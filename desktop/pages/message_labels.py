"""Labels of links and footnotes that hold in one message: told apart where messages stand in one page; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from markdown_it.common.utils import normalizeReference

from desktop.markdown.formula_blocks import WRITTEN
from desktop.markdown.formulas import is_formula
from desktop.pages.page_parser import page_parser

_NOTE = re.compile(r"(?m)^ {0,3}\[\^([^\]\s]{1,99})\]:")
_LABEL = re.compile(
    r"(?<!\\)\[(?P<text>[^\[\]\n]{1,999})\](?:\[(?P<label>[^\[\]\n]{0,999})\])?(?P<colon>:)?(?P<round>\()?"
)
_BRACKETS = re.compile(r"\[([^\[\]]{1,999})\]")
_KEPT = re.compile(
    r"(?P<code>(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`))"
    r"|\$\$[^$]{1,2000}\$\$|(?<!\\)\$(?![\s$])(?:[^$\\\n]|\\.){1,400}(?<!\s)\$"
    r"|\\\((?:[^\\\n]|\\(?![()])){1,400}\\\)|\\\[(?:[^\\]|\\(?![\[\]])){1,1000}\\\]"
)
"""Code, and what may be a formula: brackets in them are no labels."""

Names = Callable[[str], str]


def told_apart(texts: Sequence[str]) -> list[str]:
    """The texts of a page's messages, in which no label means what another message defines."""
    defined = [_defined(text) for text in texts]
    if not any(defined):
        return list(texts)
    messages = Counter(label for text, own in zip(texts, defined, strict=True) for label in own | _in_brackets(text))
    made: list[str] = []
    for number, (text, own) in enumerate(zip(texts, defined, strict=True), start=1):
        renamed = {label for label in own if messages[label] > 1}
        made.append(_renamed(text, renamed, number) if renamed else text)
    return made


def _in_brackets(text: str) -> set[str]:
    """All that may be a label, whether the text defines it or not."""
    return {_key(label) for label in _BRACKETS.findall(text)}


def _defined(text: str) -> set[str]:
    """The labels that a text defines, as Markdown compares them; those of footnotes with their sign."""
    if "]:" not in text:
        return set()
    env: dict[str, dict[str, object]] = {}
    page_parser().parse(text, env)
    return {*env.get("references", {}), *(_key(f"^{note}") for note in _NOTE.findall(text))}


def _renamed(text: str, labels: set[str], number: int) -> str:
    def name(label: str) -> str:
        return f"{label}-{number}"

    def put(found: re.Match[str]) -> str:
        return _put(found, labels, name)

    pieces: list[str] = []
    for prose, piece in _pieces(text):
        at = 0
        for kept in _KEPT.finditer(piece) if prose else ():
            if kept["code"] or is_formula(kept[0].strip("$") if kept[0][0] == "$" else kept[0][2:-2]):
                pieces += [_LABEL.sub(put, piece[at : kept.start()]), kept[0]]
                at = kept.end()
        pieces.append(_LABEL.sub(put, piece[at:]) if prose else piece)
    return "".join(pieces)


def _put(found: re.Match[str], labels: set[str], name: Names) -> str:
    """What stands in brackets, with the label of this message alone."""
    text, label, rest = found["text"], found["label"], (found["colon"] or "") + (found["round"] or "")
    before = found.string[max(found.string.rfind("\n", 0, found.start()) + 1, found.start() - 4) : found.start()]
    known = _key(text) in labels
    if text.startswith("^"):
        after = f"[{label}]" if label is not None else ""
        return f"[{name(text) if known else text}]{after}{rest}"
    if _is_within(found):
        return found[0]
    if label and _key(label) in labels:
        if known and text.isdigit():  # two sources by number, one after the other
            return f"[\\[{text}\\]][{name(text)}][\\[{label}\\]][{name(label)}]{rest}"
        return f"[{text}][{name(label)}]{rest}"
    if not known or label:
        return found[0]
    if label is None and found["colon"] and not before.strip("> ") and len(before) < 4:
        return f"[{name(text)}]{rest}"
    if label is None and found["round"] and not found["colon"]:
        return found[0]
    if before.endswith("]"):
        return f"[{name(text)}]{rest}"
    beside_word = before[-1:].isalnum() or before.endswith("_")
    keeps = label is None and not before.endswith("!") and (text.isdigit() or beside_word)
    return f"[\\[{text}\\]][{name(text)}]{rest}" if keeps else f"[{text}][{name(text)}]{rest}"


def _is_within(found: re.Match[str]) -> bool:
    """Whether brackets stand in those of a link, as in `[[1]](address)`: they are its text."""
    return found.string.startswith("](", found.end()) and found.string[: found.start()].endswith("[")


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, each with whether it is prose: no block of code or of a formula, and no HTML."""
    kept = {
        line
        for token in page_parser().parse(text)
        if token.map and (token.type in ("fence", "code_block", "html_block", "math_block") or WRITTEN in token.meta)
        for line in range(*token.map)
    }
    lines = text.split("\n")
    numbered = ((place not in kept, f"{line}\n") for place, line in enumerate(lines[:-1]))
    last = (len(lines) - 1 not in kept, lines[-1])
    for prose, run in groupby((*numbered, last), key=itemgetter(0)):
        yield prose, "".join(line for _, line in run)


def _key(label: str) -> str:
    return normalizeReference(label)
