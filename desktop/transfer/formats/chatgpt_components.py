"""ChatGPT's responses with components, such as `<card>` and `<Cite/>` in Markdown, reduced to their text."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from desktop.transfer.archives.loose_json import table, text
from desktop.transfer.formats.chatgpt_marks import ChatGptCitations
from desktop.transfer.formats.markdown_parts import CodeFinder, table_row, titled_link
from desktop.transfer.import_drafts import Lost, fenced

_KINDS: Mapping[str, str | Lost] = {
    name: kind
    for names, kind in (
        ("accordion accordionitem blockquote box card carousel carouselitem column col divider flow flowitem", "block"),
        ("form grid griditem linkcard list math popover popovercontent popovertrigger pressable progress", "block"),
        (
            "datepicker input radiogroup row segmentedcontrol select slider tab table tablesection tabs textarea",
            "block",
        ),
        ("listitem radio checkbox followup", "item"),
        ("badge button caption label text title bold italic underline strikethrough code entity link", "inline"),
        ("spacer icon favicon memorycite messagereaction", "inline"),
        ("tablerow", "row"),
        ("tablecell", "cell"),
        ("cite filecite codecite asyncvideo", "cite"),
        ("codeblock appblock", "code"),
        ("writingblock", "draft"),
        ("chart mapwidgetv2", Lost.CHART),
        ("asyncimage asyncimagegroup svg", Lost.IMAGE),
    )
    for name in names.split()
}
"""Kinds of components by name in lower case without punctuation; `table-row` and `Table.Row` are the same."""

_SIGNS = re.compile(
    r"""
    <(?:Cite|FileCite|CodeCite|FollowUp|AppBlock|WritingBlock|CodeBlock|Entity|AsyncImage\w*|AsyncVideo)\s+[a-z_]+=
    | <(?:Chart\s+content|Box\s+(?:border|padding))=\{ | <MapWidgetV2\s | <MemoryCite\s?/> | <Link(?:Card)?\s+url="
    | ^[ \t]{0,20}<(?:box|row|grid|card|column|col|flow|carousel)(?:\s+[a-z]\w*(?:=|[\s>])|>\s*\n)
    | ^[ \t]{0,20}<(?:text|title)\s+(?:color|size|weight)=" | ^[ \t]{0,20}\{@body\s+const\s
    | <table-(?:section|row)[\s>] | <list(?:\s[^<>\n]{0,200})?>\s{0,20}<list-item[\s/>]
    | <Table\.Row[\s>] | <List\.Item[\s>]
    | <(?:Badge|Checkbox)\s+label=" | <Code\s+value=" | <Text\s+(?:inline\s+)?(?:weight|value)="
    """,
    re.MULTILINE | re.VERBOSE,
)
"""Tags that only components use; many other component names also exist in HTML and React."""

_TAG = re.compile(r"<(/?)([A-Za-z][\w.-]{0,30})(?=[\s/>])|\{[#:/@](if|else|each|body)\b")
_TAG_END = re.compile(r"\s{0,200}(/?)>")
_ATTRIBUTE = re.compile(
    r"""\s{1,200}([A-Za-z_][\w:.-]{0,60})(?:="([^"]{0,20000}+)"|='([^']{0,20000}+)'|=(\{)|=([^\s"'{}<>=]{1,200}+))?"""
)
_BRACKET = re.compile(
    r"\"(?:[^\"\\]|\\.)*+(?:\"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z)|`(?:[^`\\]|\\.)*+(?:`|\Z)|[{}()\[\]]", re.DOTALL
)
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_WORDS = ("value", "label", "content", "text", "title", "name")
_LONGEST_EXPRESSION = 50_000


def is_of_components(said: str, metadata: Mapping[str, object]) -> bool:
    """Whether a response contains components, judging by its metadata or its tags."""
    if "<" not in said and "{" not in said:
        return False
    return "model_dil_v2" in metadata or "genui_components" in metadata or bool(_SIGNS.search(said))


class _Tag(NamedTuple):
    kind: str | Lost
    name: str
    closes: bool
    is_whole: bool
    attributes: Mapping[str, str]
    start: int
    end: int

    @property
    def words(self) -> str:
        values = (self.attributes.get(name, "") for name in _WORDS)
        return next((value for value in values if value and not value.startswith("{")), "")


