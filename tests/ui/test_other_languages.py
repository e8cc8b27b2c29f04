"""Import, export, panels and attached files in German and Arabic: words fit, figures and sides are the language's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QStandardPaths, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QLineEdit, QWidget

from desktop.services import Services
from tests.desktop.attachments import made_files
from tests.desktop.transfer.made import chatgpt_chat
from tests.ui.compare.test_panels_by_key import NEW, OLD, chart, show, talk
from tests.ui.driver import Driver, driven
from tests.ui.finding import said
from tests.ui.test_accessibility import nameless
from tests.ui.window.test_file_viewer import labels, opened
from tests.ui.window.test_given_files import drop, tiles, written
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.figures_panel import FiguresPanel
from ui.compare.marked_text import MarkedText
from ui.transfer.export_dialog import ExportDialog
from ui.transfer.import_dialog import ImportDialog, ReportView


def cut(around: QWidget) -> list[str]:
    """Buttons and lines of text that have less room than their words need."""
    found: list[str] = []
    for each in around.findChildren(QWidget):
        if isinstance(each, QAbstractButton) and each.isVisible() and each.text():
            found += [each.text()] if each.width() < each.minimumSizeHint().width() else []
        elif isinstance(each, QLabel) and each.isVisible() and each.text() and each.hasHeightForWidth():
            found += [each.text()] if each.height() < each.heightForWidth(each.width()) else []
    return found


def is_after(first: QWidget, second: QWidget) -> bool:
    """Whether a control lies behind another in the direction of reading."""
    window = first.window()
    ahead = second.mapTo(window, QPoint()).x() > first.mapTo(window, QPoint()).x()
    return ahead is (QApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight)


def dialog(driver: Driver, kind: type[QDialog]) -> QDialog:
    """A dialog that is open."""
    (found,) = (each for each in driver.window.findChildren(kind) if each.isVisible())
    return found


@pytest.mark.parametrize(
    ("language", "export", "import_", "cancel", "told", "listed"),
    [
        ("de", "Exportieren", "Importieren", "Abbrechen", "1 Unterhaltung", "2 Unterhaltungen, 2 neu"),
        ("ar", "تصدير", "استيراد", "إلغاء", "محادثة", "محادثتان، اثنتان جديدتان"),
    ],
    indirect=["language"],
)
async def test_chats_go_out_and_come_in(
    language: str,
    export: str,
    import_: str,
    cancel: str,
    told: str,
    listed: str,
    services: Services,
    tasks: Tasks,
    themes: Themes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def folder(_: QStandardPaths.StandardLocation) -> str:
        return str(tmp_path)

    del language
    monkeypatch.setattr(QStandardPaths, "writableLocation", folder)
    async with driven(services, tasks, themes, chat("Sky", 1)) as driver:
        driver.press("Ctrl+Shift+S")
        shown = dialog(driver, ExportDialog)
        await driver.until(lambda: driver.button(export).isEnabled())
        driver.pixels(shown)
        assert (cut(shown), nameless(shown)) == ([], [])
        assert is_after(driver.button(cancel), driver.button(export))
        (line,) = (each for each in shown.findChildren(QLineEdit) if each.isVisible())
        line.setText(str(tmp_path / "missing" / "a.json"))
        driver.click(driver.button(export))
        await driver.until(lambda: str(tmp_path) in said(shown))
        driver.pixels(shown)
        assert cut(shown) == []
        line.setText("a.json")
        driver.click(driver.button(export))
        await driver.until(lambda: told in said(shown))
        assert (tmp_path / "a.json").is_file()
        driver.press("Esc")
        driver.come_back()
        exports = written(tmp_path, "c.json", json.dumps([chatgpt_chat("a"), chatgpt_chat("b")]).encode())
        driver.press("Ctrl+O")
        shown = dialog(driver, ImportDialog)
        assert cut(shown) == []
        drop(shown, exports)
        await driver.until(lambda: any(each.isVisible() for each in shown.findChildren(ReportView)))
        (report,) = shown.findChildren(ReportView)
        top = report.topLevelItem(0)
        assert top is not None
        assert listed in top.data(0, Qt.ItemDataRole.AccessibleTextRole)
        await driver.until(lambda: driver.button(import_).isEnabled())
        driver.pixels(shown)
        assert (cut(shown), nameless(shown)) == ([], [])
        assert is_after(driver.button(cancel), driver.button(import_))
        driver.press("Esc")


@pytest.mark.parametrize(
    ("language", "cost", "dearest", "state"),
    [
        ("de", "Kosten", "scripted (1): 0,200 $.", "1 Unterschied"),
        ("ar", "التكلفة", "$0.200", "اختلاف واحد"),
    ],
    indirect=["language"],
)
async def test_panels_have_the_languages_figures_and_texts_keep_their_own_side(
    language: str, cost: str, dearest: str, state: str, services: Services, tasks: Tasks, themes: Themes
) -> None:
    del language
    async with driven(services, tasks, themes, width=1000, height=800) as driver:
        await show(driver, services, talk("a", OLD, 90, 0.2), talk("b", NEW, 60, 0.1))
        driver.press("Ctrl+Shift+G")
        assert dearest in chart(driver, cost).replace("\xa0", " ")
        (panel,) = driver.window.findChildren(FiguresPanel)
        driver.pixels(driver.window)
        assert cut(panel) == []
        driver.press("Ctrl+Shift+E")
        (panel,) = driver.window.findChildren(DifferencesPanel)
        driver.pixels(driver.window)
        assert (cut(panel), nameless(panel)) == ([], [])
        assert state in driver.said(panel)
        text = panel.findChildren(MarkedText)[0]
        inks = driver.pixels(text.viewport())
        ground = inks.pixelColor(inks.width() - 3, 20)
        assert any(inks.pixelColor(x, y) != ground for x in range(60) for y in range(40))


@pytest.mark.parametrize(
    ("language", "size", "of", "whole"),
    [("de", "10 Byte", "Datei 1 von 2", "Text"), ("ar", "10 بايتات", "الملف 1 من 2", "")],
    indirect=["language"],
)
async def test_attached_files_say_what_they_are_and_arrows_follow_the_eye(
    language: str, size: str, of: str, whole: str, services: Services, tasks: Tasks, themes: Themes, tmp_path: Path
) -> None:
    async with driven(services, tasks, themes, chat("Sky", 1)) as driver:
        editor = driver.window.pane.composer.editor
        drop(editor.viewport(), written(tmp_path, "a.txt", b"ten bytes!"), written(tmp_path, "b.pdf", PAGES))
        await driver.until(lambda: len(tiles(driver)) == 2)
        assert tiles(driver)[0] == f"a.txt, {size}"
        editor.setFocus()
        driver.press("Shift+Tab")
        driver.press("Home")
        driver.press("Return")
        shown = await opened(driver)
        shown.resize(shown.minimumWidth(), 600)
        driver.pixels(shown)
        assert of in labels(shown)
        assert whole in driver.focused.accessibleName()
        driver.press("Alt+Left" if language == "ar" else "Alt+Right")
        await driver.until(lambda: shown.windowTitle() == "b.pdf" and shown.is_ready)
        await driver.until(lambda: not cut(shown))
        assert nameless(shown) == []
        for each in (*shown.findChildren(QAbstractButton), *shown.findChildren(QLabel)):
            corner = each.mapTo(shown, each.rect().topRight())
            assert not each.isVisible() or shown.rect().contains(corner)


PAGES = made_files.pdf("This is a page with quite some words on it", "And this is another one with words")
