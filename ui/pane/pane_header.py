"""Header of a pane: model, connection, parameters and menu."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.base.icons import icon
from ui.base.strings import number_text, tr, trn
from ui.base.theme import Theme
from ui.widgets.buttons import button
from ui.widgets.fills import fill
from ui.widgets.labels import ElidedButton, ElidedLabel, hairline
from ui.widgets.menu import Menu
from ui.widgets.tips import put_tip

HEIGHT, COLLAPSED = 40, 28
"""Usual height in pixels, and the height in a small pane."""
_GAPS = 38
"""Total spacing between and around the elements, in pixels."""
_SQUARE, _NUMBERED = 8, 17
"""Size in pixels of the color square, without and with a number."""
_LIGHT = 0.55
"""Luminance above which the number in the square is black."""
_BAR, _HAIR = 2, 1
"""Heights in pixels of the color bar and of the line below the header."""
_FIGURES = 84
"""Minimum width in pixels of the figures in a collapsed header."""


class Square(QWidget):
    """Square in the model's color, containing the pane's number if there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colour = QColor()
        self.number = 0
        self.setFixedSize(_SQUARE, _SQUARE)

    def show_number(self, number: int) -> None:
        """Resize the square for a number; 0 shows no number."""
        self.number = number
        size = _NUMBERED if number else _SQUARE
        self.setFixedSize(size, size)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the square, with the number if there is one."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colour)
        painter.drawRoundedRect(self.rect(), 2, 2)
        if self.number:
            font = self.font()
            font.setPixelSize(_NUMBERED - 5)
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(Qt.GlobalColor.white if self.colour.lightnessF() < _LIGHT else Qt.GlobalColor.black)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, number_text(self.number))


