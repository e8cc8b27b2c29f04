"""ChatGPT's answers of components (cards, citations, code, charts as tags within the text), as Markdown; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from desktop.transfer.archives.loose_json import table, text
from desktop.transfer.formats.chatgpt_charts import written
from desktop.transfer.formats.chatgpt_widgets import said_in, saved_writing, titled
from desktop.transfer.formats.citations import ChatGptCitations
from desktop.transfer.formats.code_ranges import CodeFinder
from desktop.transfer.formats.component_loops import holds_program, unrolled
from desktop.transfer.formats.component_names import (
    CAPITAL,
    CELLS,
    DATA,
    EMPTY,
    HOLDERS,
    MARKED,
    NEEDED,
    RAW,
    SIGNS,
    TAG,
    WITHIN,
    WORDS,
    named,
)
from desktop.transfer.formats.component_tags import Tag, TagReader, literal
from desktop.transfer.formats.component_words import (
    code_of,
    entity,
    files_of,
    inline_code,
    is_set,
    item,
    ticked,
    words_of,
)
from desktop.transfer.import_drafts import fenced

_LAYOUT = (*HOLDERS, *(each for each in CELLS if each != "table-cell"), "blockquote")
_INLINE = (*WORDS, *(each for each in MARKED if each != "blockquote"), "button", "table-cell", "Link", "Entity")
_BLANK_LINES = re.compile(r"\A(?:[ \t]{0,200}\n)+")
_MARKED = re.compile(r"[#>|$`~*+-]|[0-9]{1,9}[.)]")
_LONGEST_ROW = 200


class Frame:
    """An open component with the Markdown that was read within it so far."""

    def __init__(self, tag: Tag, indent: int = 0, *, is_first: bool = True) -> None:
        self.tag = tag
        self.indent = indent
        self.is_first = is_first
        self.is_layout = tag.name in _LAYOUT
        self.is_inline = tag.name in _INLINE
        self.rows: list[list[str]] = []
        self.head: list[str] = []
        self.cells: list[str] = []
        self.number = ""
        """Of an item in a numbered list its number."""
        self._items = 0
        self._pieces: list[str] = []
        self._is_behind_block = False
        self._holds_paragraphs = False

    @property
    def body(self) -> str:
        """What was read."""
        return "".join(self._pieces)

    @property
    def stands_at_begin(self) -> bool:
        """Whether what follows begins a line."""
        last = self._pieces[-1] if self._pieces else ""
        return self._is_behind_block or not last.rpartition("\n")[2].strip()

    def add(self, said: str) -> None:
        """Text in the line, without the indentation of the component."""
        if self.indent and "\n" in said:
            first, *lines = said.split("\n")
            cut = (each[min(self.indent, len(each) - len(each.lstrip(" \t"))) :] for each in lines)
            said = "\n".join([first, *cut])
        if self._is_behind_block:
            if not said.strip():
                return
            rest = _BLANK_LINES.sub("", said)
            said = f"\n\n{rest if rest != said else rest.lstrip(' ')}"
            self._is_behind_block = False
        elif not self._pieces and self.is_layout:
            said = _BLANK_LINES.sub("", said)
            said = said.lstrip(" ") if not said.strip() else said[min(self.indent, len(said) - len(said.lstrip(" "))) :]
        if said:
            self._pieces.append(said)

    def block(self, markdown: str) -> None:
        """Markdown as a block of its own."""
        markdown = markdown.strip("\n")
        if not markdown.strip():
            return
        if self.is_inline:
            self.add(f" {markdown}" if self._pieces else markdown)
            return
        self._holds_paragraphs = self._holds_paragraphs or "\n\n" in markdown
        is_item = self.tag.name in ("list", "radio-group") and self._is_behind_block
        while self._pieces and not self._pieces[-1].strip():
            self._pieces.pop()
        if self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip()
            self._pieces.append("\n" if is_item else "\n\n")
        self._pieces.append(markdown)
        self._is_behind_block = True

    def next_number(self) -> str:
        """The number of the list's next item; nothing where it has none."""
        if self.tag.name != "list" or self.tag.attributes.get("marker") not in ("number", "decimal", "ordered"):
            return ""
        begin = self.tag.attributes.get("start", "")
        self._items += 1
        return str((int(begin) if re.fullmatch("[0-9]{1,6}", begin) else 1) + self._items - 1)

    def _item(self, body: str) -> str:
        """An item of a list with what its attributes say before what stands within."""
        label = item(self.tag.attributes) if self.tag.name == "list-item" else ""
        first, *lines = " ".join(filter(None, (label, body))).split("\n")
        sign = f"{self.number}." if self.number else "-"
        pad = " " * (len(sign) + 1)
        return "\n".join([f"{sign} {first}", *(f"{pad}{each}" if each else each for each in lines)])

    def trim(self) -> None:
        """Takes the blanks away that stand before something that shows nothing."""
        if self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip(" \t")

    def markdown(self) -> str:
        """What the whole component says."""
        body, held = self.body.strip("\n") if self.is_layout else self.body.strip(), self.tag.attributes
        if self.tag.name in WORDS or self.tag.name in MARKED:
            return _marked(self.tag.name, held, body)
        match self.tag.name:
            case "table":
                return (written([self.head, *self.rows]) if self.rows else "") or body
            case "table-row":
                return " · ".join([*self.cells, *([body.strip()] if body.strip() else [])])
            case "checkbox":
                return f"{ticked(held)}{' '.join(body.split())}"
            case "list-item" | "radio":
                return self._item(body.strip())
            case "accordion-item" | "tab" | "radio-group":
                return "\n\n".join(filter(None, (_bold(held.get("title") or held.get("label", "")), body)))
            case "row":
                said = body.split("\n\n")
                is_line = (
                    len(body) <= _LONGEST_ROW
                    and not self._holds_paragraphs
                    and not any("\n" in each or _is_block(each) for each in said)
                )
                return " · ".join(each.strip() for each in said if each.strip()) if is_line else body
            case "Link":
                return titled(body or held.get("title", ""), held.get("url") or held.get("href", ""))
            case "Entity":
                return entity(held) or body
            case "WritingBlock":
                about = _bold(" ".join((held.get("subject") or held.get("title") or "").split()))
                to = f"({' '.join(held['recipient'].split())})" if held.get("recipient") else ""
                return "\n\n".join(filter(None, (" ".join(filter(None, (about, to))), body)))
            case _:
                return body


