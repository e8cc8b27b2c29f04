"""Child process that creates a PDF or DOCX file. Parts arrive on stdin; the complete file is written to stdout.

The process has no display, no network and no secrets. A crash in Qt terminates only this process.
"""

from __future__ import annotations

import os
import sys
from typing import Protocol

import msgspec

from desktop.system import child_bounds
from desktop.transfer.export.paper_text import (
    MOST_FRAME,
    READY,
    PaperBlock,
    PaperColumns,
    PaperEnd,
    PaperForm,
    PaperPart,
    frame_of,
)

PART_S = 120.0
"""Time limit for one part in seconds, after which the process exits."""


class PaperMaker(Protocol):
    """Builds one file from parts."""

    def add(self, part: PaperPart) -> None:
        """Append a part to the file."""
        ...

    def finished(self) -> bytes:
        """Return the content of the complete file."""
        ...


def main() -> int:
    """Build one file. Returns 0, or 2 without any output if the input is invalid."""
    child_bounds.bind()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication

    app = QGuiApplication(["paragone"])
    _write(READY)
    form = _frame()
    if not isinstance(form, PaperForm):
        return 2
    try:
        data = _made(form)
    except Exception as error:  # noqa: BLE001 - a library's own error, whichever: it is told by its name
        _write(bytes(8))
        _write(type(error).__name__.encode() + b"\n")
        return 1
    if data is None:
        return 2
    _write(len(data).to_bytes(8, "big"))
    _write(data)
    del app
    return 0


def _made(form: PaperForm) -> bytes | None:
    """Return the content of the file, or None if the input is invalid."""
    maker = made_for(form)
    while isinstance(part := _frame(), PaperBlock | PaperColumns):
        with child_bounds.ended_after(PART_S):
            maker.add(part)
    if not isinstance(part, PaperEnd):
        return None
    with child_bounds.ended_after(PART_S):
        return maker.finished()


def made_for(form: PaperForm) -> PaperMaker:
    """Return the builder for a format."""
    if form.suffix == "docx":
        from ui.transfer.docx_writer import DocxWriter

        return DocxWriter(form)
    from ui.transfer.paper_pages import PaperPdf

    return PaperPdf(form)


def _frame() -> PaperForm | PaperPart | PaperEnd | None:
    head = _read(4)
    size = int.from_bytes(head or b"", "big")
    data = _read(size) if head is not None and size <= MOST_FRAME else None
    try:
        return frame_of(data) if data is not None else None
    except msgspec.DecodeError:
        return None


def _read(size: int) -> bytes | None:
    buffer = bytearray()
    while len(buffer) < size:
        data = os.read(0, min(size - len(buffer), 1 << 20))
        if not data:
            return None
        buffer += data
    return bytes(buffer)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    sys.exit(main())
