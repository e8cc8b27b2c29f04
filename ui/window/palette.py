"""Command palette with fuzzy search in the names of commands and conversations."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui.base.commands import Command
from ui.base.strings import tr
from ui.base.theme import Themes
from ui.widgets.item_list import ItemList
from ui.widgets.labels import within_sentence
from ui.widgets.row_painter import RowPainter, sized
from ui.widgets.search_line import SearchLine
from ui.widgets.shadow import Shadow
from ui.widgets.underlay import Underlay

_NONE = 1 << 30
_MOST = 300
"""Maximum number of typed characters that are used for the search, because users may paste a whole page."""

_WIDE = 2
"""Letters must occur within this multiple of the typed word's length."""


def ranked(typed: str, names: Sequence[str]) -> list[int]:
    """Return the indexes of the names that match, the best first. An empty query matches all names in their order."""
    parts = [*dict.fromkeys(typed.lstrip()[:_MOST].casefold().split())]
    if not parts:
        return [*range(len(names))]
    costs = [(_cost(parts, name.casefold()), place) for place, name in enumerate(names)]
    return [place for cost, place in sorted(costs) if cost < _NONE]


def _cost(parts: Sequence[str], name: str) -> int:
    """Return the distance between the typed words and a name. Each word has to match."""
    return sum(_part_cost(part, name) for part in parts)


def _part_cost(part: str, name: str) -> int:
    at = name.find(part)
    if at == 0:
        return 0
    if f" {part}" in name:
        return 1
    if at > 0:
        return 3
    return 5 if _in_order(part, name) else _NONE


def _in_order(part: str, name: str) -> bool:
    """Whether the letters occur in order from the start of a word, within twice their number."""
    starts = [0, *(place + 1 for place, char in enumerate(name) if char == " ")]
    return any(_follows(part, name[start:]) for start in starts if name[start : start + 1] == part[0])


def _follows(part: str, text: str) -> bool:
    """Whether the letters occur in order close together, or as initials.

    Scattered ones would match every long title.
    """
    words = iter(word[:1] for word in text.split())
    letters = iter(text[: len(part) * _WIDE])
    return all(letter in letters for letter in part) or all(letter in words for letter in part)


_WIDTH, _HEIGHT, _ROW, _TOP = 560, 420, 32, 72
_REMEMBERED = 8
"""Number of recent choices that are listed first."""

Index = QModelIndex | QPersistentModelIndex


class PaletteChoice(Struct, frozen=True):
    """Choice in the palette: its name, a hint such as a shortcut or a kind, and its action."""

    name: str
    hint: Callable[[], str]
    """Function called when the row becomes visible, because only ten rows of thousands ever do."""
    do: Callable[[], object]
    key: str = ""
    """Key by which a recent choice is stored; empty if it is not stored."""


class _Choices(QAbstractListModel):
    """List model of the choices that match."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.shown: list[PaletteChoice] = []

    def show_choices(self, choices: list[PaletteChoice]) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self.shown = choices
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the name of a choice. For screen readers, it includes the hint."""
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        choice = self.shown[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            hint = choice.hint()
            return tr("{name}, {hint}", name=choice.name, hint=hint) if hint else choice.name
        return choice.name if role == Qt.ItemDataRole.DisplayRole else None


class _Painter(QStyledItemDelegate):
    """Paints a name at the start of a row and its hint at the end."""

    def __init__(self, choices: _Choices, themes: Themes, parent: QObject) -> None:
        super().__init__(parent)
        self._choices = choices
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row with one line."""
        del option, index
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row of the palette."""
        theme = self._themes.current
        choice = self._choices.shown[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = RowPainter.of(painter, option)
        if row.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.tint))
            painter.drawRoundedRect(row.rect, 6, 6)
        inner = row.rect.adjusted(10, 0, -10, 0)
        hint = choice.hint()
        taken = row.end(inner, hint, sized(row.font, 11), theme.muted) + 12 if hint else 0
        row.begin(inner.adjusted(0, 0, -taken, 0), choice.name, sized(row.font, 13), theme.text)
        painter.restore()