def _marked(name: str, held: Mapping[str, str], body: str) -> str:
    """Words with the signs that say how they are to look."""
    is_line = bool(body) and "\n" not in body
    match name:
        case "title" | "bold":
            return _bold(body)
        case "text" if held.get("weight") in ("bold", "semibold") or is_set(held, "strong"):
            return _bold(body)
        case "italic" if is_line and "*" not in body and "_" not in body:
            return f"*{body}*"
        case "strikethrough" if is_line and "~" not in body:
            return f"~~{body}~~"
        case "code":
            return inline_code(body)
        case "blockquote":
            return "\n".join(f"> {each}".rstrip() for each in body.split("\n"))
        case _:
            return body


def _is_block(said: str) -> bool:
    return bool(_MARKED.match(said.strip())) and not said.strip().startswith("**")


def _bold(said: str) -> str:
    return said if not said or "\n" in said or "*" in said or _MARKED.match(said) else f"**{said}**"


_STYLES = ("color", "size", "weight")
_NAME = re.compile(r"turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9}|[\"']([^\"'\s]{1,100})[\"']")
_STATEMENT = re.compile(r"^[ \t]{0,40}\{[#:@/](if|else|each|body)\b[^\n]{0,2000}\}[ \t]*(?:\n|\Z)", re.MULTILINE)
_GROUP = re.compile(r"</?(?:escape)?>")
"""Tags that hold things together and are nothing themselves."""
_STRING = re.compile(r"\{\s?\"([^\"\n{}]{0,500})\"\s?\}")
_LANGUAGE = re.compile(r"[^\w+#.-]")
_DEEPEST = 50
_NEAR = 500
_BLOCKS = (
    *("divider", "Chart", "chart", "table", "LinkCard", "checkbox", "progress"),
    *("FileNavList", "FollowUp", "MapWidgetV2"),
)


