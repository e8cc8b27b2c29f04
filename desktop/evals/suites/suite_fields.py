"""The fields of a table of a suite, each asked for by its name and kind; what is wrong with them is told."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection

from desktop.domain.conversation_types import JsonValue
from desktop.evals.suites.suite_node import SuiteNode, plain
from desktop.evals.suites.suite_problems import SuiteProblems, shown
from desktop.text.phrases import Phrase, phrase


class SuiteFields:
    """A table's fields. `known` are the names that it may have; one with another name is a problem."""

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
        """A field as it was read; None where it is not there, or there is nothing in it."""
        found = self._fields.get(name)
        return None if found is None or found.value is None else found

    def text(self, name: str, default: str = "") -> str:
        """A text; a number or a yes-no value is the text that it is written as."""
        found = self.node(name)
        if found is None:
            return default
        if not found.is_scalar:
            self.tell(found, name, phrase("text"))
            return default
        return text_of(found)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or one text."""
        found = self.node(name)
        if found is None:
            return ()
        return self.texts_of(found, name)

    def texts_of(self, node: SuiteNode, name: str) -> tuple[str, ...]:
        """The texts of a field's node."""
        items = node.value if isinstance(node.value, tuple) else (node,)
        wrong = [each for each in items if not each.is_scalar or each.value is None]
        for each in wrong:
            self.tell(each, name, phrase("a list of texts"))
        return () if wrong else tuple(text_of(each) for each in items)

    def number(self, name: str, least: float, most: float) -> float | None:
        """A number within bounds, None where there is none."""
        found = self.node(name)
        if found is None:
            return None
        value = found.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.tell(found, name, phrase("a number"))
            return None
        if not least <= value <= most:
            self.tell(found, name, phrase("a number from {least} to {most}", least=f"{least:g}", most=f"{most:,g}"))
            return None
        return float(value)

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds, None where there is none."""
        found = self.node(name)
        if found is None:
            return None
        value = found.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            wanted = phrase("a whole number from {least} to {most}", least=least, most=f"{most:,}")
            self.tell(found, name, wanted)
            return None
        return value

    def flag(self, name: str) -> bool:
        """A yes-no value; no without it."""
        found = self.node(name)
        if found is None:
            return False
        if not isinstance(found.value, bool):
            self.tell(found, name, phrase("true or false"))
            return False
        return found.value

    def json(self, name: str) -> JsonValue:
        """Any value, as JSON has it."""
        found = self.node(name)
        if found is None:
            return None
        try:
            return plain(found)
        except ValueError:
            self.tell(found, name, phrase("a JSON value"))
            return None

    def items(self, name: str) -> tuple[SuiteNode, ...]:
        """The nodes of a list; none where it is not there."""
        found = self.node(name)
        if found is None:
            return ()
        if not isinstance(found.value, tuple):
            self.tell(found, name, phrase("a list"))
            return ()
        return found.value

    def tell(self, node: SuiteNode, name: str, wanted: Phrase) -> None:
        """Tell that a field takes something else than it has."""
        sentence = phrase("“{name}” must be {wanted}, not {kind}.", name=name, wanted=wanted, kind=node.kind)
        self._problems.add(node.place, sentence)


def text_of(node: SuiteNode) -> str:
    """A scalar's text: as it is written, empty for nothing."""
    return "" if node.value is None else node.text


def unknown(name: str, known: Collection[str]) -> Phrase:
    """That a name is not known, and which one may be meant."""
    near = difflib.get_close_matches(name[:100], known, 1, 0.6)
    if near:
        return phrase("“{name}” is not a known field. Did you mean “{near}”?", name=shown(name), near=near[0])
    names = ", ".join(sorted(known))
    return phrase("“{name}” is not a known field. Known fields: {names}.", name=shown(name), names=names)
