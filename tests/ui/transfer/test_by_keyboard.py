"""Import and export opened from the window and carried through by keys alone, also where something goes wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget

from desktop.errors import StoreFull
from desktop.services import Services
from desktop.settings.values import Settings
from desktop.store.conversations import Conversations
from desktop.text.phrases import english
from tests.desktop.session.fakes import LOOPBACK
from tests.desktop.settings.test_policy import policy
from tests.desktop.transfer.made import chatgpt_chat
from tests.ui.driver import Driver, driven
from tests.ui.finding import said, unreachable
from tests.ui.test_accessibility import nameless, unreached
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transfer.export_dialog import ExportDialog
from ui.transfer.import_dialog import ImportDialog, ReportView


@pytest.fixture
async def driver(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Driver]:
    """A window with a chat, the keyboard where prompts are typed, and a folder of documents."""

    def folder(_: QStandardPaths.StandardLocation) -> str:
        return str(documents(tmp_path))

    monkeypatch.setattr(QStandardPaths, "writableLocation", folder)
    async with driven(services, tasks, themes, chat("Sky", 1)) as made:
        made.editor.setFocus()
        yield made


def documents(tmp_path: Path) -> Path:
    """Where files go unless somebody says otherwise."""
    place = tmp_path / "documents"
    place.mkdir(exist_ok=True)
    return place


async def dialog(driver: Driver, kind: type[QDialog], keys: str) -> QWidget:
    """A dialog that keys open, once it has the keyboard."""
    driver.press(keys)
    (found,) = (each for each in driver.window.findChildren(kind) if each.isVisible())
    await driver.until(found.isActiveWindow)
    return found


def offered(around: QWidget, name: str) -> bool:
    """Whether a button of this name can be pressed."""
    buttons = around.findChildren(QPushButton)
    return any(each.isVisible() and each.isEnabled() and each.accessibleName() == name for each in buttons)


def exported(tmp_path: Path, *ids: str) -> Path:
    """An export of ChatGPT."""
    made = tmp_path / "conversations.json"
    made.write_text(json.dumps([chatgpt_chat(each) for each in ids]))
    return made


async def name_file(driver: Driver, around: QWidget, path: Path) -> None:
    """Type a path into the system's dialog that asks for a file."""
    (asking,) = (each for each in around.findChildren(QFileDialog) if each.isVisible())
    (line,) = (each for each in asking.findChildren(QLineEdit) if each.objectName() == "fileNameEdit")
    line.setText(str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)
    await driver.until(lambda: not asking.isVisible())
    around.activateWindow()


async def test_a_chat_is_exported_by_keys_and_the_keyboard_comes_back(driver: Driver, tmp_path: Path) -> None:
    shown = await dialog(driver, ExportDialog, "Ctrl+Shift+S")
    await driver.until(driver.button("Export").isEnabled)
    assert nameless(shown) == []
    assert unreached(shown) == []
    driver.button("Format: JSON").setFocus()
    for name in ("ZIP", "Markdown"):
        driver.press("Right")
        assert driver.focused.accessibleName() == f"Format: {name}"
    assert "Text to read and edit" in said(shown)
    assert driver.find(QLineEdit, "File").text() == str(documents(tmp_path) / "Sky.md")
    driver.find(QLineEdit, "File").setFocus()
    driver.press("Return")
    await driver.until(lambda: driver.sees("Open folder"))
    assert f"1 conversation saved to {documents(tmp_path) / 'Sky.md'}" in said(shown)
    assert "Sky" in (documents(tmp_path) / "Sky.md").read_text()
    assert driver.focused.accessibleName() == "Close"
    driver.press("Return")
    driver.come_back()
    assert driver.focused is driver.editor


async def test_enter_exports_in_the_format_of_the_last_time(driver: Driver, tmp_path: Path) -> None:
    await dialog(driver, ExportDialog, "Ctrl+Shift+S")
    await driver.until(driver.button("Export").isEnabled)
    driver.button("Format: Web page").click()
    driver.press("Return")
    await driver.until(lambda: driver.sees("Open folder"))
    driver.press("Return")
    driver.come_back()
    (documents(tmp_path) / "Sky.html").unlink()
    await dialog(driver, ExportDialog, "Ctrl+Shift+S")
    await driver.until(driver.button("Export").isEnabled)
    driver.press("Return")
    await driver.until(lambda: driver.sees("Open folder"))
    assert (documents(tmp_path) / "Sky.html").read_text().startswith("<!doctype html>")
    assert driver.window._state().export_format == "html"


