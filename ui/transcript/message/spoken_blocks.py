"""Structure of a message for screen readers: a tree of headings, paragraphs, lists, tables, code and formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from ui.base.strings import tr, trn

if TYPE_CHECKING:
    from markdown_it.token import Token

    from desktop.markdown.blocks import Block
    from ui.transcript.message.tool_card import ToolCard


class SpokenKind(Enum):
    """What a part of a message is."""

    PARAGRAPH = auto()
    HEADING = auto()
    LIST = auto()
    ITEM = auto()
    QUOTE = auto()
    CODE = auto()
    TABLE = auto()
    ROW = auto()
    COLUMN_HEADER = auto()
    CELL = auto()
    FORMULA = auto()
    LINK = auto()
    RULE = auto()
    NOTE = auto()
    SECTION = auto()
    TOOL = auto()


class SpokenPart(Struct, frozen=True):
    """A part of a message: its kind, its name, its text, and the parts in it."""

    kind: SpokenKind
    name: str = ""
    text: str = ""
    """The text that is read by characters and words."""
    level: int = 0
    """Level of a heading."""
    about: str = ""
    """The address of a link."""
    parts: tuple[SpokenPart, ...] = ()


_OPENINGS = {
    "bullet_list_open": SpokenKind.LIST,
    "ordered_list_open": SpokenKind.LIST,
    "list_item_open": SpokenKind.ITEM,
    "blockquote_open": SpokenKind.QUOTE,
    "table_open": SpokenKind.TABLE,
    "tr_open": SpokenKind.ROW,
    "th_open": SpokenKind.COLUMN_HEADER,
    "td_open": SpokenKind.CELL,
    "heading_open": SpokenKind.HEADING,
    "paragraph_open": SpokenKind.PARAGRAPH,
    "footnote_reference_open": SpokenKind.NOTE,
    "summary_open": SpokenKind.SECTION,
}


def spoken_part(block: Block) -> SpokenPart | None:
    """Return a block for screen readers, or None if nothing of it is displayed."""
    from desktop.markdown.blocks import BlockKind

    if block.is_hidden:
        return None
    if block.kind is BlockKind.PLAIN:
        return _worded(SpokenKind.PARAGRAPH, block.source.strip("\n"))
    if block.kind is BlockKind.CODE:
        return _code(block.content, block.language)
    parts = [*_Reader(block.tokens, block.number).parts()]
    return parts[0] if parts else None


class SpokenBlocks:
    """The parts of a message, of which those of unchanged blocks are kept while it grows."""

    def __init__(self) -> None:
        self._made: list[tuple[Block, SpokenPart | None]] = []
        self._texts: list[tuple[Block, str]] = []
        self._whole: tuple[tuple[str, ...], Sequence[Sequence[SpokenPart]]] = ((), ())

    def growing(self, blocks: Sequence[Block]) -> Sequence[SpokenPart]:
        """Return the parts of blocks, the last of which may still change."""
        return self.growing_groups([blocks])[0]

    def growing_groups(self, groups: Sequence[Sequence[Block]]) -> Sequence[Sequence[SpokenPart]]:
        """Return the parts of each group of blocks, in order. The last block of all may still change."""
        blocks = [block for group in groups for block in group]
        same = _same(self._made, blocks)
        self._made[same:] = [(block, _growing_part(block)) for block in blocks[same:]]
        made = iter(self._made)
        return [tuple(part for _, part in islice(made, len(group)) if part is not None) for group in groups]

    def text(self, blocks: Sequence[Block]) -> str:
        """Return the text of blocks, the last of which may still change, with formulas in words."""
        return self.group_texts([blocks])[0]

    def group_texts(self, groups: Sequence[Sequence[Block]]) -> Sequence[str]:
        """Return the text of each group of blocks, in order. The last block of all may still change."""
        blocks = [block for group in groups for block in group]
        same = _same(self._texts, blocks)
        self._texts[same:] = [(block, _growing_text(block)) for block in blocks[same:]]
        made = iter(self._texts)
        return ["\n".join(text for _, text in islice(made, len(group)) if text) for group in groups]

    def whole(self, text: str, parse: Callable[[str], Sequence[Block]]) -> Sequence[SpokenPart]:
        """Return the parts of a complete message."""
        return self.whole_groups([text], parse)[0]

    def whole_groups(
        self, texts: Sequence[str], parse: Callable[[str], Sequence[Block]]
    ) -> Sequence[Sequence[SpokenPart]]:
        """Return the parts of each text of a complete message."""
        if self._whole[0] != tuple(texts):
            self._made = []
            parsed = [parse(text.replace("\r\n", "\n").replace("\r", "\n")) for text in texts]
            groups = [tuple(part for part in map(spoken_part, blocks) if part is not None) for blocks in parsed]
            self._whole = (tuple(texts), groups)
        return self._whole[1]


def card_part(card: ToolCard, *, live: bool) -> SpokenPart:
    """Return a tool card for screen readers, with its texts whether or not it is unfolded."""
    from ui.transcript.message.tool_card import bounded
    from ui.transcript.text.tool_document import shown_text

    parts = [
        SpokenPart(SpokenKind.CODE, f"{text.label}\n{shown}", shown)
        for text in card.texts
        if (shown := shown_text(bounded(text.shown)))
    ]
    if card.images:
        names = ", ".join(each.name for each in card.images)
        parts.append(_worded(SpokenKind.PARAGRAPH, tr("Attached: {names}", names=names)))
    name = shown_text(card.spoken(live=live))
    return SpokenPart(SpokenKind.TOOL, name, name, parts=tuple(parts))


def _growing_part(block: Block) -> SpokenPart | None:
    from desktop.markdown.text import without_open_markup

    calm = without_open_markup(block)
    return spoken_part(calm) if calm is not None else None


def _growing_text(block: Block) -> str:
    from desktop.markdown.text import plain_text, without_open_markup
    from ui.transcript.text.formula_speech import spoken_formula

    calm = without_open_markup(block)
    return plain_text(calm, spoken_formula) if calm is not None and not calm.is_hidden else ""


def _same(made: Sequence[tuple[Block, object]], blocks: Sequence[Block]) -> int:
    """Return how many blocks at the beginning are the same as before."""
    same = 0
    while same < min(len(blocks), len(made)) and made[same][0] is blocks[same]:
        same += 1
    return same


def _worded(kind: SpokenKind, text: str, parts: tuple[SpokenPart, ...] = ()) -> SpokenPart:
    return SpokenPart(kind, text, text, parts=parts)


def _code(content: str, language: str) -> SpokenPart:
    content = content.removesuffix("\n")
    lines = trn("{n} line", "{n} lines", content.count("\n") + 1)
    name = tr("Code, {language}, {lines}", language=language or tr("text"), lines=lines)
    return SpokenPart(SpokenKind.CODE, f"{name}\n{content}", content)


class _Reader:
    """Builds the tree from the tokens of one block."""

    def __init__(self, tokens: Sequence[Token], first: int | None) -> None:
        self._tokens = tokens
        self._at = 0
        self._numbers: list[int | None] = []
        self._first = first

    def parts(self) -> Iterator[SpokenPart]:
        """Yield the parts up to the end of what was opened last."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.nesting < 0 and token.type not in ("thead_close", "tbody_close"):
                return
            if token.type in _OPENINGS:
                yield self._opened(token)
            elif token.type == "inline":
                yield self._inline(token)
            elif token.type in ("fence", "code_block"):
                from desktop.markdown.parser import language_of

                yield _code(token.content, language_of(token.info))
            elif token.type == "math_block":
                yield _formula(token.content)
            elif token.type == "hr":
                yield SpokenPart(SpokenKind.RULE, tr("Rule"))

    def _opened(self, token: Token) -> SpokenPart:
        from desktop.markdown.item_numbers import number_of
        from desktop.markdown.text import item_mark

        kind, mark = _OPENINGS[token.type], ""
        if kind is SpokenKind.LIST:
            is_first = self._first is not None and not self._numbers
            start = self._first if is_first else int(token.attrs.get("start", 1))
            self._numbers.append(start if token.type == "ordered_list_open" else None)
        elif kind is SpokenKind.ITEM:
            counted = self._numbers[-1] if self._numbers else None
            number = counted if counted is None else number_of(token, counted)
            mark = item_mark(token, number)
            self._numbers[-1:] = [None if number is None else number + 1]
        elif kind is SpokenKind.NOTE:
            mark = f"[{token.meta['number']}]"
        parts = tuple(self.parts())
        if kind is SpokenKind.LIST:
            self._numbers.pop()
        return _joined(kind, mark, parts, token)

    def _inline(self, token: Token) -> SpokenPart:
        return _worded(SpokenKind.PARAGRAPH, spoken_inline(token.children or ()), tuple(_links(token)))


