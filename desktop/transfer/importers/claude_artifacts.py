"""Claude's older artifacts: documents and code within the text of an answer, as blocks that stay what they are."""

from __future__ import annotations

import re

from desktop.domain import Part, ReasoningPart, TextPart
from desktop.transfer.import_drafts import fenced

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
    places = {tag: said.find(tag) for tag in (_ARTIFACT, _THINKING)}
    while found := [(place, tag) for tag, place in places.items() if place >= 0]:
        begin, tag = min(found)
        inner = said.find(">", begin, begin + _LONGEST_TAG) + 1
        if not inner:
            break
        closing = f"</{tag.strip(' <>')}>"
        end = said.find(closing, inner)
        end, after = (end, end + len(closing)) if end >= 0 else (len(said), len(said))
        parts.append(TextPart(text=said[at:begin].strip("\n")))
        if tag == _THINKING:
            parts.append(ReasoningPart(text=said[inner:end].strip()))
        else:
            parts.append(TextPart(text=_artifact(said[begin:inner], said[inner:end].strip("\n"))))
        at = after
        # Each tag is looked for again only where the last one was passed: a text of many takes time in proportion.
        places = {each: said.find(each, at) if 0 <= place < at else place for each, place in places.items()}
    parts.append(TextPart(text=said[at:].lstrip("\n") if at else said))
    return parts


def _artifact(tag: str, body: str) -> str:
    named = dict(_ATTRIBUTE.findall(tag))
    kind, title = named.get("type", ""), " ".join(named.get("title", "").replace("*", "").split())
    if kind != "text/markdown":
        language = named.get("language", "") or _LANGUAGES.get(kind, "")
        body = fenced(body, language if language.isalnum() else "")
    return f"**{title}**\n\n{body}" if title else body
