"""ChatGPT's answers of components (cards, citations, code, charts as tags within the text), as Markdown; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from desktop.transfer.chatgpt_widgets import said_in, saved_writing, titled
from desktop.transfer.code_ranges import CodeFinder
from desktop.transfer.component_frames import Frame
from desktop.transfer.component_loops import unrolled
from desktop.transfer.component_tags import Tag, TagReader, literal
from desktop.transfer.component_words import code_of, inline_code, words_of
from desktop.transfer.import_drafts import fenced
from desktop.transfer.loose_json import table, text

_HOLDERS = ("box", "row", "column", "grid", "flow", "card", "list", "table", "accordion", "tabs")
_WORDS = ("text", "title", "caption", "badge")
_CELLS = ("grid-item", "list-item", "table-row", "table-cell", "accordion-item", "tab")
_WITHIN = ("button", "divider", "spacer", "icon", "progress", "checkbox", "chart", "svg")
_LAYOUT = frozenset((*_HOLDERS, *_WORDS, *_CELLS, *_WITHIN))
_NEEDED = {
    "Cite": ("refs", "ref"),
    "MemoryCite": (),
    "MessageReaction": ("emoji",),
    "Entity": ("value", "name"),
    "Link": ("url", "href"),
    "AsyncImage": ("query",),
    "AsyncImageGroup": ("query",),
    "CodeBlock": (),
    "Code": ("value", "content", "code"),
    "WritingBlock": ("id", "variant"),
    "LinkCard": ("url", "href"),
    "Chart": ("content", "data"),
}
"""Components by name, with the attributes of which each has one: others' tags of that name stay as they are."""

_EMPTY = {"divider", "spacer", "icon", "progress", "checkbox", *_NEEDED} - {"Link", "WritingBlock"}
_DATA = {"table": ("rows",), "chart": ("data", "content")}
_STYLES = ("color", "size", "weight")
_CAPITAL = {
    spelled: name
    for name in _LAYOUT
    for spelled in ("".join(each.capitalize() for each in name.split("-")), name.title().replace("-", "."))
    if spelled not in _NEEDED
}
"""The names as they were written in summer 2026, in capitals: React's components have the same."""

_OTHERWISE = {"col": "column", "Col": "column"}
_NAMES = "|".join(sorted((*_LAYOUT, *_NEEDED, *map(re.escape, _CAPITAL), *_OTHERWISE), key=len, reverse=True))
_TAG = re.compile(rf"<(/?)({_NAMES})(?=[\s/>])")
_SIGNS = re.compile(
    r"<Cite\s+refs?=|<MemoryCite\s?/>|<(?:WritingBlock|CodeBlock|Entity|AsyncImage\w{0,10})\s+[a-z]+=|<Chart\s+content=\{|"
    r"<Link\s+url=\"|^[ \t]{0,20}<(?:box|row|grid|card|column|flow)(?:\s+[a-z]\w*(?:=|[\s>])|>\s*\n)|"
    # in capitals, of summer 2026
    r"<Table(?:\s+columnSizing=|>\s{0,20}<Table\.Row[\s>])|<Table\.Row\s+header>|<Box\s+(?:border|padding)=\{|"
    r"<(?:Badge|Checkbox)\s+label=\"|<LinkCard\s+url=\"|<Code\s+value=\"|<Text\s+(?:inline\s+)?(?:weight|value)=\"|"
    r"<List(?:\s+gap=\{[0-9.]{1,4}\})?>\s{0,20}<List\.Item>",
    re.MULTILINE,
)
_NAME = re.compile(r"turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9}|[\"']([^\"'\s]{1,100})[\"']")
_STATEMENT = re.compile(r"^[ \t]{0,40}\{(?:[#:@/](?:if|else|each|body)\b)[^\n]{0,2000}\}[ \t]*(?:\n|\Z)", re.MULTILINE)
_PROGRAM = re.compile(r"^[ \t]{0,40}\{@body\b", re.MULTILINE)
_STRING = re.compile(r"\{\s?\"([^\"\n{}]{0,500})\"\s?\}")
_LANGUAGE = re.compile(r"[^\w+#.-]")
_DEEPEST = 50


def is_of_components(said: str, metadata: Mapping[str, object]) -> bool:
    """Whether an answer is written in components: its file says so, or they stand in it."""
    if "<" not in said and "{" not in said:
        return False
    return "model_dil_v2" in metadata or "genui_components" in metadata or bool(_SIGNS.search(said))


