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
    """One conversation, comparison or vote in a file. `reasons` are sentences on why it is broken or what it lost."""

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
"""Called with items that may exist from now on. Raises TransferError if they must not be saved."""


class Note(Value, frozen=True, kw_only=True):
    """A sentence that applies to some items of a file, with a count for each item; 0 if the sentence has no count."""

    reason: str
    items: tuple[tuple[ReportItem, int], ...]

    @property
    def count(self) -> int:
        """Sum of the counts of all items."""
        return sum(count for _, count in self.items)


def notes(items: Iterable[ReportItem]) -> list[Note]:
    """Return the sentences about some items, without duplicates and in order of appearance."""
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
    """One export in a file. `problem` is why it could not be read; then there are no items.

    `archive` is the ZIP that contains it, if it contains several exports.
    """

    name: str
    format: str = ""
    items: tuple[ReportItem, ...] = ()
    problem: str = ""
    notice: str = ""
    archive: str = ""

    def count(self, *states: ItemState) -> int:
        """Return the number of conversations with these states."""
        return sum(each.state in states and each.is_conversation for each in self.items)

    def compared(self, *states: ItemState) -> int:
        """Return the number of comparisons with these states."""
        return sum(each.state in states and each.is_comparison for each in self.items)

    def voted(self, *states: ItemState) -> int:
        """Return the number of votes with these states."""
        return sum(each.state in states and each.is_vote for each in self.items)


def by_archive(files: Iterable[FileReport]) -> Iterator[Sequence[FileReport]]:
    """Yield the files in order, but group those with the same format in one ZIP."""
    groups: dict[object, list[FileReport]] = {}
    for place, file in enumerate(files):
        groups.setdefault((file.archive, file.format) if file.archive else place, []).append(file)
    yield from groups.values()


class Report(Value, frozen=True, kw_only=True):
    """Report of all files.

    `stopped` is whether the user ended the import early; items that count as new are complete.
    """

    files: tuple[FileReport, ...] = ()
    stopped: bool = False

    @property
    def items(self) -> Iterator[ReportItem]:
        """Items in all files."""
        return (item for file in self.files for item in file.items)

    @property
    def added(self) -> tuple[ReportItem, ...]:
        """New items in all files."""
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
        """Return the number of conversations in all files with these states."""
        return sum(file.count(*states) for file in self.files)
