"""An export as an import reads it, item by item, and how much of one is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field, structs

from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.import_limits import Limits
from desktop.transfer.archives.zip_files import ZipFiles
from desktop.transfer.import_drafts import Format
from desktop.transfer.import_notices import together
from desktop.transfer.import_shelf import Carried, none_carried

KNOWN = phrase(
    "ChatGPT, Claude, DeepSeek, Gemini, Google AI Studio, Grok, Mistral, Open WebUI, LibreChat, Chatbox, ChatbotUI,"
    " big-AGI, Cherry Studio, Jan, LM Studio, NextChat, TypingMind, Witsy, llm (logs.db) or Paragone, or Markdown"
)


class Source(Struct, frozen=True, kw_only=True):
    """One export: `read` gives the item at a place, decoded, or raises Unreadable; `close` lets its file go.

    `comparison` and `vote` do the same for those of our own format, `carried` tells the files in it. `rest` lets go of
    what can be read again. `archive` is the zip that holds it beside others, `beside` what else is in its zip.
    """

    name: str
    format: Format
    count: int
    read: Callable[[int], object]
    comparisons: int = 0
    comparison: Callable[[int], object] = field(default=lambda _place: None)
    votes: int = 0
    vote: Callable[[int], object] = field(default=lambda _place: None)
    notice: str = ""
    archive: str = ""
    carried: Carried = field(default=none_carried)
    beside: ZipFiles | None = None
    rest: Callable[[], None] = field(default=lambda: None)
    close: Callable[[], None] = field(default=lambda: None)


def with_notices(sources: Sequence[Source], added: str = "") -> list[Source]:
    """Exports of one file with each notice once, on the first that has it; with one that is `added` to the first."""
    told: set[str] = set()
    found: list[Source] = []
    for each in sources:
        own = "" if each.notice in told else each.notice
        told.add(each.notice)
        said = together((own, "" if found else added))
        found.append(each if said == each.notice else structs.replace(each, notice=said))
    return found


def too_large(name: str, limits: Limits) -> TransferError:
    """The error for a file, or what is unpacked from one, that is larger than the limits allow."""
    return TransferError(
        phrase("{name} is larger than {most} MB.", name=name, most=f"{limits.size >> 20:,}"),
        hint=phrase("Export fewer conversations at once."),
    )
