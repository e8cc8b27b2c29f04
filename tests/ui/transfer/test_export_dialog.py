"""The export dialog: what, how and where, and a file that is whole or not there."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop.services import Services
from desktop.settings.values import Settings
from tests.desktop.reports import samples
from tests.desktop.settings.test_policy import policy
from tests.desktop.transfer.made import arbitrary
from tests.ui import finding
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transfer.export_dialog import ExportDialog, ExportStep, file_name
from ui.widgets.paragraph import Paragraph


class Opens:
    """Opens dialogs, and closes them at the end."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, folder: Path) -> None:
        self._with = (services, tasks, themes)
        self._folder = folder
        self.made: list[ExportDialog] = []

    async def __call__(self, ids: Sequence[str] = ()) -> ExportDialog:
        dialog = ExportDialog(*self._with, ids, folder=self._folder)
        dialog.show()
        self.made.append(dialog)
        await until(lambda: finding.button(dialog, "Export").isEnabled() or dialog.said)
        return dialog


@pytest.fixture
async def opened(services: Services, tasks: Tasks, themes: Themes, tmp_path: Path) -> AsyncIterator[Opens]:
    store = await services.store()
    for number in range(3):
        await store.conversations.create(arbitrary(random.Random(5), number).conversation)
        await store.conversations.rename(f"c{number}", f"Sky: {number}?")
    opens = Opens(services, tasks, themes, tmp_path)
    yield opens
    for dialog in opens.made:
        dialog.reject()
    await tasks.settle(10)


def names(folder: Path, pattern: str) -> list[str]:
    return sorted(each.name for each in folder.glob(pattern))


async def export(dialog: ExportDialog, form: str) -> Path:
    finding.button(dialog, f"Format: {form}").click()
    finding.button(dialog, "Export").click()
    await until(lambda: dialog.step is ExportStep.DONE)
    return Path(dialog.place.text())


async def test_every_control_has_a_name(opened: Opens) -> None:
    dialog = await opened(["c1"])
    assert all(each.accessibleName() for each in (*dialog.findChildren(QPushButton), dialog.place, dialog.progress))


async def test_one_conversation_is_written_in_each_format(opened: Opens, tmp_path: Path) -> None:
    begins = {"JSON": b"{", "Markdown": b"# Sky: 1?", "Web page": b"<!doctype html>", "PDF": b"%PDF-", "DOCX": b"PK"}
    for form, start in begins.items():
        dialog = await opened(["c1"])
        path = await export(dialog, form)
        assert path.name.startswith("Sky 1")
        assert path.read_bytes().startswith(start)
        assert dialog.said.splitlines()[0] == f"1 conversation saved to {path}"
        assert finding.button(dialog, "Open folder").isVisible()
    assert names(tmp_path, "Sky 1.*") == ["Sky 1.docx", "Sky 1.html", "Sky 1.json", "Sky 1.md", "Sky 1.pdf"]
    assert names(tmp_path, ".*") == []


async def test_everything_is_one_press_away(opened: Opens) -> None:
    dialog = await opened(["c1", "c2"])
    assert Path(dialog.place.text()).name == "Conversations.json"
    finding.button(dialog, "Content: Everything").click()
    await until(lambda: finding.button(dialog, "Export").isEnabled())
    held = json.loads((await export(dialog, "JSON")).read_text())
    assert [each["id"] for each in held["conversations"]] == ["c0", "c1", "c2"]


async def test_all_branches_are_offered_where_there_are_several(
    opened: Opens, services: Services, tmp_path: Path
) -> None:
    held = samples.conversation(0, 2)
    again = samples.message("again", "p0-1", "Another version.", samples.AT, held.model)
    store = await services.store()
    await store.conversations.create(structs.replace(held, id="k0", messages=(*held.messages, again)))
    await store.conversations.create(structs.replace(samples.conversation(1, 1), id="k1"))
    dialog = await opened(["k1"])
    finding.button(dialog, "Format: Markdown").click()
    assert not dialog.branches.isVisible()
    dialog = await opened(["k0"])
    assert not dialog.branches.isVisible()  # JSON has them all
    assert "Another version." not in (await export(dialog, "Markdown")).read_text()
    dialog = await opened(["k0"])
    finding.button(dialog, "Format: Web page").click()
    finding.button(dialog, "Branches: All branches").click()
    assert "Another version." in (await export(dialog, "Web page")).read_text()


