"""Export of reports: atomic, with bounded time for drawings and bounded memory."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop.errors import TransferError
from desktop.renderer.render_wire import FormulaReply, Reply, Request
from desktop.reports.report_drawings import ReportDrawings
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.export.report_export import export_report, write_report
from tests.desktop.reports import samples
from tests.desktop.reports.test_report_drawings import REPLY


def files(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_file()]


@contextmanager
def room_for(size: int) -> Generator[None]:
    """Limit the size of files, as if the disk were full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("form", [ExportFormat.HTML, ExportFormat.MARKDOWN])
async def test_a_cancelled_export_leaves_nothing(tmp_path: Path, form: ExportFormat) -> None:
    report = samples.report([samples.conversation(pane, 40) for pane in range(4)])
    (tmp_path / "page").write_text("the old one")
    told: list[int] = []

    def progress(done: int, of: int) -> None:
        """Cancel after a few turns."""
        told.append(done)
        if done == 3:
            task.cancel()

    task = asyncio.create_task(export_report(report, form, tmp_path / "page", progress=progress))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == [1, 2, 3]
    assert sorted(each.name for each in files(tmp_path)) == ["page"]
    assert (tmp_path / "page").read_text() == "the old one"


async def test_without_room_it_is_a_sentence_and_no_file(tmp_path: Path) -> None:
    report = samples.report([samples.conversation(pane, 30) for pane in range(4)])
    with room_for(100_000), pytest.raises(TransferError, match="could not be written"):
        await export_report(report, ExportFormat.HTML, tmp_path / "page.html")
    assert files(tmp_path) == []


async def test_what_is_drawn_stands_in_the_page_and_what_has_no_time_is_counted() -> None:
    asked: list[Request] = []

    async def ask(request: Request) -> Reply | None:
        asked.append(request)
        return REPLY if request.__class__.__name__ == "FormulaRequest" else None

    report = samples.report([samples.conversation(pane, 8) for pane in range(2)])
    pieces: list[str] = []
    await write_report(report, ExportFormat.HTML, pieces.append, drawings=ReportDrawings(ask))
    assert "".join(pieces).count("<svg") == 8
    assert len([each for each in asked if not hasattr(each, "language")]) == 2  # each formula once
    pieces.clear()
    await write_report(report, ExportFormat.HTML, pieces.append, drawings=ReportDrawings(ask, seconds=0))
    assert "<svg" not in "".join(pieces)
    assert "formulas and code blocks were not drawn because they" in pieces[-1]


async def test_pieces_are_turns_however_many_there_are() -> None:
    """Memory holds the page of one turn at a time."""
    report = samples.report([samples.conversation(pane, 50) for pane in range(2)])
    sizes: list[int] = []
    await write_report(report, ExportFormat.HTML, lambda text: sizes.append(len(text)))
    assert len(sizes) == 52
    assert max(sizes[1:]) < 3 * min(sizes[1:-1])


def test_a_reply_is_what_the_tests_take_it_for() -> None:
    assert isinstance(REPLY, FormulaReply)
