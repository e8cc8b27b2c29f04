"""Kinds of prompt, by which the results of a replay are reported. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop.replay.language_guess import language_of

TAG = "tag:"
PRESET = "preset:"
LANGUAGE = "language:"
"""Prefixes of kinds that carry a name. Kinds are stored with a replay, so they must not change."""

CODE, ATTACHMENT, LONG, SHORT = "code", "attachment", "long", "short"

_LONG, _SHORT = 1_500, 120
"""Characters from which a prompt is long, and below which it is short."""

_CODE = re.compile(
    r"```|\b(?:def|function|class|import|SELECT|const|return|printf?|console\.log)\b.*[({;:]|Traceback|Exception\b"
)


def prompt_kinds(prompt: str, *, has_files: bool, tags: Sequence[str], preset: str = "") -> tuple[str, ...]:
    """Return the kinds of a prompt: the tags of its conversation, its preset's title, then what its text shows."""
    kinds = [f"{TAG}{tag}" for tag in tags]
    if preset:
        kinds.append(f"{PRESET}{preset}")
    if _CODE.search(prompt[:20_000]):
        kinds.append(CODE)
    if has_files:
        kinds.append(ATTACHMENT)
    if len(prompt) >= _LONG:
        kinds.append(LONG)
    elif len(prompt) < _SHORT:
        kinds.append(SHORT)
    if (language := language_of(prompt)) is not None:
        kinds.append(f"{LANGUAGE}{language}")
    return tuple(dict.fromkeys(kinds))
