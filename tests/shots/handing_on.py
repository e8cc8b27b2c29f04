"""Pictures of what leaves the program: copied, exported, printed, and code that can be saved."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from tests.shots.pictures import open_first, picture
from tests.shots.stage import Stage


@picture("export", size=(1366, 768))
@picture("export-dark", theme="dark", size=(1366, 768))
@picture("export-150-percent", scale=1.5, size=(1366, 768))
@picture("export-translated", size=(1366, 768), language="de")
@picture("export-right-to-left", size=(1366, 768), language="ar")
async def export(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    QTest.keyClick(stage.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    await stage.settle(1)
    for each in stage.window.findChildren(QAbstractButton):
        if each.isVisible() and each.text() == "DOCX":
            each.click()
    await stage.settle()


@picture("print", size=(1366, 768))
@picture("print-dark", theme="dark", size=(1366, 768))
@picture("print-translated", size=(1366, 768), language="de")
async def preview(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    QTest.keyClick(stage.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    await stage.settle(3)


@picture("copied", size=(1366, 768))
@picture("copied-translated", size=(1366, 768), language="de")
async def copied(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    transcript = next(each for each in stage.window.findChildren(QWidget) if type(each).__name__ == "MessageList")
    transcript.setFocus()
    QTest.keyClick(transcript, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await stage.settle(0.3)
