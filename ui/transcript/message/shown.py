"""Interface through which slabs access the message that they display."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.domain.message_parts import FilePart, ImagePart
    from desktop.markdown.blocks import Block
    from ui.transcript.message.section_folds import SectionFolds
    from ui.transcript.message.segment_builder import SegmentBuilder
    from ui.transcript.message.tool_card import ToolCard
    from ui.transcript.text.look import Look


class Version(NamedTuple):
    """Number of the visible version (from 1), number of versions, and number of the longest other version."""

    number: int = 1
    total: int = 1
    longest: int = 0
    following: int = 0
    """Number of messages that follow the longest other version."""


ONLY_VERSION = Version()


class Shown(Protocol):
    """A message that is displayed as slabs, with everything that they need from it."""

    text: str
    reasoning: str
    live: bool
    """Whether more text may arrive."""
    unfolded: bool
    """Whether the reasoning is visible."""
    brief: bool
    """Whether the text is collapsed to one line."""
    as_written: bool
    """Whether the Markdown source is shown."""
    cards: Sequence[ToolCard]
    """The tool calls in the text, in order."""
    branch: Version
    """Which version of the message this is."""
    footer_height: int
    """Height in pixels that is reserved for a widget at the bottom."""

    @property
    def id(self) -> str:
        """The message's ID."""
        ...

    @property
    def author(self) -> str:
        """Name of the author as displayed in the head."""
        ...

    @property
    def is_prompt(self) -> bool:
        """Whether this is a user message."""
        ...

    @property
    def fold_text(self) -> str:
        """Text of the line that expands or collapses the reasoning."""
        ...

    @property
    def files(self) -> Sequence[ImagePart | FilePart]:
        """The message's attachments."""
        ...

    @property
    def own_files(self) -> Sequence[ImagePart | FilePart]:
        """Attachments that are not the result of a tool call. They precede all others."""
        ...

    @property
    def version_text(self) -> tuple[str, str]:
        """Version of the message, and the text of a link to the longest other version; both may be empty."""
        ...

    @property
    def note(self) -> str:
        """Muted lines below the text."""
        ...

    @property
    def look(self) -> Look:
        """Theme and fonts of the message."""
        ...

    @property
    def folds(self) -> SectionFolds:
        """Which sections of the text are folded."""
        ...

    @property
    def builder(self) -> SegmentBuilder:
        """Builder for the segments of the text."""
        ...

    def plain(self, text: str) -> str:
        """Return a text without Markdown syntax."""
        ...

    def parse(self, source: str) -> Sequence[Block]:
        """Return the blocks of a piece of the message's text, using the link definitions of the whole text."""
        ...
