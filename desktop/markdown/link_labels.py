"""Which labels of links stand in a message's brackets, and which of them nothing refers to; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from markdown_it.common.utils import normalizeReference

_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){1,999})\]", re.DOTALL)
_DEFINES = re.compile(r"(?:^|\n)[ \t>*+\-.)\d]{0,99}\[((?:[^\[\]\\]|\\.){1,999})\]:", re.DOTALL)


class Labels:
    """Counts as the text of a message comes."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._defined: Counter[str] = Counter()

    def see(self, text: str) -> None:
        """More of it, whole lines."""
        if "[" in text:
            self._seen.update(map(normalizeReference, _LABEL.findall(text)))
            self._defined.update(map(normalizeReference, _DEFINES.findall(text)))

    def unused(self, labels: Iterable[str]) -> frozenset[str]:
        """Those that stand nowhere but where they are defined."""
        return frozenset(label for label in labels if self._seen[label] <= self._defined[label])
