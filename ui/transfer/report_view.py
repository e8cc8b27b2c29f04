"""An import's report as a tree: files, and below each what is not carried over, item by item with the reason."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from desktop.phrases import Phrase
from desktop.transfer.import_report import FileReport, Report
from ui.strings import tr, trn
from ui.theme import Theme, Themes
from ui.transfer.report_text import file_line
from ui.widgets.tips import plain_tip

_MOST = 500
_TITLE_WIDTH = 220
_HEIGHT = 26

_Index = QModelIndex | QPersistentModelIndex


class ReportView(QTreeWidget):
    """Read from top to bottom by arrow keys; what is too long for its column is in the tooltip."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setAccessibleName(tr("What was found"))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(0, _TITLE_WIDTH)
        self.setItemDelegate(_Tall(self))
        self._recolour(themes.current)
        themes.changed.connect(self._recolour)

    def show_report(self, report: Report) -> None:
        """Show a report in the place of the one before."""
        self.clear()
        for file in report.files:
            top = _row(file_line(file), "")
            font = top.font(0)
            font.setBold(True)
            top.setFont(0, font)
            rows = list(_rows(file))
            top.addChildren(rows)
            self.addTopLevelItem(top)
            for each in (top, *rows):
                each.setFirstColumnSpanned(not each.text(1))
                each.setForeground(1, QColor(self._themes.current.muted))
            top.setExpanded(True)
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)

    @Slot(object)
    def _recolour(self, theme: Theme) -> None:
        """What is selected is tinted, not shouted."""
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Highlight, QColor(theme.tint))
        colours.setColor(QPalette.ColorRole.HighlightedText, QColor(theme.text))
        self.setPalette(colours)


class _Tall(QStyledItemDelegate):
    """Rows with room around their text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As wide as it is, higher than its text."""
        return QSize(super().sizeHint(option, index).width(), _HEIGHT)


def _rows(file: FileReport) -> Iterator[QTreeWidgetItem]:
    if file.problem:
        yield _spanned(_words(file.problem))
    if file.notice:
        yield _spanned(_words(file.notice))
    noted = [(each, reason) for each in file.items for reason in each.reasons]
    for each, reason in noted[:_MOST]:
        yield _row(" ".join(_words(each.title).split()) or tr("Untitled"), _words(reason))
    if len(noted) > _MOST:
        yield _spanned(trn("… and {n} more note", "… and {n} more notes", len(noted) - _MOST))
    if not noted and not file.problem:
        yield _spanned(tr("All of it can be carried over.") if file.items else tr("No conversation."))


def _words(text: str) -> str:
    """Our own words in the user's language; titles and what others wrote as they stand."""
    return tr(text) if isinstance(text, Phrase) else text


def _row(first: str, second: str) -> QTreeWidgetItem:
    made = QTreeWidgetItem([first, second])
    made.setToolTip(0, plain_tip(first))
    made.setToolTip(1, plain_tip(second))
    made.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{first}: {second}" if second else first)
    return made


def _spanned(text: str) -> QTreeWidgetItem:
    made = _row("", text)
    made.setText(0, text)
    made.setText(1, "")
    made.setToolTip(0, plain_tip(text))
    made.setData(0, Qt.ItemDataRole.AccessibleTextRole, text)
    return made
