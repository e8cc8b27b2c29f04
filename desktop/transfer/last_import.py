"""Record of the last import on disk, with ids and counts but no text, so that it can be undone later."""

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
"""Maximum bytes of the record, which has several hundred bytes per item."""


class _Record(Value, frozen=True, kw_only=True):
    """A line of the record; `of` distinguishes imports that run at the same time."""

    items: tuple[ReportItem, ...] = ()
    of: str = ""


class ImportRecord:
    """Record of a running import. `note` what is about to be saved, so that a killed import can be undone.

    The first note replaces the record of the previous import; each later note appends a line.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._id = new_id()
        self._has_begun = False

    def note(self, items: Sequence[ReportItem]) -> None:
        """Record that these items may exist from now on. Slow.

        Raises:
            TransferError: If that fails; the items must not be saved then.
        """
        try:
            if self._has_begun:
                descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                with os.fdopen(descriptor, "ab") as file:
                    file.write(b"\n" + _line(items, self._id))  # ends a line that a full disk truncated
            else:
                write_private(self._path, _line(items, self._id))
        except OSError as error:
            raise TransferError(
                phrase("The import could not be recorded: {reason}.", reason=error.strerror or error),
                hint=phrase("Free some space on the disk that contains the data folder."),
            ) from error
        self._has_begun = True


def remember(folder: Path, added: Sequence[ReportItem]) -> None:
    """Record what was added, unless it is nothing. Replaces the record of the previous import. Raises TransferError."""
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
            hint=phrase("Free some space on the disk that contains the data folder."),
        ) from error


def _line(items: Sequence[ReportItem], of: str = "") -> bytes:
    records = tuple(
        ReportItem(
            title="",
            state=ItemState.NEW,
            id=item.id,
            messages=item.messages,
            updated_at=item.updated_at,
            is_comparison=item.is_comparison,
            is_vote=item.is_vote,
        )
        for item in items
    )
    return msgspec.json.encode(_Record(items=records, of=of))


def recall(folder: Path) -> tuple[ReportItem, ...]:
    """Return what the last import added or was about to add. Raises TransferError if there is nothing to undo."""
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
    """Parse a line; return None if it is truncated or damaged."""
    try:
        return msgspec.json.decode(line, type=_Record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def forget(folder: Path) -> None:
    """Delete the record after the import was undone. Raises TransferError."""
    try:
        (folder / _NAME).unlink(missing_ok=True)
    except OSError as error:
        raise TransferError(
            phrase("The record of the last import could not be removed: {reason}.", reason=error.strerror or error)
        ) from error
