"""Makes labels of links and footnotes unique per message if several messages share a page. Pure functions."""

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
"""Code and possible formulas, in which brackets are not labels."""

Names = Callable[[str], str]


def told_apart(texts: Sequence[str]) -> list[str]:
    """Return the texts of a page's messages, with labels renamed so that each refers to its own message."""
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
    """Return all possible labels in a text, whether defined or not."""
    return {_key(label) for label in _BRACKETS.findall(text)}


def _defined(text: str) -> set[str]:
    """Return the labels that a text defines, in the form in which Markdown compares them.

    Footnotes include the caret.
    """
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


def _put(match: re.Match[str], labels: set[str], name: Names) -> str:
    """Return a bracketed label, renamed for its message."""
    text, label, rest = match["text"], match["label"], (match["colon"] or "") + (match["round"] or "")
    before = match.string[max(match.string.rfind("\n", 0, match.start()) + 1, match.start() - 4) : match.start()]
    known = _key(text) in labels
    if text.startswith("^"):
        after = f"[{label}]" if label is not None else ""
        return f"[{name(text) if known else text}]{after}{rest}"
    if _is_within(match):
        return match[0]
    if label and _key(label) in labels:
        if known and text.isdigit():  # two consecutive numbered sources
            return f"[\\[{text}\\]][{name(text)}][\\[{label}\\]][{name(label)}]{rest}"
        return f"[{text}][{name(label)}]{rest}"
    if not known or label:
        return match[0]
    if label is None and match["colon"] and not before.strip("> ") and len(before) < 4:
        return f"[{name(text)}]{rest}"
    if label is None and match["round"] and not match["colon"]:
        return match[0]
    if before.endswith("]"):
        return f"[{name(text)}]{rest}"
    beside_word = before[-1:].isalnum() or before.endswith("_")
    keeps = label is None and not before.endswith("!") and (text.isdigit() or beside_word)
    return f"[\\[{text}\\]][{name(text)}]{rest}" if keeps else f"[{text}][{name(text)}]{rest}"


def _is_within(found: re.Match[str]) -> bool:
    """Whether brackets are within the text of a link, as in `[[1]](address)`."""
    return found.string.startswith("](", found.end()) and found.string[: found.start()].endswith("[")


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the pieces of a text, each with whether it is prose, i.e. neither code, formula block nor HTML."""
    code_lines = {
        line
        for token in page_parser().parse(text)
        if token.map and (token.type in ("fence", "code_block", "html_block", "math_block") or WRITTEN in token.meta)
        for line in range(*token.map)
    }
    lines = text.split("\n")
    numbered = ((place not in code_lines, f"{line}\n") for place, line in enumerate(lines[:-1]))
    last = (len(lines) - 1 not in code_lines, lines[-1])
    for prose, run in groupby((*numbered, last), key=itemgetter(0)):
        yield prose, "".join(line for _, line in run)


def _key(label: str) -> str:
    return normalizeReference(label)