async def test_a_bare_name_goes_into_the_folder_that_was_suggested(driver: Driver, tmp_path: Path) -> None:
    """It went wherever the program had been begun, which nobody knows."""
    shown = await dialog(driver, ExportDialog, "Ctrl+Shift+S")
    await driver.until(driver.button("Export").isEnabled)
    driver.find(QLineEdit, "File").setFocus()
    driver.press("Ctrl+A")
    driver.press("Delete")
    driver.press("Return")
    await driver.until(lambda: "is a folder" in said(shown))
    assert str(documents(tmp_path)) in said(shown)
    driver.type("mine.json")
    driver.press("Return")
    await driver.until(lambda: driver.sees("Open folder"))
    assert json.loads((documents(tmp_path) / "mine.json").read_text())["conversations"]


async def test_a_place_that_will_not_do_leads_back_to_its_field(driver: Driver, tmp_path: Path) -> None:
    """The keyboard stayed on Cancel: Enter, to try once more, closed the dialog."""
    shown = await dialog(driver, ExportDialog, "Ctrl+Shift+S")
    await driver.until(driver.button("Export").isEnabled)
    line = driver.find(QLineEdit, "File")
    line.setFocus()
    driver.press("Ctrl+A")
    driver.type(str(tmp_path / "missing" / "a.json"))
    driver.press("Return")
    await driver.until(lambda: "could not be written" in said(shown))
    assert driver.focused is line
    (tmp_path / "missing").mkdir()
    driver.press("Return")
    await driver.until(lambda: driver.sees("Open folder"))
    assert (tmp_path / "missing" / "a.json").is_file()


async def test_files_are_imported_by_keys_and_taken_back(driver: Driver, tmp_path: Path) -> None:
    shown = await dialog(driver, ImportDialog, "Ctrl+O")
    assert driver.focused.accessibleName() == "Choose files…"
    assert not driver.button("Import").isEnabled()
    driver.press("Return")
    await name_file(driver, shown, exported(tmp_path, "a", "b"))
    await driver.until(lambda: offered(shown, "Import"))
    assert driver.focused.accessibleName() == "Import"
    assert unreachable(shown) == []
    assert driver.find(ReportView, "Results").topLevelItemCount() == 1
    driver.press("Return")
    await driver.until(lambda: driver.sees("Undo import"))
    assert driver.focused.accessibleName() == "Close"
    assert "2 conversations with 4 messages imported" in said(shown)
    driver.button("Undo import").setFocus()
    driver.press("Return")
    await driver.until(lambda: "2 conversations removed" in said(shown))
    assert driver.focused.accessibleName() == "Close"
    assert not driver.sees("Undo import")
    driver.push("Choose other files…")
    await name_file(driver, shown, exported(tmp_path, "c"))
    await driver.until(lambda: "1 conversation with 2 messages to import" in said(shown))
    driver.press("Esc")
    driver.come_back()
    assert driver.focused is driver.editor


async def test_where_reading_is_forbidden_nothing_of_the_look_before_stays_and_enter_closes(
    driver: Driver, services: Services, tmp_path: Path
) -> None:
    """What was found before stood below “Not imported”, and there was no way on."""
    shown = await dialog(driver, ImportDialog, "Ctrl+O")
    driver.press("Return")
    await name_file(driver, shown, exported(tmp_path, "a"))
    await driver.until(lambda: offered(shown, "Import"))
    services.use(Settings(connections=(LOOPBACK,), policy=policy(Import=False)))
    driver.push("Choose other files…")
    await name_file(driver, shown, exported(tmp_path, "a"))
    await driver.until(lambda: "does not allow" in said(shown))
    assert driver.find(ReportView, "Results").topLevelItemCount() == 0
    assert driver.button("Choose other files…").isEnabled()
    assert driver.focused.accessibleName() == "Close"
    driver.press("Return")
    assert not shown.isVisible()


async def test_an_error_with_a_place_of_any_length_is_whole_and_widens_nothing(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A label never breaks a word: the dialog grew as wide as the path."""

    async def full(*_args: object, **_others: object) -> frozenset[str]:
        raise StoreFull(english(f"The disk of /{'x' * 300} is full."))

    monkeypatch.setattr(Conversations, "create_all", full)
    shown = await dialog(driver, ImportDialog, "Ctrl+O")
    width = shown.width()
    driver.press("Return")
    await name_file(driver, shown, exported(tmp_path, "a"))
    await driver.until(lambda: offered(shown, "Import"))
    driver.press("Return")
    await driver.until(lambda: "Not imported" in said(shown))
    driver.pixels(shown)
    assert driver.focused.accessibleName() == "Close"
    assert (shown.width(), shown.minimumSizeHint().width() <= width) == (width, True)
    (told,) = (each for each in shown.findChildren(QLabel) if "x" * 300 in each.text())
    assert shown.rect().contains(told.geometry())
    assert told.height() >= told.heightForWidth(told.width()) > 60
