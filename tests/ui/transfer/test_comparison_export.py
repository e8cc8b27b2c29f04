"""A comparison from the export dialog: side by side in each format to read, cancelled without a trace."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.services import Services
from tests.desktop.reports import samples
from tests.desktop.transfer.test_html import EVIL
from tests.ui import finding
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
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
    assert dialog.said == f"Comparison saved to {path}"


async def test_a_pdf_has_its_pages_on_their_side(dialog: ExportDialog) -> None:
    data = (await export(dialog, "PDF")).read_bytes()
    assert data.startswith(b"%PDF-")
    width, height = map(float, re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)[0])
    assert width > height


async def test_it_is_said_what_is_written_and_no_files_are_offered(dialog: ExportDialog) -> None:
    finding.button(dialog, "Format: Web page").click()
    said = [each.text() for each in dialog.findChildren(Paragraph)]
    assert any(text.startswith("Responses side by side") for text in said)
    assert not dialog.files.isVisible()
    finding.button(dialog, "Format: JSON").click()
    assert dialog.files.isVisible()


def test_signs_that_turn_text_round_are_in_no_files_name() -> None:
    assert file_name("a\u202egnp.exe\u2066/b") == "a gnp.exe b"
