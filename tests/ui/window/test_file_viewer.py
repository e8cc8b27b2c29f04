"""The viewer of attached files, opened from the tiles of what is typed and of prompts that were sent."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QPlainTextEdit, QWidget

from desktop.domain.conversation_types import Message
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.services import Services
from desktop.transfer.export import export_writer
from tests.desktop.attachments import made_files
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from tests.ui.test_accessibility import nameless, unreached
from tests.ui.window.test_given_files import drop, tiles, written
from tests.ui.window.test_reading_keys import chat
from ui.attachments.file_viewer import FileViewer
from ui.attachments.picture_view import PictureView
from ui.attachments.tile_row import AttachmentTile
from ui.base.commands import COMMANDS, Command
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.message.files_slab import FilesSlab

SIZES = (("a", 1200), ("b", 900))


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window with a chat in it."""
    async with driven(services, tasks, themes, chat("Long", 3)) as made:
        yield made


def viewer(driver: Driver) -> FileViewer:
    """The viewer that is open."""
    (found,) = (each for each in driver.window.findChildren(FileViewer) if each.isVisible())
    return found


async def opened(driver: Driver) -> FileViewer:
    """The viewer once it shows what there is."""
    await driver.until(lambda: any(each.isVisible() for each in driver.window.findChildren(FileViewer)))
    shown = viewer(driver)
    await driver.until(lambda: shown.is_ready and shown.isActiveWindow())
    return shown


async def given(driver: Driver, *paths: Path) -> None:
    """Files that go with what is typed, the keyboard on the last one."""
    drop(driver.editor.viewport(), *paths)
    await driver.until(lambda: len(tiles(driver)) == len(paths))
    driver.editor.setFocus()
    driver.press("Shift+Tab")


def with_files(*files: ImagePart | FilePart) -> Message:
    """A prompt that was sent with files."""
    asked = prompt("What is it?")
    return structs.replace(asked, parts=(*asked.parts, *files))


def labels(of: QWidget) -> str:
    """All that labels of the viewer say."""
    return "\n".join(each.text() for each in of.findChildren(QLabel) if each.isVisible())


async def test_enter_opens_a_text_and_esc_goes_back_to_its_tile(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "a.md", b"<b>bold</b>\nand more"))
    driver.press("Return")
    shown = await opened(driver)
    assert isinstance(driver.focused, QPlainTextEdit)
    assert driver.focused.accessibleName() == "Text of a.md"
    assert driver.focused.toPlainText() == "<b>bold</b>\nand more"
    assert driver.focused.isReadOnly()
    assert "a.md" in labels(shown)
    assert "20 bytes" in labels(shown)
    assert "receives the text of a.md" in labels(shown)
    assert "~" in labels(shown)
    driver.press("Esc")
    assert not shown.isVisible()
    driver.come_back()
    assert isinstance(driver.focused, AttachmentTile)


async def test_a_click_opens_a_picture_that_is_zoomed_by_keys(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "a.jpg", made_files.photo(2000, 1500)))
    driver.click(driver.focused, QPoint(20, 20))
    shown = await opened(driver)
    view = driver.focused
    assert isinstance(view, PictureView)
    assert view.accessibleName() == "Image a.jpg"
    assert view.fits
    assert view.zoom < 1
    seen = view.viewport().grab().toImage()
    middle = seen.pixelColor(seen.width() // 2 - 30, seen.height() // 2 - 30)
    assert middle.red() > 200
    assert middle.green() < 60
    driver.press("1")
    assert view.zoom == 1
    driver.press("+")
    assert view.zoom == 1.25
    driver.press("-")
    assert view.zoom == 1
    assert "100%" in labels(shown)
    driver.press("Right")
    assert view.horizontalScrollBar().value() > 0
    driver.press("0")
    assert view.fits


async def test_arrows_go_to_the_other_files_of_the_prompt(driver: Driver, tmp_path: Path) -> None:
    png, text = written(tmp_path, "a.png", made_files.photo(kind="PNG")), written(tmp_path, "b.txt", b"second")
    await given(driver, png, text)
    driver.press("Left")
    driver.press("Space")
    shown = await opened(driver)
    assert "File 1 of 2" in labels(shown)
    driver.press("Right")
    await driver.until(lambda: shown.windowTitle() == "b.txt" and shown.is_ready)
    assert isinstance(driver.focused, QPlainTextEdit)
    driver.press("Alt+Left")
    await driver.until(lambda: shown.windowTitle() == "a.png" and shown.is_ready)
    assert isinstance(driver.focused, PictureView)


async def test_pages_of_a_scan_are_turned(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "scan.pdf", made_files.pdf("", "", "")))
    driver.press("Return")
    shown = await opened(driver)
    assert "Page 1 of 3" in labels(shown)
    driver.press("PgDown")
    await driver.until(lambda: "Page 2 of 3" in labels(shown) and shown.is_ready)
    assert driver.focused.accessibleName() == "scan.pdf, page 2 of 3"
    driver.press("PgUp")
    await driver.until(lambda: "Page 1 of 3" in labels(shown))


