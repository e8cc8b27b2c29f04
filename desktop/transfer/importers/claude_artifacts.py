"""Claude's artifacts: documents and code in the text of an answer or its calls, as blocks that stay what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from desktop.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.code_ranges import CodeFinder
from desktop.transfer.import_drafts import fenced
from desktop.transfer.loose_json import text

_ARTIFACT, _THINKING = "<antArtifact ", "<antThinking>"
_ATTRIBUTE = re.compile(r'([a-z]{1,20})="([^"]{0,500})"')
_LONGEST_TAG, _LONGEST_TITLE = 4_000, 500
_LONGEST = 5_000_000
_MARKDOWN = "text/markdown"
_WHOLE = ("create", "rewrite", None)
"""Commands with all of a document; an export may name none."""

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
    code = CodeFinder(said)
    places: dict[str, int] = {tag: said.find(tag) for tag in (_ARTIFACT, _THINKING)}
    while found := [(place, tag) for tag, place in places.items() if place >= 0]:
        begin, tag = min(found)
        if code.holds(begin):
            places[tag] = said.find(tag, begin + 1)
            continue
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
        code.restart(at)
        # Each tag is looked for again only where the last one was passed: a text of many takes time in proportion.
        places = {each: said.find(each, at) if 0 <= place < at else place for each, place in places.items()}
    parts.append(TextPart(text=said[at:].lstrip("\n") if at else said))
    return parts


class Documents:
    """The files that one conversation writes and changes, until it shows them."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def of_call(self, name: str, given: Mapping[str, object]) -> TextPart | None:
        """The document that a call makes, writes anew or shows, as canvas documents are kept; None for other calls."""
        path = text(given.get("file_path"))
        if name == "Write" and path:
            self._held[path] = text(given.get("content"))
        elif name == "Edit" and path in self._held and (old := text(given.get("old_string"))):
            new, held = text(given.get("new_string")), self._held[path]
            times = held.count(old) if given.get("replace_all") is True else 1
            most = max((_LONGEST - len(held)) // max(len(new) - len(old), 1), 1)
            self._held[path] = held.replace(old, new, min(times, most))[:_LONGEST]
        elif name == "Artifact" and self._held.get(path):
            return _file(PurePosixPath(path), self._held[path])
        return _of_call(name, given)


def _of_call(name: str, given: Mapping[str, object]) -> TextPart | None:
    content, title = text(given.get("content")), text(given.get("title"))
    if name == "artifacts" and given.get("command") in _WHOLE and content:
        return _document(text(given.get("type")), title, text(given.get("language")), content)
    path, content = PurePosixPath(text(given.get("path"))), text(given.get("file_text"))
    if name == "create_file" and "outputs" in path.parts and content:
        return _file(path, content)
    return None


def _file(path: PurePosixPath, content: str) -> TextPart:
    kind = _MARKDOWN if path.suffix == ".md" else ""
    return _document(kind, path.name, path.suffix.removeprefix("."), content)


def is_change(name: str, given: Mapping[str, object]) -> bool:
    """Whether a call changes or shows a document that is not in the file."""
    return name == "Artifact" or (name == "artifacts" and "old_str" in given)


def _artifact(tag: str, body: str) -> str:
    named = dict(_ATTRIBUTE.findall(tag))
    return _document(named.get("type", ""), named.get("title", ""), named.get("language", ""), body).text


def _document(kind: str, title: str, language: str, body: str) -> TextPart:
    title = " ".join(title.replace("*", "").split())[:_LONGEST_TITLE]
    if kind != _MARKDOWN:
        language = language or _LANGUAGES.get(kind, "")
        body = fenced(body, language if language.isalnum() else "")
    return TextPart(text=f"**{title}**\n\n{body}" if title else body)
