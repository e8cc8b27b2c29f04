from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication

from tests.ui.sidebar.test_entries import one
from ui.sidebar.entries import SidebarItem
from ui.sidebar.entry_delegate import _from_the_word


def test_a_snippet_begins_with_the_whole_of_a_compound_where_it_fits(qapp: QApplication) -> None:
    del qapp
    text = "Warum bricht meine Datenbankverbindung ab?"
    start = text.index("verbindung")
    item = SidebarItem(one("a/x", "t"), snippet=text, marks=((start, start + 10),))
    measure = QFontMetrics(QFont())
    whole = measure.horizontalAdvance("…Datenbankverbindung…")
    for room, begins in (
        (whole * 2, text[:5]),
        (round(whole * 1.2), "…Datenbank"),
        (round(whole * 0.8), "…verbindung"),
    ):
        shown = _from_the_word(item, measure, room)
        assert shown.snippet.startswith(begins)
        assert [shown.snippet[first:end] for first, end in shown.marks] == ["verbindung"]