async def test_pages_of_a_document_with_text_are_seen_and_so_is_its_text(driver: Driver, tmp_path: Path) -> None:
    said = "This is a page with quite some words on it"
    await given(driver, written(tmp_path, "doc.pdf", made_files.pdf(said, f"{said} too")))
    driver.press("Return")
    shown = await opened(driver)
    assert isinstance(driver.focused, PictureView)
    assert driver.focused.accessibleName() == "doc.pdf, page 1 of 2"
    first = driver.focused.viewport().grab().toImage()
    driver.press("PgDown")
    await driver.until(lambda: driver.focused.accessibleName() == "doc.pdf, page 2 of 2" and shown.is_ready)
    assert driver.focused.viewport().grab().toImage() != first
    (form,) = (each for each in shown.findChildren(QAbstractButton) if each.isVisible() and each.text() == "Text")
    driver.click(form)
    await driver.until(lambda: shown.text.isVisible() and shown.is_ready)
    assert f"[Page 2]\n{said} too" in shown.text.toPlainText()


async def test_pages_keep_the_zoom_and_begin_at_their_top_and_each_turn_is_heard(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def hear(_: QWidget, text: str) -> None:
        heard.append(text)

    monkeypatch.setattr("ui.attachments.file_viewer.announce", hear)
    await given(driver, written(tmp_path, "scan.pdf", made_files.pdf("", "", "")))
    driver.press("Return")
    shown = await opened(driver)
    driver.press("1")
    driver.press("+")
    assert heard == ["100%", "125%"]
    for _ in range(3):
        driver.press("Down")
    assert shown.picture.verticalScrollBar().value() > 0
    driver.press("PgDown")
    await driver.until(lambda: shown.picture.accessibleName() == "scan.pdf, page 2 of 3" and shown.is_ready)
    assert (shown.picture.zoom, shown.picture.verticalScrollBar().value()) == (1.25, 0)
    assert heard[2:] == ["scan.pdf, page 2 of 3"]
    driver.press("End")
    await driver.until(lambda: "Page 3 of 3" in labels(shown) and shown.is_ready)
    driver.press("Home")
    await driver.until(lambda: "Page 1 of 3" in labels(shown) and shown.is_ready)


async def test_the_text_of_a_document_begins_at_the_page_that_was_looked_at_and_keys_read_on(
    driver: Driver, tmp_path: Path
) -> None:
    said = "This is a page with quite some words on it. " * 20
    await given(driver, written(tmp_path, "doc.pdf", made_files.pdf(*[f"{n} {said}" for n in range(60)])))
    driver.press("Return")
    shown = await opened(driver)
    driver.press("PgDown")
    await driver.until(lambda: "Page 2 of" in labels(shown) and shown.is_ready)
    (form,) = (each for each in shown.findChildren(QAbstractButton) if each.isVisible() and each.text() == "Text")
    driver.click(form)
    await driver.until(lambda: shown.text.isVisible() and shown.is_ready)
    assert shown.text.textCursor().block().text() == "[Page 2]"
    assert shown.text.firstVisibleBlock().text() == "[Page 2]"
    before = shown.text.verticalScrollBar().value()
    driver.press("PgDown")
    assert shown.text.verticalScrollBar().value() > before
    driver.press("Home")
    assert shown.text.verticalScrollBar().value() == 0


async def test_what_is_not_read_yet_has_the_name_of_its_file(driver: Driver, tmp_path: Path) -> None:
    text, png = written(tmp_path, "a.txt", b"first"), written(tmp_path, "b.png", made_files.photo(kind="PNG"))
    await given(driver, text, png)
    driver.press("Left")
    driver.press("Return")
    shown = await opened(driver)
    driver.press("Alt+Right")
    assert driver.focused.accessibleName() == "b.png"
    await driver.until(lambda: driver.focused is shown.picture and shown.is_ready)
    assert driver.focused.accessibleName() == "Image b.png"


async def test_a_prompt_that_was_sent_opens_by_a_click_and_by_key(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    photo = await services.attachments.take(made_files.photo(), "photo.jpg")
    notes = await services.attachments.take(b"notes", "notes.txt")
    asked = with_files(photo.part, notes.part)
    async with driven(services, tasks, themes, conversation(asked, finished(answer(asked), "A square."))) as driver:
        messages = driver.transcript()
        ((top, slab),) = ((each.top, each.slab) for each in messages.placed if isinstance(each.slab, FilesSlab))
        box = slab.tiles(messages.column[1])[1].box
        at = box.center() + QPoint(messages.column[0], top)
        driver.click(messages.viewport(), at)
        shown = await opened(driver)
        assert shown.windowTitle() == "notes.txt"
        assert not driver.sees("Remove")
        driver.press("Esc")
        driver.come_back()
        assert driver.focused is messages
        driver.press("Home")
        driver.press(COMMANDS[Command.FILES].keys)
        assert (await opened(driver)).windowTitle() == "photo.jpg"


async def test_a_file_is_saved_as_it_was_attached(driver: Driver, tmp_path: Path) -> None:
    data = made_files.photo()
    await given(driver, written(tmp_path, "a.jpg", data))
    driver.press("Return")
    shown = await opened(driver)
    driver.press("Ctrl+S")
    (dialog,) = shown.findChildren(QFileDialog)
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.fileSelected.emit(str(tmp_path / "saved.jpg"))
    dialog.close()
    await driver.until(lambda: "Saved as" in labels(shown))
    assert (tmp_path / "saved.jpg").read_bytes() == data


async def test_a_full_disk_is_said_and_leaves_the_old_file(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    await given(driver, written(tmp_path, "a.txt", b"new"))
    driver.press("Return")
    shown = await opened(driver)
    old = written(tmp_path, "old.txt", b"old")
    driver.press("Ctrl+S")
    (dialog,) = shown.findChildren(QFileDialog)
    monkeypatch.setattr(export_writer.os, "fsync", full)
    dialog.fileSelected.emit(str(old))
    dialog.close()
    await driver.until(lambda: "No space left" in labels(shown))
    assert old.read_bytes() == b"old"


async def test_the_menu_of_a_tile_copies_it_and_takes_it_off(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "b.txt", b"words"), written(tmp_path, "a.png", made_files.photo(kind="PNG")))
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()

    def ask() -> None:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
        QApplication.sendEvent(driver.focused, event)

    ask()
    assert [each.text() for each in driver.menu.actions() if each.text()] == ["Open", "Save as…", "Copy", "Remove"]
    driver.choose("Copy")
    await driver.until(lambda: not clipboard.image().isNull())
    assert clipboard.image().pixelColor(10, 10) == QColor(220, 0, 0)
    ask()
    driver.choose("Remove")
    assert tiles(driver) == ["b.txt, 5 bytes"]
    ask()
    driver.choose("Copy")
    await driver.until(lambda: clipboard.text() == "words")


async def test_a_file_is_taken_off_in_the_viewer(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "a.txt", b"one"), written(tmp_path, "b.txt", b"two"))
    driver.press("Return")
    shown = await opened(driver)
    driver.push("Remove")
    await driver.until(lambda: shown.windowTitle() == "a.txt" and shown.is_ready)
    driver.push("Remove")
    assert not shown.isVisible()
    driver.come_back()
    assert tiles(driver) == []
    assert driver.focused is driver.editor


async def test_a_long_text_holds_nothing_up_and_is_cut_with_a_word(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "long.txt", b"x" * 900_000))
    driver.press("Return")
    longest = 0.0
    shown = viewer(driver)
    while not (shown.is_ready and "Only the first" in labels(shown)):
        before = time.thread_time()
        QApplication.processEvents()
        longest = max(longest, time.thread_time() - before)
        await asyncio.sleep(0.001)
    assert "Only the first 500,000 characters are shown." in labels(shown)
    assert longest < 0.25  # all at once it would be many seconds
    await driver.until(shown.isActiveWindow)
    view = driver.focused
    assert isinstance(view, QPlainTextEdit)
    view.selectAll()
    driver.press("Ctrl+C")
    assert QGuiApplication.clipboard().text() == "x" * 500_000


