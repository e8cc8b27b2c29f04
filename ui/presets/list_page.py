"""First page of the preset popover: a list of presets with search and commands."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.presets.preset import Preset
from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme
from ui.pane.model_picker import PickerField
from ui.presets.preset_list import PresetLine, PresetPainter, PresetsModel, sought
from ui.widgets.buttons import button
from ui.widgets.item_list import ItemList
from ui.widgets.labels import label, set_role
from ui.widgets.menu import Menu

_GAP = 4


class ListPage(QWidget):
    """Page with a search field, the list, a line for messages and buttons."""

    taken = Signal(object)
    """Emitted with the chosen Preset, or None to use no preset."""
    save_wanted = Signal()
    undo_wanted = Signal()
    edit_wanted = Signal()
    remove_wanted = Signal()
    import_wanted = Signal()
    export_wanted = Signal()
    export_own_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._lines: list[PresetLine] = []
        self.search = PickerField()
        self.search.setPlaceholderText(tr("Search presets"))
        self.search.setAccessibleName(tr("Search presets"))
        self._model = PresetsModel(self)
        self._painter = PresetPainter(theme, self)
        self._list = ItemList()
        self._list.field, self._list.nothing = self.search, tr("No results")
        self._said = label("", "muted")
        self._said.setWordWrap(True)
        self._undo = _quiet(tr("Undo"))
        self.save = _quiet(tr("Save as preset…"))
        self._more = QToolButton()
        self._build()
        self._connect()
        self.say("")

    @property
    def said(self) -> str:
        """The displayed message: the result of the last action, or its error."""
        return self._said.text()

    @property
    def lines(self) -> list[PresetLine]:
        """The visible lines in display order."""
        return self._model.lines

    @property
    def current(self) -> PresetLine | None:
        """The selected line, or None."""
        row = self._list.currentIndex().row()
        return self.lines[row] if 0 <= row < len(self.lines) else None

    def show_lines(self, lines: list[PresetLine], selected: Preset | None = None) -> None:
        """Replace the lines and clear the search. Selects the given preset, or else the one in use."""
        self._lines = lines
        self.search.clear()
        self._seek()
        ids = [line.preset.id if line.preset else "" for line in lines]
        if selected is not None and selected.id in ids:
            self._select(ids.index(selected.id))

    def say(self, text: str, *, bad: bool = False, undo: bool = False) -> None:
        """Show the result of an action, with an Undo button if `undo`, or an error if `bad`."""
        self._undo.setVisible(undo)
        self._said.setText(text)
        self._said.setVisible(bool(text))
        set_role(self._said, "role", "problem" if bad else "muted")

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._painter.theme = theme
        self._more.setIcon(icon("ellipsis", theme.muted, 16))

    def menu(self) -> QMenu:
        """Return a new menu with the commands for presets."""
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        line = self.current
        own = line is not None and line.own
        menu.addAction(tr("Edit…"), self.edit_wanted.emit).setEnabled(own)
        menu.addAction(tr("Remove"), self.remove_wanted.emit).setEnabled(own)
        menu.addAction(tr("Export…"), self.export_wanted.emit).setEnabled(line is not None and line.preset is not None)
        menu.addSeparator()
        menu.addAction(tr("Import…"), self.import_wanted.emit)
        export_own = menu.addAction(tr("Export all custom presets…"), self.export_own_wanted.emit)
        export_own.setEnabled(any(each.own for each in self._lines))
        return menu

    def _build(self) -> None:
        self._list.setAccessibleName(tr("Presets"))
        self._list.setModel(self._model)
        self._list.setItemDelegate(self._painter)
        self._list.setMouseTracking(True)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setStyleSheet("background: transparent;")
        self._more.setProperty("role", "quiet")
        self._more.setAccessibleName(tr("More preset actions"))
        self._more.setToolTip(tr("Edit, remove, import, export"))
        result_row = QHBoxLayout()
        result_row.addWidget(self._said, 1)
        result_row.addWidget(self._undo, 0, Qt.AlignmentFlag.AlignTop)
        low = QHBoxLayout()
        low.addWidget(self.save)
        low.addStretch(1)
        low.addWidget(self._more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self._list, 1)
        column.addLayout(result_row)
        column.addLayout(low)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._seek)
        self.search.returnPressed.connect(self._take)
        self.search.stepped.connect(self._step)
        self._list.clicked.connect(self._take_at)
        self._list.activated.connect(self._take_at)
        self._undo.clicked.connect(self.undo_wanted)
        self.save.clicked.connect(self.save_wanted)
        self._more.clicked.connect(self._open_menu)

    def _select(self, row: int) -> None:
        if self.lines:
            self._list.setCurrentIndex(self._model.index(max(0, min(row, len(self.lines) - 1))))

    @Slot()
    def _seek(self) -> None:
        lines = sought(self._lines, self.search.text())
        self._model.replace(lines)
        self._select(next((at for at, line in enumerate(lines) if line.used), 0))
        self._list.tell()

    @Slot(int)
    def _step(self, step: int) -> None:
        self._select(self._list.currentIndex().row() + step)

    @Slot()
    def _take(self) -> None:
        line = self.current
        if line is not None:
            self.taken.emit(line.preset)

    @Slot(QModelIndex)
    def _take_at(self, index: QModelIndex) -> None:
        self._select(index.row())
        self._take()

    @Slot()
    def _open_menu(self) -> None:
        menu = self.menu()
        right = self._more.isLeftToRight()
        corner = self._more.mapToGlobal(QPoint(self._more.width() if right else 0, 0))
        menu.popup(corner - QPoint(menu.sizeHint().width() if right else 0, menu.sizeHint().height() + _GAP))


def _quiet(text: str) -> QPushButton:
    return button(text, "quiet", text.rstrip("… "))