class ComponentAnswer:
    """Converter of one response. After `markdown`, `lost` counts components without text."""

    def __init__(self, said: str, metadata: Mapping[str, object], cited: ChatGptCitations) -> None:
        self.lost: Counter[Lost] = Counter()
        self._plain = text(table(metadata.get("model_dil_v2")).get("fallbackMarkdown"))
        self._said = said
        self._cited = cited
        self._code = CodeFinder(said)
        self._longest = _LONGEST_EXPRESSION
        self._pieces: list[str] = []
        self._indents = [0]
        self._begins_block = False
        self._prefix = ""
        self._cells: list[str] | None = None
        self._is_table_open = False

    def markdown(self) -> str:
        """Return ChatGPT's own Markdown of the response if it has as many words, otherwise the text between tags."""
        at = 0
        for found in _TAG.finditer(self._said):
            if found.start() < at or self._code.holds(found.start()):
                continue
            if (tag := self._tag(found)) is not None:
                self._add(self._said[at : tag.start])
                at = self._take(tag)
        self._add(self._said[at:])
        self._end_row()
        stripped = "".join(self._pieces)
        # If the response ends with a program, the Markdown may contain only that.
        if not self._plain.strip() or len(self._plain.split()) < len(stripped.split()):
            return stripped
        self.lost.clear()
        return self._plain

    def _tag(self, match: re.Match[str]) -> _Tag | None:
        """Return the tag of a component or a statement; None for another tag, or if it is not closed."""
        if match[3]:
            end = self._bracket_end(match.start())
            return _Tag("statement", match[3], "/" in match[0], True, {}, match.start(), end) if end else None  # noqa: FBT003
        kind = _KINDS.get(match[2].replace("-", "").replace(".", "").lower())
        attributes: dict[str, str] = {}
        at = match.end()
        while not (ended := _TAG_END.match(self._said, at)):
            named = _ATTRIBUTE.match(self._said, at)
            end = self._bracket_end(named.end() - 1) if named and named[4] else named.end() if named else 0
            if kind is None or named is None or not end:
                return None
            value = self._said[named.end() - 1 : end] if named[4] else named[2] or named[3] or named[5] or ""
            attributes[named[1]] = html.unescape(value)
            at = end
        if kind is None:
            return None
        return _Tag(kind, match[2], bool(match[1]), bool(ended[1]), attributes, match.start(), ended.end())

    def _bracket_end(self, at: int) -> int:
        """Return the end of an expression in brackets, or 0 if it is not closed."""
        depth = 0
        for sign in _BRACKET.finditer(self._said, at, at + self._longest):
            depth += (sign[0] in "{[(") - (sign[0] in ")]}")
            if not depth:
                return sign.end()
        self._longest = 500  # after an unclosed expression only short ones are read, so that the time stays linear
        return 0

    def _drawing_end(self, at: int) -> int:
        closing = self._said.find("</svg>", at, at + self._longest)
        if closing < 0:
            self._longest = 500
        return max(closing, at)

    def _take(self, tag: _Tag) -> int:
        """Write the text for a tag, and return the position after the tag."""
        match tag.kind:
            case Lost():
                self.lost[tag.kind] += not tag.closes
                return self._drawing_end(tag.end) if tag.name == "svg" and not tag.closes else tag.end
            case "statement":
                self.lost[Lost.PROGRAM] += tag.name in ("each", "body") and not tag.closes
            case "code" if not tag.closes:
                return self._code_block(tag)
            case "draft":
                self._write_draft(tag)
            case "row":
                self._end_row()
                self._cells = None if tag.closes or tag.is_whole else []
            case "cell" if self._cells is not None and not tag.closes:
                self._cells.append(tag.words)
            case "cite" if not tag.closes:
                self._cite(tag)
            case "inline" if tag.name == "Link" and not (tag.closes or tag.is_whole):
                return self._link(tag)
            case _ if not tag.closes or tag.kind in ("block", "item"):
                self._show(tag)
            case _:
                pass
        return tag.end

    def _write_draft(self, tag: _Tag) -> None:
        """Write a draft as a `:::writing` block, as other responses do."""
        attributes = [f'{name}="{value}"' for name, value in tag.attributes.items() if name != "content"]
        line = " ".join(attributes).replace("\n", " ").translate({ord("{"): None, ord("}"): None})[:2_000]
        if not tag.closes:
            self._write_block(f":::writing{{{line}}}\n{tag.attributes.get('content', '')}")
        if tag.closes or tag.is_whole:
            self._pieces.append("\n:::\n")
            self._begins_block = True

    def _show(self, tag: _Tag) -> None:
        """Write the text in a tag's attributes. Block tags, and tags at the start of a line, start a paragraph."""
        before = self._said[max(tag.start - 200, 0) : tag.start]
        if tag.kind != "inline" or not before.rpartition("\n")[2].strip():
            self._begins_block = True
        elif before.endswith(">") and self._pieces and not self._pieces[-1][-1].isspace():
            self._add(" ")
        self._prefix = "- " if tag.kind == "item" and not tag.closes else self._prefix if tag.kind == "inline" else ""
        address = tag.attributes.get("url") or tag.attributes.get("href", "")
        self._add(titled_link(tag.words or address, address) if address and tag.is_whole else tag.words)
        if tag.kind == "inline":
            return
        self._begins_block = True
        if tag.closes:
            self._indents = self._indents[:-1] or [0]
        elif not tag.is_whole:
            ahead = self._said[tag.end : tag.end + 500]
            gap = ahead[: len(ahead) - len(ahead.lstrip())]
            self._indents.append(len(gap.rpartition("\n")[2]) if "\n" in gap else self._indents[-1])

    def _cite(self, tag: _Tag) -> None:
        """Write links to the sources after the words that cite them."""
        given = next((tag.attributes[name] for name in ("refs", "ref", "citation_id") if name in tag.attributes), "")
        links = self._cited.linked(re.findall(r"[\w:.-]{1,100}", given), self._said[tag.start : tag.end])
        if self._pieces and self._cells is None:
            self._pieces[-1] = self._pieces[-1].rstrip(" \t")
        self._add(f" {links}" if links else "")

    def _link(self, tag: _Tag) -> int:
        """Write a link around plain text, or before the text if the text contains tags.

        Return the position after it.
        """
        closing = self._said.find("</Link>", tag.end, tag.end + 1_000)
        inner = self._said[tag.end : closing] if closing >= 0 else ""
        is_plain = bool(inner.strip()) and "<" not in inner
        address = tag.attributes.get("url") or tag.attributes.get("href", "")
        self._add(titled_link(inner if is_plain else tag.words or address, address))
        if not is_plain:
            self._add(" ")
        return closing if is_plain else tag.end

    def _code_block(self, tag: _Tag) -> int:
        closing = -1 if tag.is_whole else self._said.find(f"</{tag.name}>", tag.end)
        end = tag.end if tag.is_whole else closing if closing >= 0 else len(self._said)
        code = self._said[tag.end : end].strip("\n").rstrip() or tag.words
        language = tag.attributes.get("language", "")
        lines = (_cut(line, self._indents[-1]) for line in code.split("\n"))
        self._write_block(fenced("\n".join(lines), language if language.isalnum() else ""))
        self._begins_block = True
        self._code.restart(end)
        return end

    def _end_row(self) -> None:
        cells, self._cells = self._cells, None
        if not cells:
            return
        if self._is_table_open:
            self._pieces.append(f"{table_row(cells)}\n")
        else:
            self._write_block(f"{table_row(cells)}\n{table_row(['---'] * len(cells))}\n")
        self._is_table_open = self._begins_block = True

    def _write_block(self, markdown: str) -> None:
        self._end_row()
        self._pieces[-1:] = [each.rstrip() + "\n\n" for each in self._pieces[-1:]]
        self._pieces.append(self._prefix + markdown)
        self._prefix = ""
        self._begins_block = self._is_table_open = False

    def _add(self, words: str) -> None:
        if self._cells is not None:
            if self._cells:
                self._cells[-1] += words
            elif words.strip():
                self._cells.append(words)
            return
        first, *lines = words.split("\n")
        words = "\n".join([first, *(_cut(line, self._indents[-1]) for line in lines)])
        if self._begins_block:
            if words.strip():
                self._write_block(_BLANK_LINES.sub("", words).lstrip(" "))
        elif words:
            self._pieces.append(words)


def _cut(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" \t"))) :]