async def test_a_file_that_is_gone_is_said(services: Services, tasks: Tasks, themes: Themes) -> None:
    gone = ImagePart(sha256="0" * 64, media_type="image/jpeg", name="gone.jpg", size=5)
    asked = with_files(gone)
    async with driven(services, tasks, themes, conversation(asked, finished(answer(asked), "A square."))) as driver:
        driver.transcript().setFocus()
        driver.press("Home")
        driver.press(COMMANDS[Command.FILES].keys)
        shown = await opened(driver)
        assert "gone.jpg no longer exists." in labels(shown)


async def test_a_tile_shows_that_it_has_the_keyboard(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "a.txt", b"one"))
    tile = driver.focused
    before = driver.pixels(tile)
    driver.editor.setFocus()
    assert driver.pixels(tile) != before


async def test_read_from_the_right_the_left_arrow_goes_on(driver: Driver, tmp_path: Path) -> None:
    QGuiApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        files = [written(tmp_path, f"{name}.png", made_files.photo(kind="PNG", width=size)) for name, size in SIZES]
        await given(driver, *files)
        driver.press("Right")
        driver.press("Return")
        shown = await opened(driver)
        assert shown.windowTitle() == "a.png"
        driver.press("Left")
        await driver.until(lambda: shown.windowTitle() == "b.png" and shown.is_ready)
        driver.press("Alt+Right")
        await driver.until(lambda: shown.windowTitle() == "a.png" and shown.is_ready)
    finally:
        QGuiApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


