"""What Markdown is cut into: blocks, each a value that a document of its own can be written from."""

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
    """What a block is; each of them stands at the message's top level."""

    PARAGRAPH = auto()
    HEADING = auto()
    LIST = auto()
    QUOTE = auto()
    CODE = auto()  # fenced or indented
    TABLE = auto()
    RULE = auto()
    MATH = auto()  # a formula on lines of its own
    FOOTNOTE = auto()  # one footnote's text
    DEFINITION = auto()  # of a link: nothing is shown of one that a link was made from
    PLAIN = auto()  # too long or too deep to be parsed: shown as it was written


class Wording(NamedTuple):
    """What of a cell should not be broken, and how it is written."""

    text: str = ""
    bold: bool = False
    code: bool = False


class Block(Struct, frozen=True, eq=False):
    """One block. The sources of a message's blocks, joined, are its text but for blank lines at its end.

    Two are the same where they are drawn the same, whatever is known of the parts that follow.
    """

    kind: BlockKind
    source: str
    tokens: tuple[Token, ...] = ()
    """markdown-it's, without line numbers; inline tokens have their children. None where the kind is PLAIN."""
    language: str = ""
    """What the fence says of its code, in lower case."""
    open: bool = False
    """More of it may follow."""
    continued: bool = False
    """It goes on with the list, table, paragraph or plain text of the block before it."""
    number: int | None = None
    """What a list's items are counted from; None where they have bullets."""
    last: int = 0
    """The number of the list's last item, in whichever part that is, where it is known."""
    widest: tuple[Wording, ...] = ()
    """By columns what takes most room of the parts that go on with the table, where they are known."""

    def __eq__(self, other: object) -> bool:
        """By all but `last` and `widest`."""
        return isinstance(other, Block) and _drawn(self) == _drawn(other)

    def __hash__(self) -> int:
        return hash((self.kind, self.source, self.number))

    @property
    def is_hidden(self) -> bool:
        """Whether nothing of it is shown: it is the definition of a link that can be opened."""
        return self.kind is BlockKind.DEFINITION and len(self.tokens) == 1

    @property
    def content(self) -> str:
        """The text of code, a formula or plain text, without its fences."""
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
"""Links and footnotes that a message may define, each: every block is parsed with all of them."""


class Definitions(Struct, frozen=True, dict=True):
    """What a message defines for all of its blocks: addresses and titles by link label, footnotes' labels in order."""

    links: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    footnotes: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    """Labels that links were made from. Other definitions are text, such as a list of sources."""

    def __bool__(self) -> bool:
        return bool(self.links or self.footnotes)

    def joined(self, later: Definitions) -> Definitions:
        """These and those that come later; what is defined twice stays what it was first."""
        if not later:
            return self
        new = [label for label in later.footnotes if label not in self.numbers]
        added = {label: each for label, each in later.links.items() if label not in self.links}
        if not new and not added:
            return self
        links = dict(islice({**self.links, **added}.items(), MOST_DEFINITIONS))
        return Definitions(links, (*self.footnotes, *new)[:MOST_DEFINITIONS], self.used)

    def leads(self, token: Token) -> bool:
        """Whether links of its label lead where this definition says, and can be opened."""
        meta = token.meta
        return self.links.get(meta["id"]) == (meta["url"], meta["title"]) and is_openable(meta["url"])

    def hides(self, token: Token) -> bool:
        """Whether a definition has nothing to show: a link was made from it."""
        return token.meta["id"] in self.used and self.leads(token)

    @property
    def is_full(self) -> bool:
        """Whether no more links and footnotes are taken in."""
        return len(self.links) >= MOST_DEFINITIONS and len(self.footnotes) >= MOST_DEFINITIONS

    def footnote(self, label: str) -> int:
        """A footnote's number, from 1; 0 for one that is too many."""
        return self.numbers.get(label, 0)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Footnotes' numbers, from 1, by their labels."""
        return {label: number for number, label in reversed([*enumerate(self.footnotes, 1)])}

    @cached_property
    def unnumbered(self) -> Mapping[str, int]:
        """What markdown-it's rule of footnotes looks labels up in, before it has met any."""
        return {f":{label}": -1 for label in self.footnotes}


class Update(Struct, frozen=True):
    """What came of more text: blocks that closed, each given once, and what the rest looks like so far."""

    closed: tuple[Block, ...]
    open: tuple[Block, ...]
    redo: bool = False
    """At the end: something was defined after it may have been used. Draw `blocks(text)` in place of what was given."""