class ComponentAnswer:
    """An answer of components as Markdown, with what it cites resolved."""

    def __init__(self, said: str, metadata: Mapping[str, object], cited: ChatGptCitations) -> None:
        plain = text(table(metadata.get("model_dil_v2")).get("fallbackMarkdown"))
        self._plain = plain if plain.strip() and holds_program(said) else ""
        self._said, self.unknown = unrolled(said)
        """Pictures, drawings and programs that say nothing in words are counted: they are taken out."""
        self._cited = cited
        self._tags = TagReader(self._said)
        self._code = CodeFinder(self._said)
        self._is_capital = (
            "model_dil_v2" in metadata
            or "genui_components" in metadata
            or any(not self._code.holds(each.start()) for each in SIGNS.finditer(self._said))
        )
        self._frames = [Frame(Tag("", {}, closes=False, is_whole=False, start=0, end=0))]
        self._saved = saved_writing(metadata)
        self._last: dict[str, int] = {}
        self._beyond: Counter[str] = Counter()

    def markdown(self) -> str:
        """The answer, outside of code without components; for a program what its file says, where that is more."""
        at = 0
        for found in TAG.finditer(self._said):
            if found.start() < at or self._code.holds(found.start()):
                continue
            if found[2] in CAPITAL and not self._is_capital:
                continue
            tag = self._tags.tag(found.start(), named(found[2]), found.end(), closes=bool(found[1]))
            if tag is None or not (self._closes(tag) if tag.closes else self._opens(tag)):
                continue
            self._text(at, tag.start)
            at = self._close(tag) if tag.closes else self._open(tag)
        self._text(at, len(self._said))
        while len(self._frames) > 1:
            self._end()
        read = self._frames[0].body
        if len(self._plain.split()) <= len(read.split()):
            return read
        self.unknown = 0
        return self._plain

    @property
    def _top(self) -> Frame:
        return self._frames[-1]

    def _closes(self, tag: Tag) -> bool:
        is_open = any(each.tag.name == tag.name for each in self._frames)
        return is_open or tag.name in EMPTY or (tag.name[0].islower() and len(self._frames) > 1)

    def _opens(self, tag: Tag) -> bool:
        if (needed := NEEDED.get(tag.name)) is not None:
            return not needed or any(each in tag.attributes for each in needed)
        if tag.is_whole and any(each in tag.attributes for each in DATA.get(tag.name, ())):
            return True
        if any(each.is_layout for each in self._frames) or self._said[tag.start + 1].isupper():
            return True
        if tag.name in WITHIN and tag.name != "divider":
            return False
        is_styled = tag.name in WORDS and any(each in tag.attributes for each in _STYLES)
        is_told = self._is_first(tag) or is_styled
        if tag.name == "table":
            return is_told and self._said.startswith(("<table-row", "<table-section"), self._next(tag.end))
        if tag.name in HOLDERS and is_told and not self._said[tag.end : tag.end + 200].partition("\n")[0].strip():
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
                self.unknown += found[1] in ("each", "body")
                return ""

            said = _STATEMENT.sub(taken, said)
            if len(self._frames) > 1:
                said = _STRING.sub(lambda found: found[1], said)
        if len(self._frames) > 1 and "<" in said and not self._code.holds(start):
            said = _GROUP.sub("", said)
        self._top.add(said)

    def _open(self, tag: Tag) -> int:
        is_first = self._is_first(tag)
        if tag.name in RAW and (tag.is_whole or code_of(tag)):
            self._block(_fence(code_of(tag), tag, 0), tag)
            return tag.end
        if tag.name in RAW:
            within, end = self._raw(tag)
            self._block(_fence(within, tag, self._top.indent or len(self._pad(tag))), tag)
            self._code.restart(end)
            return end
        if tag.name == "svg" and not tag.is_whole:
            closing = self._said.find("</svg>", tag.end) if self._said_last("</svg>") > tag.end else -1
            self.unknown += "<text" in self._said[tag.end : closing] if closing >= 0 else 1
            return closing + len("</svg>") if closing >= 0 else tag.end
        if tag.name != "WritingBlock" and (tag.is_whole or (tag.name in EMPTY and not self._holds(tag))):
            self._whole(tag, is_first=is_first)
        elif tag.name == "WritingBlock" and tag.is_whole:
            self._frames.append(Frame(tag, is_first=is_first))
            self._top.add(self._saved.pop(tag.attributes.get("id", ""), "") or tag.attributes.get("content", ""))
            self._end()
        elif tag.name == "WritingBlock" and (newer := self._saved.pop(tag.attributes.get("id", ""), "")):
            _, end = self._raw(tag)
            self._block(newer.strip("\n"), tag)
            return end
        elif len(self._frames) < _DEEPEST:
            self._frames.append(Frame(tag, self._indent(tag), is_first=is_first))
        else:
            self._beyond[tag.name] += 1
        return tag.end

    def _raw(self, tag: Tag) -> tuple[str, int]:
        """What stands within a component as it is, and where that ends."""
        closes = f"</{tag.name}>"
        closing = self._said.find(closes, tag.end)
        if closing < 0:
            return self._said[tag.end :], len(self._said)
        return self._said[tag.end : closing], closing + len(closes)

    def _holds(self, tag: Tag) -> bool:
        """Whether a box to tick has its words within, up to its own end."""
        if tag.name != "checkbox" or self._said_last("</checkbox>") < tag.end:
            return False
        ahead = self._said[tag.end : tag.end + _NEAR]
        return 0 <= ahead.find("</checkbox>") < (ahead.find("<checkbox") % (_NEAR + 1))

    def _indent(self, tag: Tag) -> int:
        """How far in the lines of a component stand."""
        gap = self._said[tag.end : self._next(tag.end)]
        return len(gap.rpartition("\n")[2]) if "\n" in gap else self._top.indent

    def _whole(self, tag: Tag, *, is_first: bool) -> None:
        """A component without anything within."""
        held = tag.attributes
        match tag.name:
            case "Cite" | "FileCite" | "CodeCite":
                self._cite(tag, is_first=is_first)
            case "MemoryCite" | "MessageReaction":
                self._top.trim()
            case "Entity":
                self._top.add(entity(held))
            case "Link":
                address = held.get("url") or held.get("href", "")
                self._top.add(titled(held.get("title") or address, address))
            case "Code":
                self._top.add(inline_code(code_of(tag)))
            case "AsyncImage" | "AsyncImageGroup":
                self.unknown += 1
            case "AsyncVideo":
                self._top.add(f" {self._cited.linked([held.get('ref', '')])}".rstrip())
            case name if name in _BLOCKS or (name == "math" and is_set(held, "block")):
                self._block(self._shown(tag), tag)
            case "table-row" | "list-item":
                self._frames.append(Frame(tag, is_first=is_first))
                self._top.cells += filter(None, [words_of(tag)])
                self._end()
            case _ if said := words_of(tag):
                self._frames.append(Frame(tag, is_first=is_first))
                self._top.add(said)
                self._end()
            case _:
                pass

    def _shown(self, tag: Tag) -> str:
        """A component that is a block of its own."""
        match tag.name:
            case "divider":
                return "" if self._top.is_inline else "---"
            case "FileNavList":
                named = ((about, self._cited.linked([ref])) for ref, about in files_of(tag))
                return "\n".join(f"- {' '.join(filter(None, each))}" for each in named)
            case "Chart" | "chart":
                shown = words_of(tag)
                self.unknown += not shown
                return shown or said_in(literal(tag.attributes.get("content", "")))
            case _:
                return words_of(tag)

    def _cite(self, tag: Tag, *, is_first: bool) -> None:
        """Links to what is cited, behind what they stand behind; the name of a file in its place."""
        held = tag.attributes
        quoted = _NAME.finditer(held.get("refs") or f'"{held.get("ref", "")}"')
        links = self._cited.linked([each[1] or each[0] for each in quoted], self._said[tag.start : tag.end])
        rest = self._said[tag.end : tag.end + 200].partition("\n")[0].strip()
        if is_first and not rest:
            self._block(links, tag)
        else:
            self._top.trim()
            self._top.add(f" {links}" if links else "")

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
        name, rows = frame.tag.name, self._rows()
        if name == "table-row" and rows is not None:
            is_head = "header" in frame.tag.attributes or "header" in self._top.tag.attributes
            if is_head and not (rows.rows or rows.head):
                rows.head = frame.cells
            else:
                rows.rows.append(frame.cells)
        elif name == "table-section" and rows is not None and not frame.body.strip():
            pass
        elif name == "table-cell" and self._top.tag.name == "table-row":
            self._top.cells.append(frame.body.strip())
        elif frame.is_inline and (
            self._top.is_inline or name in MARKED or not (frame.is_first or self._top.stands_at_begin)
        ):
            self._top.add(self._whole_of(frame))
        else:
            frame.number = self._top.next_number() if name == "list-item" else ""
            self._block(self._whole_of(frame), frame.tag)
        return name

    def _rows(self) -> Frame | None:
        """The table that a row or a part of one that ends now belongs to."""
        if self._top.tag.name == "table-section" and self._frames[-2].tag.name == "table":
            return self._frames[-2]
        return self._top if self._top.tag.name == "table" else None

    def _whole_of(self, frame: Frame) -> str:
        """What an ended component says; a link within a link is its text: each would escape the one within anew."""
        within = frame.tag.name == "Link" and any(each.tag.name == "Link" for each in self._frames)
        return frame.body.strip() if within else frame.markdown()


def _fence(body: str, tag: Tag, indent: int) -> str:
    lines = body.removeprefix("\r").removeprefix("\n").rstrip(" \t").split("\n")
    if indent and all(each.startswith(" " * indent) or not each.strip() for each in lines):
        lines = [each[indent:] for each in lines]
    block = fenced("\n".join(lines), _LANGUAGE.sub("", tag.attributes.get("language", "")))
    title = " ".join(tag.attributes.get("title", "").replace("*", "").split()) if tag.name == "AppBlock" else ""
    return f"**{title}**\n\n{block}" if title else block
