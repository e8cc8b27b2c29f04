"""The buttons of the viewer by keyboard and mouse: none is dead, and none passes its press on to a neighbour."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from tests.desktop.attachments import made_files
from tests.ui.driver import Driver
from tests.ui.finding import named
from tests.ui.window.test_file_viewer import given, labels, opened
from tests.ui.window.test_given_files import written
from ui.attachments.file_viewer import FileViewer
from ui.attachments.picture_view import PictureView

LONG = "a_name_that_never_ends_" * 4


def enabled(viewer: FileViewer) -> dict[str, bool]:
    """The buttons of the bar that are seen, and whether they can be pressed."""
    bar = viewer.bar.findChildren(QToolButton)
    return {each.accessibleName(): each.isEnabled() for each in bar if each.isVisible()}


async def seen(driver: Driver, tmp_path: Path, name: str, data: bytes) -> FileViewer:
    """The viewer with a file in it."""
    await given(driver, written(tmp_path, name, data))
    driver.press("Return")
    return await opened(driver)


def turn(view: PictureView, eighths: int, held: Qt.KeyboardModifier) -> None:
    """Turn the wheel over the middle of a picture."""
    at = QPointF(view.viewport().rect().center())
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    place = view.viewport().mapToGlobal(at)
    event = QWheelEvent(at, place, QPoint(), QPoint(0, eighths), none, held, phase, False)
    QApplication.sendEvent(view.viewport(), event)


async def test_the_last_page_leaves_the_keyboard_on_the_page_and_a_press_more_changes_nothing(
    driver: Driver, tmp_path: Path
) -> None:
    """Space on Next page went on to Smaller, and made the page smaller from then on."""
    shown = await seen(driver, tmp_path, "scan.pdf", made_files.pdf("", ""))
    named(shown, QToolButton, "Next page").setFocus()
    driver.press("Space")
    await driver.until(lambda: "Page 2 of 2" in labels(shown) and shown.is_ready)
    assert driver.focused.accessibleName() == "scan.pdf, page 2 of 2"
    assert not enabled(shown)["Next page"]
    before = driver.pixels(shown.picture)
    driver.press("Space")
    assert driver.pixels(shown.picture) == before
    driver.press("PgUp")
    await driver.until(lambda: "Page 1 of 2" in labels(shown) and shown.is_ready)
    assert (enabled(shown)["Previous page"], enabled(shown)["Next page"]) == (False, True)


async def test_the_last_file_leaves_the_keyboard_on_it(driver: Driver, tmp_path: Path) -> None:
    picture = written(tmp_path, "a.png", made_files.photo(800, kind="PNG"))
    await given(driver, picture, written(tmp_path, "b.txt", b"words"))
    driver.press("Home")
    driver.press("Return")
    shown = await opened(driver)
    driver.click(named(shown, QToolButton, "Actual size"))
    named(shown, QToolButton, "Next file").setFocus()
    driver.press("Space")
    await driver.until(lambda: shown.windowTitle() == "b.txt" and shown.is_ready)
    assert driver.focused.accessibleName() == "Text of b.txt"
    assert enabled(shown) == {"Previous file": True, "Next file": False}
    assert "File 2 of 2" in labels(shown)
    driver.press("Alt+Left")
    await driver.until(lambda: shown.windowTitle() == "a.png" and shown.is_ready)
    named(shown, QToolButton, "Larger").setFocus()
    driver.press("Alt+Right")
    await driver.until(lambda: shown.windowTitle() == "b.txt" and shown.is_ready)
    assert driver.focused.accessibleName() == "Text of b.txt"


async def test_a_zoom_that_can_go_no_further_says_so(driver: Driver, tmp_path: Path) -> None:
    """Larger and Smaller could be pressed for ever, and nothing came of it."""
    shown = await seen(driver, tmp_path, "a.png", made_files.photo(400, 300, kind="PNG"))
    assert enabled(shown)["Fit to window"] is False
    for name, keys, zoom in (("Larger", "+", "800%"), ("Smaller", "-", "5%")):
        for _ in range(30):
            driver.press(keys)
        assert (enabled(shown)[name], shown.bar.zoom) == (False, zoom)
    driver.press("Ctrl++")
    assert enabled(shown)["Smaller"]
    named(shown, QToolButton, "Smaller").setFocus()
    driver.press("Space")
    assert isinstance(driver.focused, PictureView)
    driver.press("Ctrl+0")
    assert enabled(shown)["Fit to window"] is False


async def test_a_picture_is_drawn_about_and_zoomed_by_the_mouse(driver: Driver, tmp_path: Path) -> None:
    shown = await seen(driver, tmp_path, "a.jpg", made_files.photo(3000, 2400))
    view, middle = shown.picture, shown.picture.viewport().rect().center()
    left = Qt.MouseButton.LeftButton
    assert view.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor
    QTest.mouseDClick(view.viewport(), left, Qt.KeyboardModifier.NoModifier, middle)
    assert "100%" in labels(shown)
    assert view.viewport().cursor().shape() is Qt.CursorShape.OpenHandCursor
    before = driver.pixels(view)
    QTest.mousePress(view.viewport(), left, Qt.KeyboardModifier.NoModifier, middle)
    assert view.viewport().cursor().shape() is Qt.CursorShape.ClosedHandCursor
    QTest.mouseMove(view.viewport(), middle + QPoint(90, 60))
    QTest.mouseRelease(view.viewport(), left, Qt.KeyboardModifier.NoModifier, middle + QPoint(90, 60))
    assert view.viewport().cursor().shape() is Qt.CursorShape.OpenHandCursor
    assert driver.pixels(view) != before
    turn(view, 60, Qt.KeyboardModifier.ControlModifier)
    assert "100%" in labels(shown)
    turn(view, 60, Qt.KeyboardModifier.ControlModifier)
    assert "125%" in labels(shown)
    down = view.verticalScrollBar().value()
    turn(view, -120, Qt.KeyboardModifier.NoModifier)
    assert view.verticalScrollBar().value() > down
    assert "125%" in labels(shown)
    QTest.mouseDClick(view.viewport(), left, Qt.KeyboardModifier.NoModifier, middle)
    assert not enabled(shown)["Fit to window"]


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
async def test_long_names_and_places_break_and_nothing_is_cut_in_the_narrowest_window(
    driver: Driver, tmp_path: Path, direction: Qt.LayoutDirection
) -> None:
    """What a model gets of a file, and where it was saved, ran out of the window."""
    QApplication.setLayoutDirection(direction)
    try:
        shown = await seen(driver, tmp_path, f"{LONG}.zzz.txt", b"words")
        shown.say(f"Saved as /{LONG * 4}.")
        shown.resize(shown.minimumWidth(), 600)
        await driver.until(lambda: shown.width() == shown.minimumWidth())
        driver.pixels(shown)
        assert shown.minimumSizeHint().width() <= shown.width()
        for each in (shown.gets, shown.said):
            assert shown.rect().contains(each.geometry())
            assert each.height() >= each.heightForWidth(each.width()) > each.line_height
        assert shown.name.accessibleName() == f"{LONG}.zzz.txt"
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
