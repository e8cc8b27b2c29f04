"""Sentences of errors without the names of models and connections; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HIDDEN = "…"


def without_names(text: str, names: Iterable[str]) -> str:
    """A text in which each of these names is left out, in whatever case, the longest first."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = re.sub(re.escape(name), _HIDDEN, text, flags=re.IGNORECASE)
    return text
