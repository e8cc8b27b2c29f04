"""What a content filter says of a text, in words: categories, how severe, whether found; pure."""

from __future__ import annotations

from collections.abc import Iterable

from desktop.mask import hide_head
from desktop.phrases import phrase
from desktop.providers.wire.json_shapes import JsonObject, is_object

_WORDS = {
    "self_harm": "self-harm",
    "jailbreak": "jailbreak",
    "indirect_attack": "indirect attack",
    "protected_material_text": "protected text",
    "protected_material_code": "protected code",
    "custom_blocklists": "a blocklist",
}
_MOST_CATEGORIES = 12
_LOOKED_AT = 300
"""Characters of a name or a severity that are looked at; none that is real has as many."""


def flagged(result: object, secrets: Iterable[str] = ()) -> tuple[str, ...]:
    """The categories that a filter's result marks as filtered or detected, such as "hate (high)".

    `result` is the wire's `{category: {filtered, severity or detected}}`; anything of another shape is passed over.
    Secrets are hidden before names are cut.
    """
    if not is_object(result):
        return ()
    found: list[str] = []
    for name, verdict in result.items():
        if not is_object(verdict) or (verdict.get("filtered") is not True and verdict.get("detected") is not True):
            continue
        found.append(_named(name, verdict, secrets))
        if len(found) == _MOST_CATEGORIES:
            break
    return tuple(found)


def in_words(categories: tuple[str, ...]) -> str:
    """The categories as part of a sentence; says so where the filter named none."""
    return ", ".join(categories) if categories else phrase("the server named no category")


def _named(name: str, said: JsonObject, secrets: Iterable[str]) -> str:
    word = _WORDS.get(name, hide_head(name, secrets, _LOOKED_AT).replace("_", " "))[:60] or "…"
    severity = said.get("severity")
    if isinstance(severity, str) and severity:
        return f"{word} ({hide_head(severity, secrets, _LOOKED_AT)[:20]})"
    return f"{word} (detected)" if said.get("detected") is True else word
