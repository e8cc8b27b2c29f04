"""Labels of links and footnotes that hold in one message: told apart where messages stand in one page; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from markdown_it.common.utils import normalizeReference

from desktop.transfer.page_parser import page_parser

_NOTE = re.compile(r"(?m)^ {0,3}\[\^([^\]\s]{1,99})\]:")
_LABEL = re.compile(
    r"(?<!\\)\[(?P<text>[^\[\]\n]{1,999})\](?:\[(?P<label>[^\[\]\n]{0,999})\])?(?P<colon>:)?(?P<round>\()?"
)
_BRACKETS = re.compile(r"\[([^\[\]]{1,999})\]")
_CODE = re.compile(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")

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

    lines = text.split("\n")
    for place in _prose(text):
        line, at, parts = lines[place], 0, list[str]()
        for code in _CODE.finditer(line):
            parts += [_LABEL.sub(put, line[at : code.start()]), code[0]]
            at = code.end()
        lines[place] = "".join([*parts, _LABEL.sub(put, line[at:])])
    return "\n".join(lines)


def _put(found: re.Match[str], labels: set[str], name: Names) -> str:
    """What stands in brackets, with the label of this message alone."""
    text, label, rest = found["text"], found["label"], (found["colon"] or "") + (found["round"] or "")
    before = found.string[: found.start()]
    known = _key(text) in labels
    if text.startswith("^"):
        after = f"[{label}]" if label is not None else ""
        return f"[{name(text) if known else text}]{after}{rest}"
    if label and _key(label) in labels:
        if known and text.isdigit():  # two sources by number, one after the other
            return f"[{text}][{name(text)}][{label}][{name(label)}]{rest}"
        return f"[{text}][{name(label)}]{rest}"
    if not known or label:
        return found[0]
    if label is None and found["colon"] and not before.strip("> ") and len(before) < 4:
        return f"[{name(text)}]{rest}"
    if label is None and found["round"] and not found["colon"]:
        return found[0]
    return f"[{name(text)}]{rest}" if before.endswith("]") else f"[{text}][{name(text)}]{rest}"


def _prose(text: str) -> list[int]:
    """The lines that are no block of code and no HTML."""
    kept = {
        line
        for token in page_parser().parse(text)
        if token.type in ("fence", "code_block", "html_block") and token.map
        for line in range(*token.map)
    }
    return [line for line in range(text.count("\n") + 1) if line not in kept]


def _key(label: str) -> str:
    return normalizeReference(label)