async def test_every_control_of_the_viewer_has_a_name_and_is_reached(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "scan.pdf", made_files.pdf("", "")), written(tmp_path, "a.txt", b"one"))
    driver.press("Left")
    driver.press("Return")
    shown = await opened(driver)
    assert nameless(shown) == []
    assert unreached(shown) == []


async def test_a_tile_in_a_prompt_has_a_hand_and_a_tip_of_plain_text(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    notes = await services.attachments.take(b"notes", "<b>notes</b>.txt")
    asked = with_files(notes.part)
    async with driven(services, tasks, themes, conversation(asked, finished(answer(asked), "So."))) as driver:
        messages = driver.transcript()
        ((top, slab),) = ((each.top, each.slab) for each in messages.placed if isinstance(each.slab, FilesSlab))
        at = slab.tiles(messages.column[1])[0].box.center() + QPoint(messages.column[0], top)
        QTest.mouseMove(messages.viewport(), at)
        hand = Qt.CursorShape.PointingHandCursor
        await driver.until(lambda: messages.viewport().cursor().shape() is hand)
        tip = messages.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert "&lt;" in tip or "<b>" not in tip
        QTest.mouseMove(messages.viewport(), at + QPoint(0, 60))
        await driver.until(lambda: messages.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "")


async def test_a_file_for_several_models_says_what_each_of_them_gets(driver: Driver, tmp_path: Path) -> None:
    driver.window.desk.add_pane()
    await driver.until(lambda: len(driver.window.workspace.line) == 2)
    composer = driver.window.workspace.composer
    drop(composer.editor.viewport(), written(tmp_path, "a.txt", b"one"))
    await driver.until(lambda: tiles(driver) == ["a.txt, 3 bytes"])
    (tile,) = (each for each in driver.window.findChildren(AttachmentTile) if each.isVisible())
    driver.click(tile, QPoint(20, 20))
    shown = await opened(driver)
    assert "receives the text of a.txt" in labels(shown)


async def test_opened_from_the_field_by_the_palette_esc_goes_back_to_the_field(driver: Driver) -> None:
    note = FilePart(name="a.txt", media_type="text/plain", sha256="0" * 64, size=4)
    driver.window.workspace.show_conversation(conversation(with_files(note), title="Files"))
    await driver.until(lambda: driver.window.pane.files.at_hand)
    driver.editor.setFocus()
    driver.press("Ctrl+K")
    driver.type("Open attached files")
    driver.press("Return")
    shown = await opened(driver)
    driver.press("Esc")
    assert not shown.isVisible()
    driver.come_back()
    assert driver.focused is driver.editor


async def test_files_at_hand_are_those_of_the_chat_that_is_shown(driver: Driver) -> None:
    def names() -> list[str]:
        return [each.name for each in driver.window.pane.files.at_hand]

    for name in ("a.txt", "b.txt"):
        note = FilePart(name=name, media_type="text/plain", sha256="0" * 64, size=4)
        asked = with_files(note)
        driver.window.workspace.show_conversation(conversation(asked, finished(answer(asked), "Read."), title=name))
        await driver.until(lambda name=name: names() == [name])
    driver.window.workspace.show_conversation(conversation(prompt("Nothing with it."), title="None"))
    await driver.until(lambda: names() == [])
