"""What a content filter says of a text, in words: categories, how severe, whether found; pure."""

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
    """The categories that a filter's result marks as filtered or detected, such as "hate (high)".

    `result` is the wire's `{category: {filtered, severity or detected}}`; anything of another shape is passed over.
    `hidden` hides secrets in a word of the server's, before it is cut.
    """
    if not is_object(result):
        return ()
    found: list[str] = []
    for name, verdict in result.items():
        if not is_object(verdict) or (verdict.get("filtered") is not True and verdict.get("detected") is not True):
            continue
        found.append(_named(name, verdict, hidden))
        if len(found) == _MOST_CATEGORIES:
            break
    return tuple(found)


def in_words(categories: tuple[str, ...]) -> str:
    """The categories as part of a sentence; says so where the filter named none."""
    return ", ".join(categories) if categories else phrase("the server named no category")


def _named(name: str, said: JsonObject, hidden: Callable[[str], str]) -> str:
    word = _WORDS.get(name, hidden(name).replace("_", " "))[:60] or "…"
    severity = said.get("severity")
    if isinstance(severity, str) and severity:
        return f"{word} ({hidden(severity)[:20]})"
    return f"{word} (detected)" if said.get("detected") is True else word
