"""Claude's artifacts: documents and code in the text of an answer or its calls, as blocks that stay what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from desktop.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.code_ranges import CodeFinder
from desktop.transfer.import_drafts import attachment, fenced
from desktop.transfer.loose_json import items, text

_ARTIFACT, _THINKING = "<antArtifact ", "<antThinking>"
_ATTRIBUTE = re.compile(r'([a-z]{1,20})="([^"]{0,500})"')
_LONGEST_TAG, _LONGEST_TITLE = 4_000, 500
_LONGEST = 5_000_000
_MOST_SHOWN = 20_000_000
"""Characters of all documents that one conversation shows, each as often as it is changed."""

_MOST_HANDED = 100
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


class _Document(NamedTuple):
    """A document or a file of code: its kind where it has one, what it is called, its language and its text."""

    kind: str
    title: str
    language: str
    body: str

    def part(self) -> TextPart:
        """The document as canvas documents are kept."""
        return _document(self.kind, self.title, self.language, self.body)


class Documents:
    """The documents that one conversation writes and changes, each shown as it is at the end of an answer."""

    def __init__(self) -> None:
        self._held: dict[str, _Document] = {}
        self._handed: set[str] = set()
        """The names of the files that the answer in hand hands over."""
        self._made: set[str] = set()
        self._last: dict[str, int] = {}
        """What the answer in hand makes; and by document which of its calls changed it last."""
        self._left = _MOST_SHOWN

    def begin(self, calls: Iterable[tuple[str, Mapping[str, object]]]) -> None:
        """Do what the calls of an answer do, before any of them is shown."""
        self._handed, self._made, self._last = set(), set(), {}
        for number, (name, given) in enumerate(calls):
            key = _key(name, given)
            self._handed |= {each.name for each in _handed(name, given)}
            if (written := _written(name, given)) is not None:
                self._held[key] = written
                self._made.add(key)
            elif key in self._held and (changed := _changed(self._held[key].body, name, given)) is not None:
                self._held[key] = self._held[key]._replace(body=changed)
                self._last[key] = number

    def of_call(self, name: str, given: Mapping[str, object], number: int = 0) -> TextPart | None:
        """The document that a call makes, changes or shows; None for other calls. `number` is its place in the answer.

        A document is shown once in an answer: where it is handed over, else where it is made, else at its last change.
        """
        if paths := _handed(name, given):
            return self._handed_over(paths)
        key = _key(name, given)
        held = self._held.get(key)
        if held is None or not held.body or (name == "create_file" and not _is_shown(key)):
            return None
        path = PurePosixPath(key)
        if name == "Artifact":
            return self._shown(held)
        if name in ("Write", "Edit") or path.name in self._handed:
            return None
        if _written(name, given) is not None:
            changes = key in self._last
            return self._shown(held) if changes else _as_given(name, given)
        is_last = self._last.get(key) == number and key not in self._made
        return self._shown(held) if is_last and (name == "artifacts" or _is_shown(key)) else None

    def is_shown_elsewhere(self, name: str, given: Mapping[str, object]) -> bool:
        """Whether a call changes a document that the answer shows as it is then."""
        return name == "artifacts" and _key(name, given) in self._last

    def lacking(self, name: str, given: Mapping[str, object]) -> int:
        """How many files a call hands over that the export does not hold."""
        known = {PurePosixPath(key).name for key in self._held}
        return sum(each.name not in known for each in _handed(name, given))

    def _handed_over(self, paths: Sequence[PurePosixPath]) -> TextPart:
        """The files that are handed over, as far as they were written here; the names of the others."""
        found: list[str] = []
        for path in paths:
            held = [each for key, each in self._held.items() if PurePosixPath(key).name == path.name]
            shown = self._shown(held[-1]) if held else None
            found.append(shown.text if shown is not None else attachment(path.name).text)
        return TextPart(text="\n\n".join(found))

    def _shown(self, document: _Document) -> TextPart | None:
        """The document, as long as all versions together are not beyond all measure."""
        self._left -= len(document.body)
        return document.part() if self._left >= 0 else None


def _key(name: str, given: Mapping[str, object]) -> str:
    """What a call's document is found by."""
    if name == "artifacts":
        return f"artifact {text(given.get('id'))}"
    return text(given.get("file_path")) or text(given.get("path"))


def _handed(name: str, given: Mapping[str, object]) -> list[PurePosixPath]:
    paths = items(given.get("filepaths"))[:_MOST_HANDED] if name == "present_files" else ()
    return [PurePosixPath(each) for each in map(text, paths) if PurePosixPath(each).name]


def _is_shown(path: str) -> bool:
    """Whether a file lies where a person is shown it without more."""
    return "outputs" in PurePosixPath(path).parts


def _as_given(name: str, given: Mapping[str, object]) -> TextPart | None:
    written = _written(name, given)
    return written.part() if written is not None else None


def _written(name: str, given: Mapping[str, object]) -> _Document | None:
    """The document that a call writes whole."""
    if name == "artifacts":
        if given.get("command") not in _WHOLE or not (content := text(given.get("content"))):
            return None
        return _Document(text(given.get("type")), text(given.get("title")), text(given.get("language")), content)
    path = PurePosixPath(_key(name, given))
    body = text(given.get("content")) if name == "Write" else text(given.get("file_text"))
    if name not in ("Write", "create_file") or not path.name or not body:
        return None
    return _Document(_MARKDOWN if path.suffix == ".md" else "", path.name, path.suffix.removeprefix("."), body)


def _changed(held: str, name: str, given: Mapping[str, object]) -> str | None:
    """A document's text after a change, no longer than any is; None for calls that change nothing."""
    old = text(given.get("old_str")) or text(given.get("old_string"))
    if name not in ("Edit", "str_replace", "artifacts") or not old:
        return None
    new = text(given.get("new_str")) or text(given.get("new_string"))
    times = held.count(old) if given.get("replace_all") is True else 1
    most = max((_LONGEST - len(held)) // max(len(new) - len(old), 1), 1)
    return held.replace(old, new, min(times, most))[:_LONGEST]


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
