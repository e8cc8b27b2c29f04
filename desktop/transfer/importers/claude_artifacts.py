"""Claude's older artifacts: documents and code within the text of an answer, as blocks that stay what they are."""

from __future__ import annotations

import re

from desktop.domain import Part, ReasoningPart, TextPart
from desktop.transfer.drafts import fenced

_ARTIFACT, _THINKING = "<antArtifact ", "<antThinking>"
_ATTRIBUTE = re.compile(r'([a-z]{1,20})="([^"]{0,500})"')
_LONGEST_TAG = 4_000
_LANGUAGES = {
    "text/html": "html",
    "image/svg+xml": "svg",
    "application/vnd.ant.mermaid": "mermaid",
    "application/vnd.ant.react": "jsx",
}


def split(said: str) -> list[Part]:
    """Text, artifacts with their titles, and what Claude thought of making one, in their order."""
    parts: list[Part] = []
    at = 0
    while (found := _next(said, at)) is not None:
        begin, inner, end, after = found
        parts.append(TextPart(text=said[at:begin].strip("\n")))
        if said.startswith(_THINKING, begin):
            parts.append(ReasoningPart(text=said[inner:end].strip()))
        else:
            parts.append(TextPart(text=_artifact(said[begin:inner], said[inner:end].strip("\n"))))
        at = after
    parts.append(TextPart(text=said[at:].lstrip("\n") if at else said))
    return parts


def _next(said: str, at: int) -> tuple[int, int, int, int] | None:
    """Where the next one begins, where its inside begins and ends, and where the text goes on."""
    places = [place for tag in (_ARTIFACT, _THINKING) if (place := said.find(tag, at)) >= 0]
    if not places:
        return None
    begin = min(places)
    closing = "</antThinking>" if said.startswith(_THINKING, begin) else "</antArtifact>"
    inner = said.find(">", begin, begin + _LONGEST_TAG) + 1
    if not inner:
        return None
    end = said.find(closing, inner)
    return (begin, inner, end, end + len(closing)) if end >= 0 else (begin, inner, len(said), len(said))


def _artifact(tag: str, body: str) -> str:
    named = dict(_ATTRIBUTE.findall(tag))
    kind, title = named.get("type", ""), " ".join(named.get("title", "").replace("*", "").split())
    if kind != "text/markdown":
        language = named.get("language", "") or _LANGUAGES.get(kind, "")
        body = fenced(body, language if language.isalnum() else "")
    return f"**{title}**\n\n{body}" if title else body