class Palette(QFrame):
    """Frame over the window that lists choices, recent ones first. Enter runs a choice; Esc closes the palette."""

    used = Signal()
    """Emitted after a choice was run and `recent` was updated."""
    typed = Signal(str)
    """Emitted with the typed words, so that more can be found. Results are passed to `show_found`."""
    search_wanted = Signal(str)
    """Emitted when the user wants to search all messages for the typed words."""

    def __init__(self, themes: Themes, offer: Callable[[], Sequence[PaletteChoice]], window: QWidget) -> None:
        super().__init__(window)
        self._offer = offer
        self._all: Sequence[PaletteChoice] = ()
        self._before: QWidget | None = None
        self.recent: tuple[str, ...] = ()
        """The keys of what was chosen here, the last one first."""
        self.setProperty("role", "popover")
        Shadow(self)
        self._underlay = Underlay(themes, window)
        self.setAccessibleName(tr("Commands"))
        self.field = SearchLine()
        self.field.setPlaceholderText(tr("Search commands and conversations"))
        self.field.setAccessibleName(tr("Command"))
        self.field.installEventFilter(self)
        self._choices = _Choices(self)
        self.list = ItemList()
        self.list.setAccessibleName(tr("Commands and conversations"))
        self.list.setModel(self._choices)
        self.list.setItemDelegate(_Painter(self._choices, themes, self))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.field = self.field
        self.list.setStyleSheet("background: transparent;")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        self.field.textChanged.connect(self._seek)
        self.list.clicked.connect(self._take)
        self.hide()

    @property
    def names(self) -> list[str]:
        """Names of the choices that are listed."""
        return [choice.name for choice in self._choices.shown]

    @Slot()
    def open(self) -> None:
        """Open the palette with all choices that are currently available."""
        window = self.window()
        self._before = QApplication.focusWidget()
        places = {key: place for place, key in enumerate(self.recent)}
        self._all = sorted(self._offer(), key=lambda each: places.get(each.key, len(places)))
        width, height = min(_WIDTH, window.width() - 32), min(_HEIGHT, window.height() - _TOP - 24)
        self.setGeometry((window.width() - width) // 2, _TOP, width, height)
        self.field.clear()
        self._seek()
        self._underlay.lie_below(self)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle arrow keys, Enter and Esc, and close the palette when the focus moves elsewhere."""
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self.hide()
        ours = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        if watched is self.field and isinstance(event, QKeyEvent) and event.key() in ours:
            if event.type() == QEvent.Type.KeyPress:
                self._pressed(event.key())
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Clear the list after Qt has finished processing a click."""
        super().hideEvent(event)
        self._underlay.lie_nowhere()
        self._before = None
        QTimer.singleShot(0, self, self._empty)

    def _close(self) -> None:
        """Restore the previous focus before hiding, because Qt would otherwise move it to a neighboring widget."""
        before, self._before = self._before, None
        if before is not None and isValid(before) and before.isVisible() and self.field.hasFocus():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()

    def _pressed(self, key: int) -> None:
        here = self.list.currentIndex().row()
        match key:
            case Qt.Key.Key_Escape:
                self._close()
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                step = 1 if key == Qt.Key.Key_Down else -1
                self._stand_on(max(min(here + step, self._choices.rowCount() - 1), 0))
            case _:
                self._take(self.list.currentIndex())

    @Slot()
    def _empty(self) -> None:
        """Clear the list while hidden, because screen readers treat hidden items as visible."""
        if not self.isVisible():
            self._choices.show_choices([])

    def show_found(self, typed: str, found: Sequence[PaletteChoice]) -> None:
        """Append search results, unless the typed words have changed since."""
        if typed != self.field.text() or not self.isVisible():
            return
        offered = {choice.key for choice in self._all if choice.key}
        more = [choice for choice in found if choice.key not in offered]
        here = self.list.currentIndex().row()
        at_search = here == len(self._choices.shown) - 1 > 0
        self._list(more)
        self._stand_on(len(self._choices.shown) - 1 if at_search else here)

    @Slot()
    def _seek(self) -> None:
        self._list()
        if self.field.text().strip():
            self.typed.emit(self.field.text())

    def _list(self, found: Sequence[PaletteChoice] = ()) -> None:
        typed = self.field.text()
        shown = [self._all[place] for place in ranked(typed, [choice.name for choice in self._all])] + [*found]
        if words := " ".join(typed.split()):
            name = tr("Search all messages for “{words}”", words=within_sentence(words))
            none = tr("No matching titles") if not shown else ""
            shown.append(PaletteChoice(name, lambda: none, lambda: self.search_wanted.emit(words)))
        self._choices.show_choices(shown)
        self._stand_on(0)
        self.list.tell()

    def _stand_on(self, row: int) -> None:
        self.list.setCurrentIndex(self._choices.index(row))

    @Slot(QModelIndex)
    def _take(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._choices.shown):
            choice = self._choices.shown[index.row()]
            self._close()
            if choice.key and choice.key != Command.TRASH:  # Enter alone does it again: never that
                self.recent = (choice.key, *(key for key in self.recent if key != choice.key))[:_REMEMBERED]
                self.used.emit()
            choice.do()
