"""An import's report as a tree: files, below each what is not carried over, below that what it is said of."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

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
from desktop.transfer.import_notices import apart
from desktop.transfer.import_report import FileReport, Note, Report, ReportItem, notes
from ui.strings import number_text, tr, trn
from ui.theme import Theme, Themes
from ui.transfer.report_text import file_line, told_often
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
        self.setAccessibleName(tr("Results"))
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
        self.itemExpanded.connect(self._span)
        self._recolour(themes.current)
        themes.changed.connect(self._recolour)

    def show_report(self, report: Report) -> None:
        """Show a report in the place of the one before."""
        self.clear()
        tops = [self._file(each) for each in _listed(report.files)]
        if len(report.files) > _MOST:
            tops.append(_spanned(trn("… and {n} more file", "… and {n} more files", len(report.files) - _MOST)))
        self.addTopLevelItems(tops)  # all at once: each by itself would lay out all that are there
        self.expandToDepth(0)
        for top in tops:
            self._span(top)
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)

    def _file(self, file: FileReport) -> QTreeWidgetItem:
        """A file with what is said of it below."""
        top = _row(file_line(file), "")
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        rows = list(_rows(file))
        muted = QColor(self._themes.current.muted)
        for each in (top, *rows, *_below(rows)):
            each.setForeground(1, muted)
        top.addChildren(rows)
        return top

    @Slot(QTreeWidgetItem)
    def _span(self, row: QTreeWidgetItem) -> None:
        """Let it, and what is shown below it, go over both columns where it has no second one."""
        for each in (row, *_below([row])):
            each.setFirstColumnSpanned(not each.text(1))

    @Slot(object)
    def _recolour(self, theme: Theme) -> None:
        """What is selected is tinted, not shouted."""
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Highlight, QColor(theme.tint))
        colours.setColor(QPalette.ColorRole.HighlightedText, QColor(theme.text))
        self.setPalette(colours)


def _listed(files: Sequence[FileReport]) -> Sequence[FileReport]:
    """Of thousands of files those of which there is most to say: the others are told as a number."""
    if len(files) <= _MOST:
        return files
    return sorted(files, key=lambda file: not (file.problem or file.notice or notes(file.items)))[:_MOST]


def _below(rows: Iterable[QTreeWidgetItem]) -> Iterator[QTreeWidgetItem]:
    below = (row.child(place) for row in rows for place in range(row.childCount()))
    return (each for each in below if each is not None)


class _Tall(QStyledItemDelegate):
    """Rows with room around their text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As wide as it is, higher than its text."""
        return QSize(super().sizeHint(option, index).width(), _HEIGHT)


def _rows(file: FileReport) -> Iterator[QTreeWidgetItem]:
    if file.problem:
        yield _spanned(_words(file.problem))
    yield from (_spanned(_words(each)) for each in apart(file.notice))
    noted = notes(file.items)
    for note in noted[:_MOST]:
        yield _noted(note)
    yield from _left_out(len(noted))
    if not noted and not file.problem:
        yield _spanned(tr("Everything can be imported.") if file.items else tr("No conversations."))


def _noted(note: Note) -> QTreeWidgetItem:
    """A sentence with the title that it is said of, or where there are several, once, with these to be unfolded."""
    reason = _words(note.reason)
    if len(note.items) == 1:
        ((item, count),) = note.items
        return _row(_title(item), told_often(reason, count))
    made = _spanned(
        trn(
            "{reason}: {n} conversation",
            "{reason}: {n} conversations",
            len(note.items),
            reason=told_often(reason.removesuffix("."), note.count),
        )
    )
    made.addChildren([_row(_title(item), number_text(count) if count else "") for item, count in note.items[:_MOST]])
    made.addChildren(list(_left_out(len(note.items))))
    return made


def _left_out(number: int) -> Iterator[QTreeWidgetItem]:
    """That there is more than can be listed, where there is."""
    if number > _MOST:
        yield _spanned(trn("… and {n} more note", "… and {n} more notes", number - _MOST))


def _title(item: ReportItem) -> str:
    return " ".join(_words(item.title).split()) or tr("Untitled")


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
