"""Sentences of errors without the names of models and connections; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HIDDEN = "…"
_LEAST = 5
"""Letters of a name that is told also within a word."""


def without_names(text: str, names: Iterable[str]) -> str:
    """A text in which each of these names is left out, in whatever case, the longest first.

    A short one counts where it stands alone: else it would be cut out of words.
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        around = r"\b" if len(name) < _LEAST and name[0].isalnum() and name[-1].isalnum() else ""
        text = re.sub(f"{around}{re.escape(name)}{around}", _HIDDEN, text, flags=re.IGNORECASE)
    return text
