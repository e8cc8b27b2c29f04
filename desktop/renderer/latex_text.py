"""Text within formulas, which holds words, amounts and formulas; and the signs that all of them are made of; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop.markdown.formulas import is_formula
from desktop.renderer.latex_words import TEXT_ESCAPES

SIGN = re.compile(r"\\(?:(?:operatorname|tag|hspace)\*|[A-Za-z]+)|\\[\s\S]|\s+|[\s\S]")
"""A command, a sign behind a backslash, blanks, or any other sign."""


class NotDrawn(Exception):
    """A formula holds what would be drawn wrong; its source is to be shown."""


def plain_text(written: str) -> str:
    """Words of a group of text, which holds nothing but words."""
    signs: list[str] = SIGN.findall(written)
    parts = [TEXT_ESCAPES.get(sign, sign) for sign in signs]
    text = "".join(parts)
    if any(part.startswith("\\") and len(part) > 1 for part in parts) or "$" in signs or "}" in text or "{" in text:
        raise NotDrawn("commands within text")
    return re.sub(r"\s", " ", text).replace("&", "&amp;").replace("<", "&lt;")


def opens_formula(signs: Sequence[str], at: int) -> bool:
    """Whether a formula stands between a dollar and the next: nothing blank at them, no number behind."""
    depth = 0
    for end in range(at, len(signs)):
        depth += {"{": 1, "}": -1}.get(signs[end], 0)
        if depth < 0:
            return False
        if signs[end] == "$" and not depth:
            inner = signs[at:end]
            behind = "".join(signs[end + 1 : end + 2])
            if not inner or inner[0].isspace() or inner[-1].isspace() or behind.isdigit():
                return False
            return is_formula("".join(inner))
    return False
