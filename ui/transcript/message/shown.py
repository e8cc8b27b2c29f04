"""A message as its slabs know it: what it says, how it looks, and what builds the segments of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.domain.message_parts import FilePart, ImagePart
    from desktop.markdown.blocks import Block
    from ui.transcript.message.segment_builder import SegmentBuilder
    from ui.transcript.text.look import Look


class Version(NamedTuple):
    """Which version of a message is shown, from 1, and of how many; the longest of the others and what follows it."""

    number: int = 1
    total: int = 1
    longest: int = 0
    following: int = 0
    """Messages that follow the longest other version."""


ONLY_VERSION = Version()


class Shown(Protocol):
    """Whatever is shown as slabs, one below the other: what each of them asks of the whole."""

    text: str
    reasoning: str
    live: bool
    """Whether more of it is coming."""
    unfolded: bool
    """Whether its reasoning is shown."""
    brief: bool
    """Whether one line stands for its text."""
    as_written: bool
    """Whether its text is shown with Markdown's signs."""
    branch: Version
    """Which of its versions it is."""
    footer_height: int
    """Pixels kept free at its foot for a widget."""

    @property
    def id(self) -> str:
        """The message's id."""
        ...

    @property
    def author(self) -> str:
        """Who said it, as the head names them."""
        ...

    @property
    def is_prompt(self) -> bool:
        """Whether the user said it."""
        ...

    @property
    def fold_text(self) -> str:
        """The line that folds the reasoning."""
        ...

    @property
    def files(self) -> Sequence[ImagePart | FilePart]:
        """What is attached to it."""
        ...

    @property
    def version_text(self) -> tuple[str, str]:
        """Which version it is, and what leads to the longest other one; both empty where nothing follows that."""
        ...

    @property
    def note(self) -> str:
        """Muted lines below the text."""
        ...

    @property
    def look(self) -> Look:
        """Its theme and fonts."""
        ...

    @property
    def builder(self) -> SegmentBuilder:
        """What builds the segments of its text."""
        ...

    def plain(self, text: str) -> str:
        """A text of it as it is shown, without Markdown's signs."""
        ...

    def parse(self, source: str) -> Sequence[Block]:
        """The blocks of a piece of its text, which may name what other pieces define."""
        ...
