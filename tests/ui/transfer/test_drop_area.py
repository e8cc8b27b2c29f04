"""Small parts of the dialogs: progress, the place to drop on, the words, pages that are dark on white."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from desktop.transfer.import_report import FileReport, ItemState, Report, ReportItem
from tests.cpu_time import assert_growth
from ui.base.theme import Themes
from ui.transfer import report_text
from ui.transfer.drop_area import DropArea, ProgressLine, dropped
from ui.transfer.import_dialog import ReportView


def item(state: ItemState, *, is_comparison: bool = False, reasons: tuple[str, ...] = ()) -> ReportItem:
    return ReportItem(title="t", state=state, messages=2, is_comparison=is_comparison, reasons=reasons)


def report(*items: ReportItem, problem: str = "", stopped: bool = False) -> Report:
    return Report(files=(FileReport(name="x", format="F", items=items, problem=problem),), stopped=stopped)


def test_what_was_found_is_said_in_words() -> None:
    new, here = item(ItemState.NEW), item(ItemState.HERE)
    assert report_text.found(report(new, new, item(ItemState.NEW, is_comparison=True))) == (
        "2 conversations with 6 messages and 1 comparison to import"
    )
    assert report_text.found(report(here)) == "There is nothing new to import."
    assert report_text.found(report(problem="no")) == "Nothing can be imported."
    assert report_text.rest(report(here, here, item(ItemState.BROKEN))) == "2 already in Paragone · 1 unreadable"
    assert report_text.imported(report(new, stopped=True)) == "Stopped: 1 conversation with 2 messages imported"


def test_progress_is_drawn_by_its_share(themes: Themes) -> None:
    line = ProgressLine("Progress")
    line.resize(100, 6)
    line.show_done(1, 2)
    image = line.grab().toImage()
    assert image.pixelColor(25, 3) == QColor(themes.current.accent)
    assert image.pixelColor(75, 3) != QColor(themes.current.accent)
    line.show_done(0, 0)
    assert line.maximum() == 1


def test_only_files_of_this_computer_are_taken(themes: Themes) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://host/a.json"), QUrl.fromLocalFile("/a b.json")])
    assert dropped(data) == [Path("/a b.json")]
    assert dropped(QMimeData()) == []
    area = DropArea("Drop", themes)
    assert [each.accessibleName() for each in (area.choose, area.choose_folder)] == [
        "Choose files…",
        "Choose folder…",
    ]


def test_a_long_report_is_cut_and_says_so(themes: Themes) -> None:
    view = ReportView(themes)
    view.show_report(report(*(item(ItemState.EMPTY, reasons=(f"no {number}",)) for number in range(700))))
    top = view.topLevelItem(0)
    assert top is not None
    last = top.child(top.childCount() - 1)
    assert last is not None
    assert (top.childCount(), last.text(0)) == (501, "… and 200 more notes")
    themes.choose("dark")
    assert view.palette().highlight().color() == QColor(themes.current.tint)


def test_of_thousands_of_files_those_are_listed_of_which_there_is_something_to_say(themes: Themes) -> None:
    view = ReportView(themes)
    whole = [FileReport(name=f"{number}", items=(item(ItemState.NEW),)) for number in range(3_000)]
    view.show_report(Report(files=(*whole, FileReport(name="bad", problem="The file is empty."))))
    tops = [view.topLevelItem(place) for place in range(view.topLevelItemCount())]
    said = [top.text(0) for top in tops if top is not None]
    assert (len(said), said[0], said[-1]) == (501, "bad", "… and 2,501 more files")
    assert all(top is not None and top.isExpanded() for top in tops[:-1])


def test_a_report_of_many_files_is_shown_in_a_moment(themes: Themes, qtbot: QtBot) -> None:
    view = ReportView(themes)
    qtbot.addWidget(view)
    view.show()
    files = tuple(FileReport(name=f"{number}", items=(item(ItemState.NEW),)) for number in range(500))

    assert_growth(lambda many: view.show_report(Report(files=files[:many])), 100, 500, at_most=20)


def test_titles_of_others_are_no_rich_text_in_tooltips(themes: Themes) -> None:
    view = ReportView(themes)
    hostile = "<img src='file:///etc/passwd'>"
    view.show_report(
        Report(
            files=(FileReport(name="x", items=(ReportItem(title=hostile, state=ItemState.BROKEN, reasons=("no",)),)),)
        )
    )
    top = view.topLevelItem(0)
    assert top is not None
    child = top.child(0)
    assert child is not None
    assert child.text(0) == hostile
    assert "<img" not in child.toolTip(0)
    assert "&lt;img" in child.toolTip(0)
