"""Report of an import, file by file and item by item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import cast

from desktop.domain.conversation_types import Value
from desktop.text.phrases import Phrase
from desktop.transfer.import_drafts import with_count

_TOLD = with_count("", 1).template


class ItemState(StrEnum):
    """Outcome for an item."""

    NEW = "new"
    HERE = "here"  # a conversation with this ID exists and stays unchanged
    TRASHED = "trashed"  # such a conversation is in the trash
    EMPTY = "empty"  # it has no messages
    BROKEN = "broken"  # it could not be read or saved; nothing of it was saved


class ReportItem(Value, frozen=True, kw_only=True):
    """One conversation, comparison or vote of a file; `reasons` say why it is broken or what it lost."""

    title: str
    state: ItemState
    id: str = ""
    messages: int = 0
    updated_at: datetime | None = None
    is_comparison: bool = False
    is_vote: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def is_conversation(self) -> bool:
        """Whether the item is neither a comparison nor a vote."""
        return not self.is_comparison and not self.is_vote


Begins = Callable[[Sequence[ReportItem]], None]
"""Callback with items that may exist from now on. Raises TransferError if they must not be saved."""


class Note(Value, frozen=True, kw_only=True):
    """A sentence that applies to some items of a file, with a count for each; 0 if it has no count."""

    reason: str
    items: tuple[tuple[ReportItem, int], ...]

    @property
    def count(self) -> int:
        """Sum of the counts of all items."""
        return sum(count for _, count in self.items)


def notes(items: Iterable[ReportItem]) -> list[Note]:
    """Return the sentences about some items, each once, in order of appearance."""
    found: dict[str, list[tuple[ReportItem, int]]] = {}
    for item in items:
        for said in item.reasons:
            reason, count = _counted(said)
            found.setdefault(reason, []).append((item, count))
    return [Note(reason=reason, items=tuple(held)) for reason, held in found.items()]


def _counted(said: str) -> tuple[str, int]:
    if isinstance(said, Phrase) and said.template == _TOLD:
        return cast("str", said.values["reason"]), int(str(said.values["count"]).replace(",", ""))
    return said, 0


class FileReport(Value, frozen=True, kw_only=True):
    """One export of a file; `problem` says why it could not be read, and then there are no items.

    `archive` is the zip that contains it beside others.
    """

    name: str
    format: str = ""
    items: tuple[ReportItem, ...] = ()
    problem: str = ""
    notice: str = ""
    archive: str = ""

    def count(self, *states: ItemState) -> int:
        """Return the number of conversations in these states."""
        return sum(each.state in states and each.is_conversation for each in self.items)

    def compared(self, *states: ItemState) -> int:
        """Return the number of comparisons in these states."""
        return sum(each.state in states and each.is_comparison for each in self.items)

    def voted(self, *states: ItemState) -> int:
        """Return the number of votes in these states."""
        return sum(each.state in states and each.is_vote for each in self.items)


def by_archive(files: Iterable[FileReport]) -> Iterator[Sequence[FileReport]]:
    """Return the files in their order, but those of one zip and one format together."""
    groups: dict[object, list[FileReport]] = {}
    for place, file in enumerate(files):
        groups.setdefault((file.archive, file.format) if file.archive else place, []).append(file)
    yield from groups.values()


class Report(Value, frozen=True, kw_only=True):
    """Report of all files; `stopped` if the user ended the import early: what counts as new is complete."""

    files: tuple[FileReport, ...] = ()
    stopped: bool = False

    @property
    def items(self) -> Iterator[ReportItem]:
        """Items of all files."""
        return (item for file in self.files for item in file.items)

    @property
    def added(self) -> tuple[ReportItem, ...]:
        """New items of all files."""
        return tuple(each for each in self.items if each.state is ItemState.NEW)

    @property
    def failed(self) -> bool:
        """Whether a file or an item could not be read or saved."""
        return any(file.problem for file in self.files) or any(each.state is ItemState.BROKEN for each in self.items)

    @property
    def messages(self) -> int:
        """Number of messages in new conversations."""
        return sum(each.messages for each in self.added)

    @property
    def comparisons(self) -> int:
        """Number of new comparisons."""
        return sum(each.is_comparison for each in self.added)

    @property
    def votes(self) -> int:
        """Number of new votes."""
        return sum(each.is_vote for each in self.added)

    def count(self, *states: ItemState) -> int:
        """Return the number of conversations of all files in these states."""
        return sum(file.count(*states) for file in self.files)
