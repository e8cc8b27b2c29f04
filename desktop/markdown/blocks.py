"""Blocks of Markdown, as values that contain everything needed to render them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from markdown_it.token import Token
from msgspec import Struct, field

from desktop.markdown.link_rules import is_openable


class BlockKind(Enum):
    """Kind of a top-level block."""

    PARAGRAPH = auto()
    HEADING = auto()
    LIST = auto()
    QUOTE = auto()
    CODE = auto()  # fenced or indented
    TABLE = auto()
    RULE = auto()
    MATH = auto()  # a formula on lines of its own
    FOOTNOTE = auto()  # one footnote's text
    SECTION = auto()  # summary with which a foldable section begins
    SECTION_END = auto()  # end of a section, shown as nothing
    DEFINITION = auto()  # definition of a link, hidden if a link uses it
    PLAIN = auto()  # too long or too deep to be parsed; shown as source text


class Wording(NamedTuple):
    """Text in a cell that should not be broken across lines, and its style."""

    text: str = ""
    bold: bool = False
    code: bool = False


class Block(Struct, frozen=True, eq=False):
    """One top-level block. The joined sources of a message's blocks are its text, except for trailing blank lines.

    Blocks are equal if they render equally, regardless of hints about later parts.
    """

    kind: BlockKind
    source: str
    tokens: tuple[Token, ...] = ()
    """Tokens of markdown-it without line numbers; inline tokens have children. Empty for PLAIN."""
    language: str = ""
    """Language of the fence in lower case."""
    open: bool = False
    """Whether more of the block may follow."""
    continued: bool = False
    """Whether the block continues the list, table, paragraph or plain text of the previous block."""
    number: int | None = None
    """First number of an ordered list, or None for bullets."""
    last: int = 0
    """Number of the list's last item, even if that is in a later block; 0 if unknown."""
    widest: tuple[Wording, ...] = ()
    """Widest content of each table column in the blocks that continue the table, if known."""

    def __eq__(self, other: object) -> bool:
        """Compare everything except `last` and `widest`."""
        return isinstance(other, Block) and _drawn(self) == _drawn(other)

    def __hash__(self) -> int:
        return hash((self.kind, self.source, self.number))

    @property
    def is_hidden(self) -> bool:
        """Whether the block renders as nothing, because it only ends a section or defines a link that can be opened."""
        return self.kind is BlockKind.SECTION_END or (self.kind is BlockKind.DEFINITION and len(self.tokens) == 1)

    @property
    def content(self) -> str:
        """Text of code, a formula or plain text, without its fences."""
        return self.tokens[0].content if self.tokens else self.source


def _drawn(block: Block) -> tuple[object, ...]:
    return (
        block.kind,
        block.source,
        block.tokens,
        block.language,
        block.open,
        block.continued,
        block.number,
    )


MOST_DEFINITIONS = 500
"""Maximum number of links and of footnotes a message may define, because every block is parsed with all of them."""


class Definitions(Struct, frozen=True, dict=True):
    """Definitions in a message that apply to all of its blocks: links by label, and footnote labels in order."""

    links: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    footnotes: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    """Labels that links use. Other definitions, such as a list of sources, are shown as text."""

    def __bool__(self) -> bool:
        return bool(self.links or self.footnotes)

    def joined(self, later: Definitions) -> Definitions:
        """Return these definitions plus later ones. The first definition of a label takes precedence."""
        if not later:
            return self
        new = [label for label in later.footnotes if label not in self.numbers]
        added = {label: each for label, each in later.links.items() if label not in self.links}
        if not new and not added:
            return self
        links = dict(islice({**self.links, **added}.items(), MOST_DEFINITIONS))
        return Definitions(links, (*self.footnotes, *new)[:MOST_DEFINITIONS], self.used)

    def leads(self, token: Token) -> bool:
        """Whether links with this label use this definition and can be opened."""
        meta = token.meta
        return self.links.get(meta["id"]) == (meta["url"], meta["title"]) and is_openable(meta["url"])

    def hides(self, token: Token) -> bool:
        """Whether a definition is hidden because a link uses it."""
        return token.meta["id"] in self.used and self.leads(token)

    @property
    def is_full(self) -> bool:
        """Whether no more links and footnotes are accepted."""
        return len(self.links) >= MOST_DEFINITIONS and len(self.footnotes) >= MOST_DEFINITIONS

    def footnote(self, label: str) -> int:
        """Return the number of a footnote, starting at 1, or 0 if there are too many."""
        return self.numbers.get(label, 0)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Footnote numbers by label, starting at 1."""
        return {label: number for number, label in reversed([*enumerate(self.footnotes, 1)])}

    @cached_property
    def unnumbered(self) -> Mapping[str, int]:
        """Return the label table as markdown-it's footnote rule expects it before any footnote is numbered."""
        return {f":{label}": -1 for label in self.footnotes}


class Update(Struct, frozen=True):
    """Result of feeding text to a splitter: newly closed blocks, each returned once, and the current open blocks."""

    closed: tuple[Block, ...]
    open: tuple[Block, ...]
    redo: bool = False
    """Whether a label was defined after it may have been used, so that `blocks(text)` must replace earlier blocks."""
