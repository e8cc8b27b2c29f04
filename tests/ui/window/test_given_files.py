"""Files dropped on the field, pasted into it or dropped on the transcript: text is inserted, others get a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.services import Services
from tests.ui.driver import Driver, driven
from tests.ui.window.test_reading_keys import chat
from ui.tasks import Tasks
from ui.theme import Themes

Place = Callable[[Driver], QWidget]
PLACES: tuple[Place, ...] = (
    lambda driver: driver.editor.viewport(),
    lambda driver: driver.transcript().viewport(),
)


def dropped(*paths: Path) -> QMimeData:
    """Files as a file manager gives them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(onto: QWidget, *paths: Path) -> None:
    """Drag files onto a widget and let them go there."""
    mime, copy = dropped(*paths), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at = onto.rect().center()
    QApplication.sendEvent(onto, QDragEnterEvent(at, copy, mime, left, none))
    QApplication.sendEvent(onto, QDropEvent(QPointF(at), copy, mime, left, none))


def dialogs(driver: Driver) -> list[str]:
    """The dialogs that are open."""
    return [each.windowTitle() for each in driver.window.findChildren(QDialog) if each.isVisible()]


@pytest.mark.parametrize("place", PLACES)
async def test_a_text_file_is_inserted_with_its_name_and_sent_by_nobody(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path, place: Place
) -> None:
    file = tmp_path / "notes.md"
    file.write_bytes("\ufeffZwei Gründe:\r\n```\ncode\n```\n".encode())
    async with driven(services, tasks, themes, chat("Long", 3)) as driver:
        driver.write("See")
        drop(place(driver), file)
        await driver.until(lambda: "notes.md" in driver.editor.toPlainText())
        assert driver.editor.toPlainText() == ("See\nnotes.md\n````text\nZwei Gründe:\n```\ncode\n```\n````\n")
        assert driver.focused is driver.editor
        assert dialogs(driver) == []
        assert driver.notices == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0", "is no text file"),
        ("paper.pdf", b"%PDF-1.7\nall letters", "is no text file"),
        ("old.txt", "Grün".encode("latin-1"), "is no text file"),
        ("long.txt", b"x" * 1_000_001, "longer than a prompt can be"),
        ("empty.txt", b"\n", "is empty"),
    ],
)
async def test_of_any_other_file_one_sentence_is_said_and_nothing_inserted(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path, place: Place, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    async with driven(services, tasks, themes, chat("Long", 3)) as driver:
        drop(place(driver), tmp_path / name)
        await driver.until(lambda: driver.notices)
        (notice,) = driver.notices
        assert notice.startswith(f"“{name}”")
        assert said in notice
        assert driver.editor.toPlainText() == ""
        assert dialogs(driver) == []


async def test_a_file_that_is_pasted_is_inserted_too(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    async with driven(services, tasks, themes) as driver:
        driver.editor.setFocus()
        QGuiApplication.clipboard().setMimeData(dropped(tmp_path / "a.py"))
        driver.press("Ctrl+V")
        await driver.until(lambda: driver.editor.toPlainText() == "a.py\n```text\nx = 1\n```\n")


async def test_an_export_on_the_transcript_is_imported_after_a_question_elsewhere_at_once(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path
) -> None:
    export = tmp_path / "export.zip"
    export.write_bytes(b"PK\x03\x04\0\0")
    async with driven(services, tasks, themes, chat("Long", 3)) as driver:
        drop(driver.transcript().viewport(), export)
        await driver.until(lambda: driver.notices)
        assert dialogs(driver) == []
        driver.push("Import…")
        await driver.until(lambda: dialogs(driver) == ["Import conversations"])
        for each in driver.window.findChildren(QDialog):
            each.close()
        drop(driver.window, export)
        await driver.until(lambda: dialogs(driver) == ["Import conversations"])


async def test_in_a_comparison_what_is_dropped_on_a_pane_goes_to_the_prompt_of_all(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("for all")
    async with driven(services, tasks, themes, chat("Long", 3)) as driver:
        driver.window.desk.add_pane()
        drop(driver.transcript().viewport(), tmp_path / "a.txt")
        await driver.until(lambda: "for all" in driver.window.workspace.prompt_editor.toPlainText())