class PaneHeader(QWidget):
    """Header with a pane's model, parameters and buttons."""

    model_wanted = Signal()
    parameters_wanted = Signal()
    system_wanted = Signal()
    close_wanted = Signal()
    maximise_wanted = Signal()
    duplicate_wanted = Signal(bool)
    """Emitted to duplicate the pane, with True if its history is to be copied."""
    move_wanted = Signal(int)
    replay_wanted = Signal()
    """Emitted to compare a retired or retiring model with its successor."""
    choose_wanted = Signal()
    schema_wanted = Signal()
    schema_remove_wanted = Signal()
    menu_opened = Signal(QMenu)
    """Emitted with the menu before it opens, so that more actions can be added."""
    dragged = Signal(QPoint)
    """Emitted with the screen position while the header is dragged."""
    dropped = Signal(QPoint)
    """Emitted with the screen position where the header was dropped."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._colour = QColor()
        self._square = Square()
        self.model = ElidedButton()
        self.model.setProperty("role", "quiet")
        self.model.setObjectName("model")
        self.model.setAccessibleName(tr("Model"))
        self._connection = ElidedLabel("", "muted")
        self._connection.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._mark = ElidedLabel("", "warn")
        self.replay = button(tr("Compare on your conversations"), "link")
        self.replay.hide()
        self.parameters = ElidedButton()
        self.parameters.setProperty("role", "quiet")
        self.parameters.setAccessibleName(tr("Parameters"))
        self.schema = button(tr("Schema"), "quiet", tr("Response schema"))
        self.schema.hide()
        self._has_schema = False
        self.more = QToolButton()
        self.more.setProperty("role", "quiet")
        self.more.setAccessibleName(tr("More actions for this conversation"))
        self.more.setToolTip(tr("More actions for this conversation"))
        self.others = ElidedButton()
        self.others.setProperty("role", "quiet")
        self.others.setAccessibleName(tr("Show all panes"))
        self.others.setToolTip(tr("Show all panes"))
        self.others.hide()
        self.maximise = _icon_button(tr("Maximize pane"))
        self.close_pane = _icon_button(tr("Close pane"))
        self.chosen = False
        """Whether the pane's last answer is the one that was chosen in its turn."""
        self._several = self._collapsed = False
        self._row = QHBoxLayout()
        self._hidden = 0
        self._muted = theme.muted
        self._pressed: QPoint | None = None
        self._drags = False
        self._place = ""
        self._lay_out()
        self._show_several()
        self._show_hidden()
        self.others.clicked.connect(self.maximise_wanted)
        self.maximise.clicked.connect(self.maximise_wanted)
        self.close_pane.clicked.connect(self.close_wanted)
        self.model.clicked.connect(self.model_wanted)
        self.parameters.clicked.connect(self.parameters_wanted)
        self.replay.clicked.connect(self.replay_wanted)
        self.schema.clicked.connect(self._open_schema)
        self.more.clicked.connect(self._open_below_more)
        self.themed(theme)

    def show_model(self, name: str, connection: str, colour: str, mark: str = "") -> None:
        """Show the model, its connection, and a `mark` for its retirement."""
        said = ", ".join(each for each in (name, connection, mark) if each)
        self.model.show_text(name)
        put_tip(self.model, said)
        self._place = connection
        self._connection.setText(connection.partition(",")[0] if self._several else connection)
        self._mark.setText(mark)
        self.show_colour(colour)
        self._fit()

    def show_colour(self, colour: str) -> None:
        """Change the pane's color."""
        self._colour = self._square.colour = QColor(colour)
        self._square.update()
        self.update()

    def show_number(self, number: int) -> None:
        """Show the pane's number; 0 hides it."""
        if number != self._square.number:
            self._square.show_number(number)
            self._fit()

    def show_parameters(self, text: str) -> None:
        """Show the parameters that are set."""
        self.parameters.show_text(text)
        put_tip(self.parameters, text)
        self.parameters.setVisible(bool(text) and not self._collapsed)
        self._fit()

    def show_schema(self, text: str, about: str) -> None:
        """Show a chip for the schema that responses must match; no chip if the text is empty."""
        self._has_schema = bool(text)
        self.schema.setText(text)
        put_tip(self.schema, about)
        self.schema.setVisible(self._has_schema and not self._collapsed)
        self._fit()

    @Slot()
    def _open_schema(self) -> None:
        menu = Menu(self.schema)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(tr("Response schema"))
        menu.addAction(tr("Edit response schema…"), self.schema_wanted.emit)
        menu.addAction(tr("Remove response schema"), self.schema_remove_wanted.emit)
        menu.popup(self.schema.mapToGlobal(self.schema.rect().bottomLeft()))

    def set_several(self, *, several: bool) -> None:
        """Set whether there are several panes. Called for all panes whenever a pane is added or removed."""
        if several is not self._several:
            self._several = several
            self._show_several()

    def _show_several(self) -> None:
        self._connection.setText(self._place.partition(",")[0] if self._several else self._place)
        self.maximise.setVisible(self._several and not self._collapsed)
        self.close_pane.setVisible(self._several and not self._collapsed)
        self._fit()

    def collapse(self, figures: QWidget) -> None:
        """Show only the model, the menu and the figures, in one line. The menu has the actions of hidden buttons."""
        self._collapsed = True
        self.setFixedHeight(COLLAPSED)
        figures.setMinimumWidth(_FIGURES)
        self._row.insertWidget(self._row.indexOf(self._mark), figures, 1)
        self._show_collapsed()

    def expand(self) -> None:
        """Show all parts again. The figures have been moved elsewhere."""
        self._collapsed = False
        self.setFixedHeight(HEIGHT)
        self._show_collapsed()

    def _show_collapsed(self) -> None:
        self._connection.setVisible(not self._collapsed)
        self._mark.setVisible(not self._collapsed)
        self.parameters.setVisible(bool(self.parameters.text()) and not self._collapsed)
        self.schema.setVisible(self._has_schema and not self._collapsed)
        self._show_several()

    def show_hidden(self, count: int) -> None:
        """Show how many panes are hidden while this one is maximized."""
        if count != self._hidden:
            self._hidden = count
            self._show_hidden()

    def _show_hidden(self) -> None:
        count = self._hidden
        said = trn("{n} pane hidden", "{n} panes hidden", count) if count else ""
        self.others.show_text(said)
        self.others.setAccessibleName(said or tr("Show all panes"))
        self.others.setAccessibleDescription(self._maximising if count else "")
        self.others.setVisible(count > 0)
        self._fit()
        self.maximise.setAccessibleName(self._maximising)
        put_tip(self.maximise, self._maximising)
        self._draw_maximise()

    @property
    def _maximising(self) -> str:
        """Tooltip of the maximize button in its current state."""
        return tr("Show all panes") if self._hidden else tr("Maximize pane")

    def _draw_maximise(self) -> None:
        self.maximise.setIcon(icon("minimize-2" if self._hidden else "maximize-2", self._muted, 14))

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._muted = theme.muted
        self._draw_maximise()
        self.close_pane.setIcon(icon("x", theme.muted, 14))
        self.more.setIcon(icon("ellipsis", theme.muted, 16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the content to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show as much of the connection as fits beside the model's name and the buttons."""
        buttons = (self.schema, self.others, self.more, self.maximise, self.close_pane)
        room = self.width() - _GAPS - self._square.width() - self.model.sizeHint().width()
        room -= sum(each.sizeHint().width() for each in buttons if not each.isHidden())
        room -= 0 if self.parameters.isHidden() else self.parameters.minimumSizeHint().width()
        self._connection.setMaximumWidth(max(room, 0))
        room -= self._connection.sizeHint().width() + self._mark.sizeHint().width() + self.replay.sizeHint().width()
        self.replay.setVisible(bool(self._mark.text()) and room > 0 and not self._collapsed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the model's color along the top."""
        super().paintEvent(event)
        fill(QPainter(self), QRect(0, 0, self.width(), _BAR), self._colour)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the pane's menu at the pointer."""
        self.menu().popup(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Prepare to drag the pane, if there are several."""
        if event.button() is Qt.MouseButton.LeftButton and self._several:
            self._pressed = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the pane once the pointer has moved far enough."""
        at = event.globalPosition().toPoint()
        if self._pressed is None:
            return
        if not self._drags and (at - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._drags = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._drags:
            self.dragged.emit(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the dragged pane."""
        drags, self._drags, self._pressed = self._drags, False, None
        if drags:
            self.unsetCursor()
            self.dropped.emit(event.globalPosition().toPoint())

    def _lay_out(self) -> None:
        line = QWidget()
        row = self._row
        line.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addSpacing(16)  # spacers turn round with the layout's direction, margins do not
        row.addWidget(self._square)
        row.addSpacing(2)
        row.addWidget(self.model)
        row.addSpacing(2)
        row.addWidget(self._connection)
        row.addSpacing(10)
        row.addWidget(self._mark, 1)  # what room is left
        row.addWidget(self.replay)
        row.addWidget(self.parameters)
        row.addWidget(self.schema)
        row.addWidget(self.others)
        row.addWidget(self.more)
        row.addWidget(self.maximise)
        row.addWidget(self.close_pane)
        row.addSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, _BAR, 0, 0)
        column.setSpacing(0)
        column.addWidget(line, 1)
        column.addWidget(hairline())

    @Slot()
    def _open_below_more(self) -> None:
        menu = self.menu()
        right = self.more.isLeftToRight()
        corner = self.more.rect().bottomRight() if right else self.more.rect().bottomLeft()
        menu.popup(self.more.mapToGlobal(corner) - QPoint(menu.sizeHint().width() if right else 0, 0))

    def menu(self) -> QMenu:
        """Return a new menu with the pane's actions."""
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, wanted in ((tr("System prompt…"), self.system_wanted), (tr("Parameters…"), self.parameters_wanted)):
            action = QAction(text, menu)
            action.triggered.connect(wanted)
            menu.addAction(action)
        if self._mark.text():
            menu.addAction(tr("Compare on your conversations…"), self.replay_wanted.emit)
        menu.addSeparator()
        menu.addAction(tr("Duplicate pane"), partial(self.duplicate_wanted.emit, True))  # noqa: FBT003 - Qt's signal
        menu.addAction(tr("Duplicate pane without history"), partial(self.duplicate_wanted.emit, False))  # noqa: FBT003
        if self._several:
            choose = menu.addAction(tr("Choose this answer"), self.choose_wanted.emit)
            choose.setCheckable(True)
            choose.setChecked(self.chosen)
            menu.addSeparator()
            menu.addAction(tr("Move pane left"), lambda: self.move_wanted.emit(-1))
            menu.addAction(tr("Move pane right"), lambda: self.move_wanted.emit(1))
            menu.addAction(self._maximising, self.maximise_wanted.emit)
            menu.addAction(tr("Close pane"), self.close_wanted.emit)
        self.menu_opened.emit(menu)
        return menu


def _icon_button(name: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "quiet")
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button
