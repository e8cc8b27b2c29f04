"""A comparison from the export dialog: side by side in each format to read, cancelled without a trace."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from desktop.services import Services
from tests.desktop.transfer.comparison_page import samples
from tests.desktop.transfer.comparison_page.test_formula_svg import REPLY
from tests.desktop.transfer.test_html import EVIL
from tests.ui import finding
from tests.ui.waiting import until
from ui.tasks import Tasks
from ui.theme import Themes
from ui.transfer.comparison_pdf import FormulaImages, PaperDocument, write_pdf
from ui.transfer.export_dialog import ExportDialog, ExportStep, file_name
from ui.widgets.paragraph import Paragraph

TURNS = 4


@pytest.fixture
async def dialog(services: Services, tasks: Tasks, themes: Themes, tmp_path: Path) -> AsyncIterator[ExportDialog]:
    store = await services.store()
    conversations = [samples.conversation(pane, TURNS, texts=EVIL[pane:]) for pane in range(3)]
    for each in conversations:
        await store.conversations.create(each)
    await store.comparisons.save(samples.comparison(conversations, title="Cities: \u202eand more"))
    await store.votes.add(samples.vote(conversations, 0, 1))
    made = ExportDialog(services, tasks, themes, ["k1"], folder=tmp_path)
    made.show()
    await until(lambda: finding.button(made, "Export").isEnabled() or made.said)
    yield made
    made.reject()
    await tasks.settle(10)


async def export(dialog: ExportDialog, form: str) -> Path:
    finding.button(dialog, f"Format: {form}").click()
    finding.button(dialog, "Export").click()
    await until(lambda: dialog.step is ExportStep.DONE)
    return Path(dialog.place.text())


async def test_a_web_page_has_the_answers_side_by_side(dialog: ExportDialog) -> None:
    path = await export(dialog, "Web page")
    assert path.name == "Cities and more.html"
    assert path.read_text().count('<section class="turn"') == TURNS
    assert dialog.said == f"Comparison written to {path}"


async def test_a_pdf_has_its_pages_on_their_side(dialog: ExportDialog) -> None:
    data = (await export(dialog, "PDF")).read_bytes()
    assert data.startswith(b"%PDF-")
    width, height = map(float, re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)[0])
    assert width > height


async def test_it_is_said_what_is_written_and_no_files_are_offered(dialog: ExportDialog) -> None:
    finding.button(dialog, "Format: Web page").click()
    said = [each.text() for each in dialog.findChildren(Paragraph)]
    assert any(text.startswith("The answers side by side") for text in said)
    assert not dialog.files.isVisible()
    finding.button(dialog, "Format: JSON").click()
    assert dialog.files.isVisible()


def files(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.is_file() and not each.name.startswith("paragone")]


async def test_a_cancelled_pdf_leaves_no_file(tmp_path: Path, qapp: object) -> None:
    from desktop.voting.ranking_html import PageWords

    report = samples.report([samples.conversation(pane, 20) for pane in range(2)])

    def progress(done: int, of: int) -> None:
        """End it after a turn."""
        if done == 1:
            task.cancel()

    task = asyncio.create_task(write_pdf(report, tmp_path / "a.pdf", PageWords(), None, progress))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(tmp_path) == []


async def test_formulas_are_drawn_in_a_pdf(tmp_path: Path, qapp: object) -> None:
    from desktop.renderer.render_wire import Reply, Request
    from desktop.voting.ranking_html import PageWords

    async def ask(request: Request) -> Reply | None:
        return REPLY if request.__class__.__name__ == "FormulaRequest" else None

    report = samples.report([samples.conversation(0, 1, texts=["so $x^2$ it is"])])
    for name, asked in (("drawn", ask), ("source", None)):
        await write_pdf(report, tmp_path / name, PageWords(), asked, lambda _done, _of: None)
    assert b"/Subtype /Image" in (tmp_path / "drawn").read_bytes()
    assert b"/Subtype /Image" not in (tmp_path / "source").read_bytes()


def test_rich_text_opens_nothing_whatever_stands_in_it(tmp_path: Path, qapp: object) -> None:
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    assert picture.save(str(tmp_path / "there.png"))
    for address in (str(tmp_path / "there.png"), (tmp_path / "there.png").as_uri(), "formula:0"):
        html = f'<img src="{address}">'
        document = PaperDocument(html, FormulaImages())
        assert document.size().width() < 30
        assert document.toPlainText() == "\ufffc"


def test_signs_that_turn_text_round_are_in_no_files_name() -> None:
    assert file_name("a\u202egnp.exe\u2066/b") == "a gnp.exe b"
