"""Converts responses from HTML to Markdown in linear time. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from desktop.transfer.formats.markdown_parts import titled_link
from desktop.transfer.import_drafts import fenced

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,30})(?P<fields>[^<>]{0,8000})>|<![^<>]{0,8000}>")
_FIELD = re.compile(
    r"(?:\A|(?<=[\s\"']))(?P<name>href|src|alt|class)\s{0,9}=\s{0,9}(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')"
)
_LANGUAGE = re.compile(r"language-([A-Za-z0-9+#-]{1,30})")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MANY_LINES = re.compile(r"\n[ \n]*\n")
_DEEPEST = 20
"""Maximum nesting of quotations, links, lists and cells; deeper ones are converted to plain text."""

_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "code": "`"}
_BLOCKS = frozenset(("p", "div", "section", "article", "header", "footer", "dl", "dd", "dt", "figure"))
_UNSEEN = frozenset(("script", "style", "title", "head"))
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_CODE = "\0"


class WrittenHtml(NamedTuple):
    """The Markdown, and the names of the images in it."""

    said: str
    pictures: list[str]


def markdown_of(html: str) -> WrittenHtml:
    """Convert HTML to Markdown."""
    writer = _Writer()
    at = 0
    for tag in _TAG.finditer(html):
        writer.text(html[at : tag.start()])
        if tag["name"]:
            writer.tag(tag["name"].lower(), tag["fields"], ends=bool(tag["end"]))
        at = tag.end()
    writer.text(html[at:])
    return WrittenHtml(writer.finished(), writer.pictures)


def _fields(written: str) -> dict[str, str]:
    return {each["name"]: unescape(each["double"] or each["single"] or "") for each in _FIELD.finditer(written)}


@dataclass
class _List:
    """An open list, with the next number if it is an ordered list."""

    number: int | None


@dataclass
class _Writer:
    """Converts tags and text in the order in which they occur."""

    pictures: list[str] = field(default_factory=list[str])
    _texts: list[list[str]] = field(default_factory=lambda: [[]])
    """Content of open elements that is written only at their end tags."""
    _lists: list[_List] = field(default_factory=list[_List])
    _code: list[str] = field(default_factory=list[str])
    _links: list[str] = field(default_factory=list[str])
    _rows: list[list[str]] = field(default_factory=list[list[str]])
    _language: str = ""
    _in_code: bool = False
    _unseen: str = ""

    def text(self, words: str) -> None:
        """Convert text as written in the HTML."""
        if not words or self._unseen:
            return
        words = unescape(words).replace(_CODE, "")
        if not self._in_code:
            words = _SPACE.sub(" ", words)
            words = words.lstrip(" ") if self._begins_line() else words
        self._texts[-1].append(words)

    def tag(self, name: str, written: str, *, ends: bool) -> None:
        """Convert a tag with its attributes."""
        if self._unseen or name in _UNSEEN:
            self._unseen = "" if ends and name == self._unseen else self._unseen or ("" if ends else name)
        elif self._in_code and name not in ("pre", "code"):
            self._texts[-1] += ["\n"] if name == "br" else []
        elif name in _BLOCKS:
            self._break()
        elif name in _MARKS and not (name == "code" and self._in_code):
            self._texts[-1].append(_MARKS[name])
        elif name in _HEADINGS:
            self._break()
            self._texts[-1] += [] if ends else [f"{_HEADINGS[name]} "]
        else:
            self._other(name, written, ends=ends)

    def _other(self, name: str, written: str, *, ends: bool) -> None:
        handlers: dict[str, Callable[[str, bool], None]] = {
            "br": lambda _w, _e: self._texts[-1].append("\n"),
            "hr": lambda _w, _e: self._block("---"),
            "pre": self._pre,
            "code": self._named,
            "ul": self._list,
            "ol": self._numbered,
            "li": self._item,
            "blockquote": self._quote,
            "a": self._link,
            "img": self._picture,
            "table": self._table,
            "tr": self._row,
            "td": self._cell,
            "th": self._cell,
        }
        if name in handlers:
            handlers[name](written, ends)

    def finished(self) -> str:
        """Return the complete Markdown."""
        while len(self._texts) > 1:
            self._texts[-2].append("".join(self._texts.pop()))
        said = _MANY_LINES.sub("\n\n", "".join(self._texts[0])).strip("\n ")
        first, *rest = said.split(_CODE)
        return first + "".join(f"{code}{after}" for code, after in zip(self._code, rest, strict=False))

    def _begins_line(self) -> bool:
        last = next((each for each in reversed(self._texts[-1]) if each), "")
        return not last or last.endswith(("\n", "- ", ". ", "# "))

    def _indent(self) -> str:
        return "".join("  " if each.number is None else "   " for each in self._lists)

    def _break(self) -> None:
        """Start a paragraph, unless a list item has just been started."""
        last = next((each for each in reversed(self._texts[-1]) if each), "")
        if last and not (self._lists and last.endswith(("- ", ". "))):
            self._texts[-1].append(f"\n\n{self._indent()}")

    def _block(self, said: str) -> None:
        self._texts[-1].append(f"\n\n{said}\n\n")

    def _open(self) -> bool:
        if len(self._texts) > _DEEPEST:
            return False
        self._texts.append([])
        return True

    def _closed(self) -> str:
        return "".join(self._texts.pop()) if len(self._texts) > 1 else ""

    def _pre(self, _written: str, ends: bool) -> None:  # noqa: FBT001
        if not ends and not self._in_code and self._open():
            self._in_code, self._language = True, ""
        elif ends and self._in_code:
            self._in_code = False
            code = fenced(self._closed().strip("\n"), self._language)
            indent = self._indent()
            self._code.append("\n".join(f"{indent}{line}" if line else line for line in code.split("\n")))
            self._block(_CODE)

    def _named(self, written: str, ends: bool) -> None:  # noqa: FBT001
        """Remember the language of a code block that starts."""
        found = _LANGUAGE.search(_fields(written).get("class", "")) if not ends else None
        self._language = found[1] if found is not None else self._language

    def _list(self, _written: str, ends: bool, number: int | None = None) -> None:  # noqa: FBT001
        if ends and self._lists:
            self._lists.pop()
        elif not ends and len(self._lists) < _DEEPEST:
            self._lists.append(_List(number))
        if not self._lists:
            self._texts[-1].append("\n\n")

    def _numbered(self, written: str, ends: bool) -> None:  # noqa: FBT001
        self._list(written, ends, 1)

    def _item(self, _written: str, ends: bool) -> None:  # noqa: FBT001
        if ends:
            return
        own = self._lists[-1] if self._lists else _List(None)
        above = "".join("  " if each.number is None else "   " for each in self._lists[:-1])
        mark = "-" if own.number is None else f"{own.number}."
        own.number = None if own.number is None else own.number + 1
        self._texts[-1] += [f"\n{above}", f"{mark} "]

    def _quote(self, _written: str, ends: bool) -> None:  # noqa: FBT001
        if not ends:
            self._open()
        elif said := _MANY_LINES.sub("\n\n", self._closed()).strip("\n "):
            self._block("\n".join(f"> {line}".rstrip() for line in said.split("\n")))

    def _link(self, written: str, ends: bool) -> None:  # noqa: FBT001
        if not ends and self._open():
            self._links.append(_fields(written).get("href", ""))
        elif ends and self._links:
            label, address = self._closed(), self._links.pop()
            self._texts[-1].append(titled_link(label, address) if address.startswith("http") else label)

    def _picture(self, written: str, _ends: bool) -> None:  # noqa: FBT001
        fields = _fields(written)
        self.pictures.append(fields.get("alt") or fields.get("src", "").rpartition("/")[2] or "image")

    def _table(self, _written: str, ends: bool) -> None:  # noqa: FBT001
        if ends and self._rows:
            width = max(map(len, self._rows))
            rows = [[*row, *[""] * (width - len(row))] for row in self._rows if row]
            lines = [f"| {' | '.join(row)} |" for row in [*rows[:1], ["---"] * width, *rows[1:]]]
            self._block("\n".join(lines))
        self._rows = []

    def _row(self, _written: str, ends: bool) -> None:  # noqa: FBT001
        if not ends:
            self._rows.append([])

    def _cell(self, _written: str, ends: bool) -> None:  # noqa: FBT001
        if not ends:
            self._open()
        elif self._rows:
            said = " ".join(self._closed().split())
            self._rows[-1].append(said.replace("|", "\\|"))
