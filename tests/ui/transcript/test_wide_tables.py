"""Tables of hundreds of columns: the first are shown, all of them are saved, and the window does not stall."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from desktop.markdown.table_csv import MOST_COLUMNS, TABLE_LINK, table_csv, table_link
from desktop.system.external_programs import Launch
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, prompt
from tests.ui.transcript.test_bad_input import Watch
from tests.ui.waiting import until
from ui.transcript.list.message_list import MessageList
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.transcript_view import TranscriptView
from ui.widgets.save_dialog import EXPORT_FORBIDDEN

STALL_S = 0.7
"""Aimed at is a tenth; the rest is room for slow machines."""


def table(columns: int, rows: int = 30) -> str:
    def row(word: str) -> str:
        return "|" + "|".join(f"{word}{n}" for n in range(columns)) + "|\n"

    return row("head") + "|" + "---|" * columns + "\n" + "".join(row(f"cell{number}x") for number in range(rows))


def said(view: TranscriptView) -> str:
    slabs = [slab for slab in view.rows[-1].slabs if isinstance(slab, BodySlab)]
    return "".join(segment.text for slab in slabs for segment in slab.segments)


@pytest.mark.parametrize("columns", [200, 1_000, 2_000])
async def test_a_wide_table_is_cut_and_stalls_nothing(show: Show, columns: int) -> None:
    """Of short cells: a row of more than 10,000 characters is no table but text."""
    row = "|" + "x|" * columns + "\n"
    show([prompt("?"), answer(table(3))])  # fonts are loaded with the first
    QApplication.processEvents()
    watch = Watch()
    views: list[TranscriptView] = []
    watch(lambda: views.append(show([prompt("?"), answer(row + "|" + "-|" * columns + "\n" + row * 30)])))
    messages = views[0].findChild(MessageList)
    assert messages is not None
    messages.scroll_by(-100_000)

    def is_made() -> bool:
        watch(QApplication.processEvents)
        return f"Show all {columns} columns" in said(views[0])

    await until(is_made)
    first, _, _ = said(views[0]).partition("Show all")
    assert first.count("x") == MOST_COLUMNS
    assert watch.longest < STALL_S


def test_a_table_of_as_many_columns_as_are_shown_is_whole(show: Show) -> None:
    view = show([prompt("?"), answer(table(MOST_COLUMNS))])
    assert "Show all" not in said(view)
    assert f"head{MOST_COLUMNS - 1}" in said(view)


def test_the_link_saves_all_columns_and_opens_them(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def take(path: str) -> Launch:
        opened.append(path)
        return Launch(None)

    monkeypatch.setattr("ui.base.link_opener.launch", take)
    view = show([prompt("?"), answer("Before.\n\n" + table(200, rows=60) + "\n\nAfter.")])
    messages = view.findChild(MessageList)
    assert messages is not None
    messages.link_wanted.emit(table_link([f"head{n}" for n in range(200)]))
    dialog = view.findChild(QFileDialog)
    assert dialog is not None
    path = tmp_path / "table.csv"
    dialog.fileSelected.emit(str(path))
    written = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
    assert [len(written), {len(row) for row in written}] == [61, {200}]
    assert (written[0][199], written[60][0]) == ("head199", "cell59x0")
    assert opened == [str(path)]
    dialog.close()


def test_where_exports_are_forbidden_it_says_so(show: Show) -> None:
    view = show([prompt("?"), answer(table(80))])
    view.window().setProperty(EXPORT_FORBIDDEN, "Your organization does not allow exporting.")
    messages = view.findChild(MessageList)
    assert messages is not None
    messages.link_wanted.emit(table_link([f"head{n}" for n in range(80)]))
    box = view.findChild(QMessageBox)
    assert box is not None
    assert "does not allow exporting" in box.text()
    assert view.findChild(QFileDialog) is None
    box.close()


def test_cells_are_no_formulas_of_a_spreadsheet_and_numbers_stay() -> None:
    text = "| a | b | c |\n|---|---|---|\n| =1+2 | -5 | **x**\\|y |\n"
    assert table_csv(text, table_link(["a", "b", "c"])) == "a,b,c\r\n'=1+2,-5,x|y\r\n"
    assert table_csv(text, TABLE_LINK + "00000000") == ""
