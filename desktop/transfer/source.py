"""Sources of an import: exports whose items are read one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct, field, structs

from desktop.errors import TransferError
from desktop.text.phrases import Phrase, phrase
from desktop.transfer.archives.zip_archive import Limits, ZipFiles
from desktop.transfer.import_drafts import Format
from desktop.transfer.import_shelf import Carried, none_carried

_TOGETHER = phrase("{what} {hint}", what="", hint="").template


def together(sentences: Iterable[str]) -> str:
    """Join the sentences that are not empty."""
    said = ""
    for each in filter(None, sentences):
        said = phrase("{what} {hint}", what=said, hint=each) if said else each
    return said


def apart(said: str) -> Iterator[str]:
    """Yield the sentences that `together` joined."""
    last: list[str] = []
    while isinstance(said, Phrase) and said.template == _TOGETHER:
        last.append(_within(said, "hint"))
        said = _within(said, "what")
    yield from filter(None, (said, *reversed(last)))


def _within(said: Phrase, name: str) -> str:
    """Return a sentence nested in a joined one; it remains a phrase if it is one."""
    found = said.values[name]
    return found if isinstance(found, str) else str(found)


KNOWN = phrase(
    "ChatGPT, Claude, DeepSeek, Gemini, Google AI Studio, Grok, Mistral, Open WebUI, LibreChat, Chatbox, "
    "ChatbotUI, big-AGI, Cherry Studio, Jan, LM Studio, NextChat, TypingMind, Witsy, llm (logs.db) or "
    "Paragone, or a Markdown file"
)


class Source(Struct, frozen=True, kw_only=True):
    """One export. `read` decodes the item at an index or raises Unreadable; `close` closes the file.

    `comparison` and `vote` read those in Paragone's own exports, and `carried` returns the files listed there. `rest`
    releases what can be read again. `archive` is the ZIP that contains it, if it contains several exports; `beside` are
    the other files in that ZIP.
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
    """Return the exports in one file. Each notice remains only on the first export that has it.

    The notice `added` is appended to that of the first export.
    """
    told: set[str] = set()
    kept_sources: list[Source] = []
    for each in sources:
        own = "" if each.notice in told else each.notice
        told.add(each.notice)
        said = together((own, "" if kept_sources else added))
        kept_sources.append(each if said == each.notice else structs.replace(each, notice=said))
    return kept_sources


def too_large(name: str, limits: Limits) -> TransferError:
    """Return the error for a file whose size, or decompressed size, exceeds the limit."""
    return TransferError(
        phrase("{name} is larger than {most} MB.", name=name, most=f"{limits.size >> 20:,}"),
        hint=phrase("Export fewer conversations at once."),
    )
