"""What the last import added, kept in a file so that it can be undone later: ids and counts, no text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import Value, new_id
from desktop.errors import TransferError
from desktop.system.plain_files import read_plain
from desktop.system.private_files import write_private
from desktop.text.phrases import phrase
from desktop.transfer.import_report import ItemState, ReportItem

_NAME = "last-import.json"
_MOST_BYTES = 256 << 20
"""Some hundred bytes an item."""


class _Record(Value, frozen=True, kw_only=True):
    """A line of the file; `of` tells those of an import from another one's that was under way as well."""

    items: tuple[ReportItem, ...] = ()
    of: str = ""


class ImportRecord:
    """The record of an import that is under way: `note` what is about to be kept, so that one killed can be undone.

    The first note takes the place of the import before; each is a line more.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._id = new_id()
        self._has_begun = False

    def note(self, items: Sequence[ReportItem]) -> None:
        """Have it on file that these may be there from now on. Slow. Raises TransferError: they are not to be kept."""
        try:
            if self._has_begun:
                descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                with os.fdopen(descriptor, "ab") as file:
                    file.write(b"\n" + _line(items, self._id))  # what a full disk cut off before ends here
            else:
                write_private(self._path, _line(items, self._id))
        except OSError as error:
            raise TransferError(
                phrase("The import could not be recorded: {reason}.", reason=error.strerror or error),
                hint=phrase("Free some space on the disk with the data folder."),
            ) from error
        self._has_begun = True


def remember(folder: Path, added: Sequence[ReportItem]) -> None:
    """Keep what was added, in the place of an older import; where nothing was, that stays. Raises TransferError."""
    if not added:
        return
    try:
        write_private(folder / _NAME, _line(added))
    except OSError as error:
        raise TransferError(
            phrase(
                "The conversations were imported, but the import cannot be undone later: {reason}.",
                reason=error.strerror or error,
            ),
            hint=phrase("Free some space on the disk with the data folder."),
        ) from error


def _line(items: Sequence[ReportItem], of: str = "") -> bytes:
    kept = tuple(
        ReportItem(
            title="",
            state=ItemState.NEW,
            id=each.id,
            messages=each.messages,
            updated_at=each.updated_at,
            is_comparison=each.is_comparison,
            is_vote=each.is_vote,
        )
        for each in items
    )
    return msgspec.json.encode(_Record(items=kept, of=of))


def recall(folder: Path) -> tuple[ReportItem, ...]:
    """What the last import added, or was about to. Raises TransferError where there is none to be undone."""
    try:
        lines = read_plain(folder / _NAME, _MOST_BYTES).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TransferError(phrase("There is no import to undo.")) from error
    records = [record for line in lines if line and (record := _record(line)) is not None]
    if not records:
        raise TransferError(phrase("There is no import to undo."))
    last = [record for record in records if record.of == records[-1].of]
    return tuple(dict.fromkeys(item for record in last for item in record.items))


def _record(line: str | bytes) -> _Record | None:
    """What a line says; None of one that is torn or damaged."""
    try:
        return msgspec.json.decode(line, type=_Record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def forget(folder: Path) -> None:
    """It was undone. Raises TransferError."""
    try:
        (folder / _NAME).unlink(missing_ok=True)
    except OSError as error:
        raise TransferError(
            phrase("The record of the last import could not be removed: {reason}.", reason=error.strerror or error)
        ) from error
