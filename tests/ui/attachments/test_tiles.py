"""Tiles of attached files in the field: read from either side, in any theme, with names of any length and script."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from desktop.services import Services
from tests.desktop.attachments import made_files
from tests.ui.driver import Driver, driven
from tests.ui.finding import named
from tests.ui.ink import RIGHT, read_from
from tests.ui.test_accessibility import nameless
from tests.ui.window.test_file_viewer import given, labels, opened, viewer
from tests.ui.window.test_given_files import drop, tiles, written
from tests.ui.window.test_reading_keys import chat
from ui.attachments.tile_row import AttachmentTile, TileRow
from ui.base.tasks import Tasks
from ui.base.theme import Themes

LONG = "Jahresabschlussprüfungsbericht" * 3


def tile(driver: Driver, name: str) -> AttachmentTile:
    """The tile of a file."""
    (found,) = (
        each
        for each in driver.window.findChildren(AttachmentTile)
        if each.isVisible() and each.accessibleName().startswith(name)
    )
    return found


async def test_a_long_name_makes_no_tile_wider_and_is_whole_to_screen_readers_and_in_its_tip(
    driver: Driver, tmp_path: Path
) -> None:
    files = [written(tmp_path, name, name.encode()) for name in (f"{LONG}.txt", "تقرير.txt", "<b>&amp.txt")]
    await given(driver, *files)
    assert [each.partition(",")[0] for each in tiles(driver)] == [file.name for file in files]
    assert (
        driver.focused.accessibleDescription()
        == "Sent with the prompt. Press Enter to open the file, Delete to remove it."
    )
    long, arabic, odd = (tile(driver, file.name) for file in files)
    assert long.width() < 300
    assert LONG in long.toolTip()
    assert "&lt;b&gt;" in odd.toolTip()
    (shown,) = (each.text() for each in long.findChildren(QLabel) if "…" in each.text())
    assert shown.startswith("Jahres")
    assert shown.endswith(".txt")
    for each in (long, arabic, odd):
        assert named(each, QToolButton, f"Remove {each.part.name}").toolTip()
    assert nameless(long) == []


async def test_keys_follow_the_eye_where_it_is_read_from_the_right(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path
) -> None:
    with read_from(RIGHT):
        async with driven(services, tasks, themes, chat("Sky", 1)) as driver:
            await given(driver, *(written(tmp_path, f"{name}.txt", name.encode()) for name in "abc"))
            first, last = tile(driver, "a.txt"), tile(driver, "c.txt")
            assert first.mapTo(driver.window, QPoint()).x() > last.mapTo(driver.window, QPoint()).x()
            assert driver.focused is last
            driver.press("Right")
            assert driver.focused is tile(driver, "b.txt")
            driver.press("Home")
            assert driver.focused is first
            driver.press("Right")
            assert driver.focused is first
            driver.press("Left")
            driver.press("Delete")
            assert tiles(driver) == ["a.txt, 1 byte", "c.txt, 1 byte"]
            assert driver.focused is last


async def test_only_a_press_that_ends_where_it_began_opens_a_tile(driver: Driver, tmp_path: Path) -> None:
    await given(driver, written(tmp_path, "a.txt", b"words"))
    pressed, left = tile(driver, "a.txt"), Qt.MouseButton.LeftButton
    QTest.mousePress(pressed, left, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    QTest.mouseRelease(pressed, left, Qt.KeyboardModifier.NoModifier, QPoint(20, -60))
    assert not driver.sees("File a.txt")
    QTest.mouseClick(pressed, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    assert not driver.sees("File a.txt")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), pressed.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(pressed, event)
    driver.choose("Open")
    viewer(driver).activateWindow()
    shown = await opened(driver)
    assert "5 bytes" in labels(shown)


async def test_pictures_and_icons_keep_their_colours_in_every_theme(
    driver: Driver, tmp_path: Path, themes: Themes
) -> None:
    await given(driver, written(tmp_path, "a.png", made_files.photo(kind="PNG")), written(tmp_path, "b.txt", b"x"))
    picture, icon = (tile(driver, name) for name in ("a.png", "b.txt"))
    driver.editor.setFocus()
    seen: set[bytes] = set()
    for choice in ("light", "dark", "high-contrast"):
        themes.choose(choice)
        label = picture.findChildren(QLabel)[0]
        shown = driver.pixels(picture)
        at = label.mapTo(picture, label.rect().center()) - QPoint(8, 6)
        assert shown.pixelColor(at) == QColor(220, 0, 0)
        drawn = driver.pixels(icon.findChildren(QLabel)[0])
        colours = {drawn.pixelColor(x, y).name() for x in range(drawn.width()) for y in range(drawn.height())}
        assert themes.current.muted.lower() in colours
        seen.add(bytes(shown.constBits()))
    assert len(seen) == 3
    themes.choose("light")


async def test_many_tiles_in_a_narrow_window_scroll_and_leave_the_field_its_room(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path
) -> None:
    async with driven(services, tasks, themes, chat("Sky", 1), width=560, height=420) as driver:
        paths = [written(tmp_path, f"{number}{LONG}.txt", b"%d" % number) for number in range(6)]
        drop(driver.editor.viewport(), *paths)
        await driver.until(lambda: len(tiles(driver)) == 6)
        row = driver.find(TileRow, "Attachments")
        assert driver.window.width() == 560
        assert row.width() <= driver.window.width()
        assert row.horizontalScrollBar().maximum() > 0
        driver.editor.setFocus()
        driver.press("Shift+Tab")
        for key, name in (("Home", "0"), ("End", "5")):
            driver.press(key)
            at = driver.focused
            assert at.accessibleName().startswith(name)
            assert row.viewport().rect().contains(at.mapTo(row.viewport(), at.rect().center()))
        for left in range(5, -1, -1):
            driver.press("Backspace")
            assert len(tiles(driver)) == left
        assert not row.isVisible()
        assert driver.focused is driver.editor
