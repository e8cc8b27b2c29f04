"""An export as an import reads it, item by item, and how much of one is taken."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.transfer.import_drafts import Format
from desktop.transfer.json_weight import MOST_LISTED

KNOWN = phrase(
    "ChatGPT, Claude, DeepSeek, Open WebUI, LibreChat, Chatbox, ChatbotUI, big-AGI, llm (logs.db) or Paragone"
)


class Limits(Struct, frozen=True):
    """Bytes of a file and of all that is unpacked from one, files in a zip, and how far a file may be packed.

    `items` are conversations of all exports in one file.
    """

    size: int = 1 << 30
    members: int = 200_000
    exports: int = 5_000
    items: int = MOST_LISTED
    ratio: int = 400
    free_size: int = 16 << 20
    """Below this many bytes unpacked, of one file or all together, no ratio is too much."""


LIMITS = Limits()


class Source(Struct, frozen=True, kw_only=True):
    """One export: `read` gives the item at a place, decoded, or raises Unreadable; `close` lets its file go.

    `comparison` does the same for those of our own format. `rest` lets go of what can be read again. `archive` is the
    zip that holds it beside others.
    """

    name: str
    format: Format
    count: int
    read: Callable[[int], object]
    comparisons: int = 0
    comparison: Callable[[int], object] = field(default=lambda _place: None)
    notice: str = ""
    archive: str = ""
    rest: Callable[[], None] = field(default=lambda: None)
    close: Callable[[], None] = field(default=lambda: None)


def too_large(name: str, limits: Limits) -> TransferError:
    """The error for a file, or what is unpacked from one, that is larger than the limits allow."""
    return TransferError(
        phrase("{name} is larger than {most} MB.", name=name, most=f"{limits.size >> 20:,}"),
        hint=phrase("Export fewer conversations at once."),
    )
