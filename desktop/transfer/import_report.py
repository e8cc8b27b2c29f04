"""What an import found or did, file by file and item by item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import cast

from desktop.domain.conversation_types import Value
from desktop.text.phrases import Phrase
from desktop.transfer.import_drafts import told

_TOLD = told("", 1).template


class ItemState(StrEnum):
    """What becomes of an item."""

    NEW = "new"
    HERE = "here"  # a conversation with its id is kept already, and stays as it is
    TRASHED = "trashed"  # the same, but in the trash
    EMPTY = "empty"  # it holds no message
    BROKEN = "broken"  # it cannot be read or kept; nothing of it was


class ReportItem(Value, frozen=True, kw_only=True):
    """One conversation, comparison or vote of a file. `reasons` are sentences: why it is broken, or what it lost."""

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
        """Whether it is neither a comparison nor a vote."""
        return not self.is_comparison and not self.is_vote


Begins = Callable[[Sequence[ReportItem]], None]
"""Is told what may be there from now on. Raises TransferError where it is not to be kept."""


class Note(Value, frozen=True, kw_only=True):
    """A sentence that holds for some items of a file, and how often for each; 0 where it is not counted."""

    reason: str
    items: tuple[tuple[ReportItem, int], ...]

    @property
    def count(self) -> int:
        """How often it holds for all of them."""
        return sum(count for _, count in self.items)


def notes(items: Iterable[ReportItem]) -> list[Note]:
    """What is to be said of items, each sentence once, in the order in which they come."""
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
    """One export of a file. `problem` says why nothing of it could be read; then there are no items.

    `archive` is the zip that holds it beside others.
    """

    name: str
    format: str = ""
    items: tuple[ReportItem, ...] = ()
    problem: str = ""
    notice: str = ""
    archive: str = ""

    def count(self, *states: ItemState) -> int:
        """How many conversations are in these states."""
        return sum(each.state in states and each.is_conversation for each in self.items)

    def compared(self, *states: ItemState) -> int:
        """How many comparisons are."""
        return sum(each.state in states and each.is_comparison for each in self.items)

    def voted(self, *states: ItemState) -> int:
        """How many votes are."""
        return sum(each.state in states and each.is_vote for each in self.items)


def by_archive(files: Iterable[FileReport]) -> Iterator[Sequence[FileReport]]:
    """Files in their order, those of one zip and one format together."""
    groups: dict[object, list[FileReport]] = {}
    for place, file in enumerate(files):
        groups.setdefault((file.archive, file.format) if file.archive else place, []).append(file)
    yield from groups.values()


class Report(Value, frozen=True, kw_only=True):
    """All files. `stopped`: the user ended the import before its end; what is counted as new was kept whole."""

    files: tuple[FileReport, ...] = ()
    stopped: bool = False

    @property
    def items(self) -> Iterator[ReportItem]:
        """The items of all files."""
        return (item for file in self.files for item in file.items)

    @property
    def added(self) -> tuple[ReportItem, ...]:
        """What is new."""
        return tuple(each for each in self.items if each.state is ItemState.NEW)

    @property
    def failed(self) -> bool:
        """Whether a file or an item could not be read or kept."""
        return any(file.problem for file in self.files) or any(each.state is ItemState.BROKEN for each in self.items)

    @property
    def messages(self) -> int:
        """Messages of what is new."""
        return sum(each.messages for each in self.added)

    @property
    def comparisons(self) -> int:
        """How many comparisons are new."""
        return sum(each.is_comparison for each in self.added)

    @property
    def votes(self) -> int:
        """How many votes are new."""
        return sum(each.is_vote for each in self.added)

    def count(self, *states: ItemState) -> int:
        """How many conversations of all files are in these states."""
        return sum(file.count(*states) for file in self.files)
