"""Typed access to the fields of a table in a suite, with reports of problems."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection

from desktop.domain.conversation_types import JsonValue
from desktop.evals.suites.suite_node import SuiteNode, plain
from desktop.evals.suites.suite_problems import SuiteProblems, shown
from desktop.text.phrases import Phrase, phrase


class SuiteFields:
    """The fields of a table. Any field not in `known` is reported as a problem."""

    def __init__(self, node: SuiteNode, known: Collection[str], problems: SuiteProblems) -> None:
        self.place = node.place
        self._problems = problems
        self._fields: dict[str, SuiteNode] = {}
        if not isinstance(node.value, dict):
            problems.add(node.place, phrase("Expected a table, not {kind}.", kind=node.kind))
            return
        for name, each in node.value.items():
            if name in known:
                self._fields[name] = each
            else:
                problems.add(node.key_place(name), unknown(name, known))

    def __contains__(self, name: str) -> bool:
        return self.node(name) is not None

    def node(self, name: str) -> SuiteNode | None:
        """Return a field's node, or None if the field is missing or empty."""
        found = self._fields.get(name)
        return None if found is None or found.value is None else found

    def text(self, name: str, default: str = "") -> str:
        """Return a text. Numbers and booleans are returned as written."""
        node = self.node(name)
        if node is None:
            return default
        if not node.is_scalar:
            self.tell(node, name, phrase("text"))
            return default
        return text_of(node)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts. A single text is returned as a list."""
        node = self.node(name)
        if node is None:
            return ()
        return self.texts_of(node, name)

    def texts_of(self, node: SuiteNode, name: str) -> tuple[str, ...]:
        """Return the texts of a node."""
        items = node.value if isinstance(node.value, tuple) else (node,)
        wrong = [each for each in items if not each.is_scalar or each.value is None]
        for each in wrong:
            self.tell(each, name, phrase("a list of text values"))
        return () if wrong else tuple(text_of(each) for each in items)

    def number(self, name: str, least: float, most: float) -> float | None:
        """Return a number within bounds, or None if it is missing or invalid."""
        node = self.node(name)
        if node is None:
            return None
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.tell(node, name, phrase("a number"))
            return None
        if not least <= value <= most:
            self.tell(node, name, phrase("a number from {least} to {most}", least=f"{least:g}", most=f"{most:,g}"))
            return None
        return float(value)

    def whole(self, name: str, least: int, most: int) -> int | None:
        """Return an integer within bounds, or None if it is missing or invalid."""
        node = self.node(name)
        if node is None:
            return None
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            wanted = phrase("a whole number from {least} to {most}", least=least, most=f"{most:,}")
            self.tell(node, name, wanted)
            return None
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean, which is False if missing."""
        node = self.node(name)
        if node is None:
            return False
        if not isinstance(node.value, bool):
            self.tell(node, name, phrase("true or false"))
            return False
        return node.value

    def json(self, name: str) -> JsonValue:
        """Return any value as JSON."""
        node = self.node(name)
        if node is None:
            return None
        try:
            return plain(node)
        except ValueError:
            self.tell(node, name, phrase("a JSON value"))
            return None

    def items(self, name: str) -> tuple[SuiteNode, ...]:
        """Return the nodes of a list; empty if it is missing."""
        node = self.node(name)
        if node is None:
            return ()
        if not isinstance(node.value, tuple):
            self.tell(node, name, phrase("a list"))
            return ()
        return node.value

    def tell(self, node: SuiteNode, name: str, wanted: Phrase) -> None:
        """Report a wrong type."""
        sentence = phrase("“{name}” must be {wanted}, not {kind}.", name=name, wanted=wanted, kind=node.kind)
        self._problems.add(node.place, sentence)


def text_of(node: SuiteNode) -> str:
    """Return a scalar's text as written."""
    return "" if node.value is None else node.text


def unknown(name: str, known: Collection[str]) -> Phrase:
    """Return a message about an unknown name, with a suggestion if a known name is similar."""
    near = difflib.get_close_matches(name[:100], known, 1, 0.6)
    if near:
        return phrase("“{name}” is not a known field. Did you mean “{near}”?", name=shown(name), near=near[0])
    names = ", ".join(sorted(known))
    return phrase("“{name}” is not a known field. Known fields: {names}.", name=shown(name), names=names)