def _joined(kind: SpokenKind, mark: str, parts: tuple[SpokenPart, ...], token: Token) -> SpokenPart:
    """Return a part that holds others. What holds a single text takes it over."""
    match kind:
        case SpokenKind.LIST:
            return SpokenPart(kind, trn("List, {n} item", "List, {n} items", len(parts)), parts=parts)
        case SpokenKind.TABLE:
            rows, columns = len(parts), max((len(row.parts) for row in parts), default=0)
            size = trn("{n} row", "{n} rows", rows), trn("{n} column", "{n} columns", columns)
            return SpokenPart(kind, tr("Table, {rows}, {columns}", rows=size[0], columns=size[1]), parts=parts)
        case SpokenKind.ROW:
            return SpokenPart(kind, ", ".join(part.name for part in parts), parts=parts)
        case SpokenKind.QUOTE:
            return SpokenPart(kind, tr("Quotation"), parts=parts)
        case _:
            pass
    first = parts[0] if parts and parts[0].kind is SpokenKind.PARAGRAPH else SpokenPart(SpokenKind.PARAGRAPH)
    rest = parts[1:] if parts and parts[0] is first else parts
    text = " ".join(filter(None, (mark, first.text)))
    level = int(token.tag[1:]) if kind is SpokenKind.HEADING else 0
    name = tr("Section: {summary}", summary=text or tr("Details")) if kind is SpokenKind.SECTION else text
    if kind is SpokenKind.PARAGRAPH and len(first.parts) == 1 and first.parts[0].kind is SpokenKind.FORMULA:
        return first.parts[0] if first.parts[0].text == text else _worded(kind, text)
    return SpokenPart(kind, name, text, level, parts=(*first.parts, *rest))


def _formula(source: str) -> SpokenPart:
    from ui.transcript.text.formula_speech import spoken_formula

    return _worded(SpokenKind.FORMULA, spoken_formula(source))


def spoken_inline(children: Sequence[Token]) -> str:
    """Return the text of a paragraph with its formulas in words."""
    from desktop.markdown.text import inline_text
    from ui.transcript.text.formula_speech import spoken_formula

    return inline_text(children, spoken_formula)


def _links(token: Token) -> Iterator[SpokenPart]:
    """Yield the links and formulas in a paragraph."""
    within: list[Token] = []
    address = ""
    for child in token.children or ():
        if child.type == "link_open":
            address, within = str(child.attrs.get("href", "")), []
        elif child.type == "link_close":
            yield SpokenPart(SpokenKind.LINK, (said := spoken_inline(within)), said, about=address)
            address = ""
        elif address:
            within.append(child)
        elif child.type == "math_inline":
            yield _formula(child.content)