async def test_a_place_that_was_typed_stays_and_follows_the_format(opened: Opens, tmp_path: Path) -> None:
    dialog = await opened(["c1"])
    dialog.place.selectAll()
    QTest.keyClicks(dialog.place, str(tmp_path / "mine.json"))
    finding.button(dialog, "Format: Web page").click()
    assert dialog.place.text() == str(tmp_path / "mine.html")


async def test_a_file_that_is_there_is_replaced_only_by_who_says_so(opened: Opens, tmp_path: Path) -> None:
    there = tmp_path / "mine.json"
    there.write_text("mine")
    dialog = await opened(["c1"])
    dialog.place.setFocus()
    dialog.place.selectAll()
    QTest.keyClicks(dialog.place, str(there))
    QTest.keyClick(dialog.place, Qt.Key.Key_Return)
    assert dialog.said == "mine.json already exists. Replace it?"
    assert (dialog.step, there.read_text()) == (ExportStep.ASKING, "mine")
    QTest.keyClicks(dialog.place, "2")  # another name after all
    assert (dialog.said, there.read_text()) == ("", "mine")
    QTest.keyClick(dialog.place, Qt.Key.Key_Backspace)
    finding.button(dialog, "Export").click()
    assert there.read_text() == "mine"
    finding.button(dialog, "Replace").click()
    await until(lambda: dialog.step is ExportStep.DONE)
    assert json.loads(there.read_text())["schema"].startswith("paragone/")


async def test_the_name_that_is_suggested_replaces_nothing_unasked(opened: Opens, tmp_path: Path) -> None:
    dialog = await opened(["c1"])
    await asyncio.to_thread(Path(dialog.place.text()).write_text, "older")
    finding.button(dialog, "Export").click()
    assert await asyncio.to_thread(Path(dialog.place.text()).read_text) == "older"
    assert "Replace it?" in dialog.said


async def test_a_place_that_cannot_be_written_is_said_and_can_be_mended(opened: Opens, tmp_path: Path) -> None:
    for form in ("JSON", "PDF"):
        dialog = await opened(["c1"])
        finding.button(dialog, f"Format: {form}").click()
        dialog.place.setText(str(tmp_path / "missing" / "x"))
        finding.button(dialog, "Export").click()
        await until(lambda dialog=dialog: "could not be written" in dialog.said)
        assert dialog.step is ExportStep.ASKING
        dialog.place.setText(str(tmp_path / f"written as {form}"))
        finding.button(dialog, "Export").click()
        await until(lambda dialog=dialog: dialog.step is ExportStep.DONE)


async def test_an_empty_store_has_nothing_to_export(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path
) -> None:
    dialog = await Opens(services, tasks, themes, tmp_path)()
    assert dialog.said == "There is nothing to export yet."
    assert not finding.button(dialog, "Export").isEnabled()
    dialog.reject()


def test_titles_become_names_that_every_system_takes() -> None:
    assert file_name('a/b\\c: "d"?\n*') == "a b c d"
    assert file_name("../..") == "Conversation"
    assert len(file_name("x" * 300)) == 60


async def test_where_policy_forbids_it_nothing_is_written(opened: Opens, services: Services, tmp_path: Path) -> None:
    dialog = await opened()
    services.use(Settings(policy=policy(Export=False)))
    finding.button(dialog, "Export").click()
    await until(lambda: "does not allow exporting" in dialog.said)
    assert [*await asyncio.to_thread(tmp_path.glob, "*.json")] == []


async def test_a_long_error_presses_nothing_together(opened: Opens, tmp_path: Path) -> None:
    dialog = await opened(["c1"])
    controls = [*finding.buttons(dialog), dialog.place]
    before = [each.height() for each in controls]
    deep = tmp_path.joinpath(*("a folder that is not there" for _ in range(12)))
    dialog.place.setText(str(deep / "chat.json"))
    finding.button(dialog, "Export").click()
    await until(lambda: str(deep) in dialog.said)
    said = next(each for each in dialog.findChildren(Paragraph) if each.text() == dialog.said)
    await until(lambda: said.height() >= said.heightForWidth(said.width()) > 100)
    assert [each.height() for each in controls] == before
