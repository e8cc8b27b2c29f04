"""Interface through which slabs see their message."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.domain.message_parts import FilePart, ImagePart
    from desktop.markdown.blocks import Block
    from ui.transcript.message.segment_builder import SegmentBuilder
    from ui.transcript.text.look import Look


class Version(NamedTuple):
    """Number of the visible version from 1, their total, and the longest other one."""

    number: int = 1
    total: int = 1
    longest: int = 0
    following: int = 0
    """Number of messages after the longest other version."""


ONLY_VERSION = Version()


class Shown(Protocol):
    """Anything displayed as slabs, as they need to know it."""

    text: str
    reasoning: str
    live: bool
    """Whether more text will arrive."""
    unfolded: bool
    """Whether the reasoning is visible."""
    brief: bool
    """Whether the text is folded to one line."""
    as_written: bool
    """Whether the Markdown source is shown."""
    branch: Version
    """Version of the message."""
    footer_height: int
    """Height reserved at the bottom for a widget, in pixels."""

    @property
    def id(self) -> str:
        """The message's id."""
        ...

    @property
    def author(self) -> str:
        """Author as displayed in the head."""
        ...

    @property
    def is_prompt(self) -> bool:
        """Whether this is a user message."""
        ...

    @property
    def fold_text(self) -> str:
        """Text of the line that folds the reasoning."""
        ...

    @property
    def files(self) -> Sequence[ImagePart | FilePart]:
        """The message's attachments."""
        ...

    @property
    def version_text(self) -> tuple[str, str]:
        """Version of the message, and a link to the longest other version; empty if nothing follows it."""
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
    def builder(self) -> SegmentBuilder:
        """Builder of the text's segments."""
        ...

    def plain(self, text: str) -> str:
        """Return a text without Markdown syntax."""
        ...

    def parse(self, source: str) -> Sequence[Block]:
        """Return the blocks of a piece of its text, using the link definitions of all pieces."""
        ...
