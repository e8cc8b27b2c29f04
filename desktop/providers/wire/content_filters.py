"""Formats the verdicts of content filters as text: categories, severity, detection. Pure functions."""

from __future__ import annotations

from collections.abc import Callable

from desktop.providers.wire.json_shapes import JsonObject, is_object
from desktop.text.phrases import phrase

_WORDS = {
    "self_harm": "self-harm",
    "jailbreak": "jailbreak",
    "indirect_attack": "indirect attack",
    "protected_material_text": "protected text",
    "protected_material_code": "protected code",
    "custom_blocklists": "a blocklist",
}
_MOST_CATEGORIES = 12


def flagged(result: object, hidden: Callable[[str], str] = str) -> tuple[str, ...]:
    """Return the categories that a filter marks as filtered or detected, such as "hate (high)".

    `result` is `{category: {filtered, severity or detected}}`; other shapes are ignored. `hidden` redacts secrets in a
    server's text before it is truncated.
    """
    if not is_object(result):
        return ()
    categories: list[str] = []
    for name, verdict in result.items():
        if not is_object(verdict) or (verdict.get("filtered") is not True and verdict.get("detected") is not True):
            continue
        categories.append(_named(name, verdict, hidden))
        if len(categories) == _MOST_CATEGORIES:
            break
    return tuple(categories)


def in_words(categories: tuple[str, ...]) -> str:
    """Join the categories for a sentence; without categories, return a text that says so."""
    return ", ".join(categories) if categories else phrase("the server did not specify a category")


def _named(name: str, said: JsonObject, hidden: Callable[[str], str]) -> str:
    word = _WORDS.get(name, hidden(name).replace("_", " "))[:60] or "…"
    severity = said.get("severity")
    if isinstance(severity, str) and severity:
        return f"{word} ({hidden(severity)[:20]})"
    return f"{word} (detected)" if said.get("detected") is True else word