class ComponentAnswer:
    """An answer of components as Markdown. Sources are linked by the function that is given."""

    def __init__(self, said: str, metadata: Mapping[str, object], linked: Callable[[Sequence[str]], str]) -> None:
        plain = text(table(metadata.get("model_dil_v2")).get("fallbackMarkdown"))
        code = CodeFinder(said)
        if plain.strip() and any(not code.holds(each.start()) for each in _PROGRAM.finditer(said)):
            said = plain
        self._said = unrolled(said)
        self._linked = linked
        self._tags = TagReader(self._said)
        self._code = CodeFinder(self._said)
        self._is_capital = (
            "model_dil_v2" in metadata
            or "genui_components" in metadata
            or any(not self._code.holds(each.start()) for each in _SIGNS.finditer(self._said))
        )
        self._frames = [Frame(Tag("", {}, closes=False, is_whole=False, start=0, end=0))]
        self._saved = saved_writing(metadata)
        self._last: dict[str, int] = {}
        self._beyond: Counter[str] = Counter()
        self.unknown = 0
        """Pictures, drawings and statements that say nothing in words: they are taken out."""

    def markdown(self) -> str:
        """The answer, outside of code without components."""
        at = 0
        for found in _TAG.finditer(self._said):
            if found.start() < at or self._code.holds(found.start()):
                continue
            if found[2] in _CAPITAL and not self._is_capital:
                continue
            name = _CAPITAL.get(found[2]) or _OTHERWISE.get(found[2], found[2])
            tag = self._tags.tag(found.start(), name, found.end(), closes=bool(found[1]))
            if tag is None or not (self._closes(tag) if tag.closes else self._opens(tag)):
                continue
            self._text(at, tag.start)
            at = self._close(tag) if tag.closes else self._open(tag)
        self._text(at, len(self._said))
        while len(self._frames) > 1:
            self._end()
        return self._frames[0].body

    @property
    def _top(self) -> Frame:
        return self._frames[-1]

    def _closes(self, tag: Tag) -> bool:
        is_open = any(each.tag.name == tag.name for each in self._frames)
        return is_open or tag.name in _EMPTY or (tag.name[0].islower() and len(self._frames) > 1)

    def _opens(self, tag: Tag) -> bool:
        if (needed := _NEEDED.get(tag.name)) is not None:
            return not needed or any(each in tag.attributes for each in needed)
        if tag.is_whole and any(each in tag.attributes for each in _DATA.get(tag.name, ())):
            return True
        if any(each.is_layout for each in self._frames) or self._said[tag.start + 1].isupper():
            return True
        if tag.name in _WITHIN and tag.name != "divider":
            return False
        is_styled = tag.name in _WORDS and any(each in tag.attributes for each in _STYLES)
        is_told = self._is_first(tag) or is_styled
        if tag.name == "table":
            return is_told and self._said.startswith("<table-row", self._next(tag.end))
        if tag.name in _HOLDERS and is_told and not self._said[tag.end : tag.end + 200].partition("\n")[0].strip():
            return True  # one that was cut off
        return is_told and (self._said_last(f"</{tag.name}>") > tag.start or (tag.name == "divider" and tag.is_whole))

    def _said_last(self, closing: str) -> int:
        """Where the last one of a closing tag stands, looked for once."""
        if closing not in self._last:
            self._last[closing] = self._said.rfind(closing)
        return self._last[closing]

    def _next(self, at: int) -> int:
        ahead = self._said[at : at + 2_000]
        return at + len(ahead) - len(ahead.lstrip())

    def _is_first(self, tag: Tag) -> bool:
        before = self._said[max(tag.start - 200, 0) : tag.start]
        return not before.rpartition("\n")[2].strip() if "\n" in before or tag.start <= 200 else False

    def _text(self, start: int, end: int) -> None:
        """What stands between tags: without statements, which are for the program that shows it."""
        said = self._said[start:end]
        if "{" in said and not self._code.holds(start):
            code = CodeFinder(said)

            def taken(found: re.Match[str]) -> str:
                if code.holds(found.start()):
                    return found[0]
                self.unknown += 1
                return ""

            said = _STATEMENT.sub(taken, said)
            if len(self._frames) > 1:
                said = _STRING.sub(lambda found: found[1], said)
        self._top.add(said)

    def _open(self, tag: Tag) -> int:
        is_first = self._is_first(tag)
        if tag.name == "CodeBlock" and (tag.is_whole or code_of(tag)):
            self._block(_fence(code_of(tag), tag, 0), tag)
            return tag.end
        if tag.name == "CodeBlock":
            closing = self._said.find("</CodeBlock>", tag.end)
            end = len(self._said) if closing < 0 else closing
            self._block(_fence(self._said[tag.end : end], tag, self._top.indent or len(self._pad(tag))), tag)
            end = end if closing < 0 else end + len("</CodeBlock>")
            self._code.restart(end)
            return end
        if tag.name == "svg" and not tag.is_whole:
            closing = self._said.find("</svg>", tag.end) if self._said_last("</svg>") > tag.end else -1
            self.unknown += "<text" in self._said[tag.end : closing] if closing >= 0 else 1
            return closing + len("</svg>") if closing >= 0 else tag.end
        if tag.name != "WritingBlock" and (tag.is_whole or tag.name in _EMPTY):
            self._whole(tag, is_first=is_first)
        elif tag.name == "WritingBlock" and tag.is_whole:
            self._frames.append(Frame(tag, is_first=is_first))
            self._top.add(self._saved.get(tag.attributes.get("id", "")) or tag.attributes.get("content", ""))
            self._end()
        elif tag.name == "WritingBlock" and (newer := self._saved.get(tag.attributes.get("id", ""))):
            closing = self._said.find("</WritingBlock>", tag.end)
            self._block(newer.strip("\n"), tag)
            return len(self._said) if closing < 0 else closing + len("</WritingBlock>")
        elif len(self._frames) < _DEEPEST:
            self._frames.append(Frame(tag, self._indent(tag), is_first=is_first))
        else:
            self._beyond[tag.name] += 1
        return tag.end

    def _indent(self, tag: Tag) -> int:
        """How far in the lines of a component stand."""
        gap = self._said[tag.end : self._next(tag.end)]
        return len(gap.rpartition("\n")[2]) if "\n" in gap else self._top.indent

    def _whole(self, tag: Tag, *, is_first: bool) -> None:
        """A component without anything within."""
        held = tag.attributes
        match tag.name:
            case "Cite":
                quoted = _NAME.finditer(held.get("refs") or f'"{held.get("ref", "")}"')
                links = self._linked([each[1] or each[0] for each in quoted])
                rest = self._said[tag.end : tag.end + 200].partition("\n")[0].strip()
                if is_first and not rest:
                    self._block(links, tag)
                else:
                    self._top.trim()
                    self._top.add(f" {links}" if links else "")
            case "MemoryCite" | "MessageReaction":
                self._top.trim()
            case "Entity":
                self._top.add(held.get("value") or held.get("name", ""))
            case "Link":
                address = held.get("url") or held.get("href", "")
                self._top.add(titled(held.get("title") or address, address))
            case "Chart" | "chart":
                shown = words_of(tag)
                self.unknown += not shown
                self._block(shown or said_in(literal(held.get("content", ""))), tag)
            case "Code":
                self._top.add(inline_code(code_of(tag)))
            case "LinkCard" | "table" | "checkbox" | "progress":
                self._block(words_of(tag), tag)
            case "AsyncImage" | "AsyncImageGroup":
                self.unknown += 1
            case "divider":
                self._block("" if self._top.is_inline else "---", tag)
            case _ if said := words_of(tag):
                self._frames.append(Frame(tag, is_first=is_first))
                self._top.add(said)
                self._end()
            case _:
                pass

    def _block(self, markdown: str, tag: Tag) -> None:
        """A block of its own, within the list that its tag stands in."""
        if len(self._frames) == 1 and self._is_first(tag):
            pad = self._pad(tag)
            markdown = "\n".join(f"{pad}{each}" if each else each for each in markdown.split("\n"))
        self._top.block(markdown)

    def _pad(self, tag: Tag) -> str:
        pad = self._said[max(tag.start - 40, 0) : tag.start].rpartition("\n")[2]
        return "" if pad.strip() else pad

    def _close(self, tag: Tag) -> int:
        if self._beyond[tag.name]:
            self._beyond[tag.name] -= 1
        elif any(each.tag.name == tag.name for each in self._frames):
            while self._end() != tag.name:
                pass
        return tag.end

    def _end(self) -> str:
        """Ends the innermost component: it becomes a part of the one around it."""
        frame = self._frames.pop()
        if frame.tag.name == "table-row" and self._top.tag.name == "table":
            if "header" in frame.tag.attributes and not (self._top.rows or self._top.head):
                self._top.head = frame.cells
            else:
                self._top.rows.append(frame.cells)
        elif frame.tag.name == "table-cell" and self._top.tag.name == "table-row":
            self._top.cells.append(frame.body.strip())
        elif frame.is_inline and (self._top.is_inline or not (frame.is_first or self._top.stands_at_begin)):
            self._top.add(self._whole_of(frame))
        else:
            self._block(self._whole_of(frame), frame.tag)
        return frame.tag.name

    def _whole_of(self, frame: Frame) -> str:
        """What an ended component says; a link within a link is its text: each would escape the one within anew."""
        within = frame.tag.name == "Link" and any(each.tag.name == "Link" for each in self._frames)
        return frame.body.strip() if within else frame.markdown()


def _fence(body: str, tag: Tag, indent: int) -> str:
    lines = body.removeprefix("\r").removeprefix("\n").rstrip(" \t").split("\n")
    if indent and all(each.startswith(" " * indent) or not each.strip() for each in lines):
        lines = [each[indent:] for each in lines]
    return fenced("\n".join(lines), _LANGUAGE.sub("", tag.attributes.get("language", "")))
