"""Popover for choosing a model from all connections, with search. Names that are not listed can be typed."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QCursor, QFont, QFontMetrics, QHideEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import Connection, Kind, ModelRef, Wire
from desktop.embedded.bundled_model import MODEL_NAME
from desktop.errors import ParagoneError, UsageError
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from desktop.settings.policy import USER_CONNECTIONS
from desktop.text.phrases import phrase
from ui.base.figures_text import facts_text, retired_text
from ui.base.model_marks import ModelMarks
from ui.base.strings import holds_every, sentence, tr
from ui.base.tasks import Tasks
from ui.base.theme import Theme
from ui.pane.model_footer import ModelFooter
from ui.widgets.buttons import button
from ui.widgets.item_list import ItemList
from ui.widgets.popover import Popover
from ui.widgets.row_painter import RowPainter, sized
from ui.widgets.search_line import SearchLine

_OVER = {Wire.RESPONSES: phrase("Responses API"), Wire.MESSAGES: phrase("Messages API")}


class Offer(Struct, frozen=True):
    """Row of the picker. Without `ref`, the row only describes a connection."""

    ref: ModelRef | None
    name: str
    detail: str = ""
    mark: str = ""
    typed: bool = False

    @property
    def spoken(self) -> str:
        """The row as text for screen readers."""
        where = f", {self.ref.connection}" if self.ref else ""
        return ", ".join(each for each in (f"{self.name}{where}", self.detail, self.mark) if each)


def offer(ref: ModelRef, info: ModelInfo, catalog: Catalog, today: date, wire: Wire = Wire.CHAT) -> Offer:
    """Return the row for a model; `wire` is the API format in which it is used."""
    entry = catalog.entry(info.base, info.name).retiring(info.retires_on)
    facts = [facts_text(entry, info.context_window), tr(_OVER[wire]) if wire in _OVER else ""]
    if info.suggested:
        facts.append(tr("may need a deployment"))
    name = entry.name if entry.name and ref.connection == "embedded" else ref.name
    return Offer(ref, name, " · ".join(each for each in facts if each), retired_text(entry, today))


def sought(offers: Sequence[Offer], words: str, connections: Iterable[Connection]) -> list[Offer]:
    """Return the rows that contain all words.

    If the text names a connection and a model that is not listed, a row for it is added.
    """
    wanted = words.casefold().split()
    matches = [each for each in offers if not wanted or (each.ref and holds_every(wanted, f"{each.ref} {each.name}"))]
    try:
        typed = ModelRef.parse(words)
    except UsageError:
        return matches
    known = {connection.name for connection in connections}
    if typed.connection in known and all(each.ref != typed for each in matches):
        matches.append(
            Offer(
                typed,
                tr("Use “{model}”", model=typed.name),
                tr("from {connection}, as typed", connection=typed.connection),
                typed=True,
            )
        )
    return matches


OFFER_ROLE = Qt.ItemDataRole.UserRole + 1
WIDTH = 540
_SHARE = 0.8
"""Maximum height of the popover as a share of the window's height."""

REST_MS = 120
"""Time in milliseconds for which the mouse must rest on a row to select it."""

_LINE = 46
_ROOT = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class OffersModel(QAbstractListModel):
    """List model of the visible rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._offers: list[Offer] = []

    @property
    def offers(self) -> list[Offer]:
        """The rows in display order."""
        return self._offers

    def replace(self, offers: list[Offer]) -> None:
        """Replace all rows of the list."""
        self.beginResetModel()
        self._offers = offers
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._offers)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return the flags of a row. Rows that only describe a connection cannot be selected."""
        can = self._offers[index.row()].ref is not None
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if can else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return an Offer, or its text for display and screen readers."""
        if not index.isValid():
            return None
        if role == OFFER_ROLE:
            return self._offers[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._offers[index.row()].spoken
        return None


class OfferPainter(QStyledItemDelegate):
    """Paints a row: the model's color, name and connection, with its facts below."""

    def __init__(self, theme: Theme, marks: ModelMarks, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self._marks = marks

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row with two lines."""
        del option, index
        return QSize(WIDTH - 40, _LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row of the picker."""
        each: Offer = index.data(OFFER_ROLE)
        row = RowPainter.of(painter, option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if row.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver) and each.ref:
            painter.setBrush(QColor(self.theme.tint))
            painter.drawRoundedRect(row.rect.adjusted(0, 1, 0, -1), 6, 6)
        if each.ref is not None:
            painter.setBrush(QColor(self._marks.colour(each.ref, self.theme)))
            painter.drawRoundedRect(
                row.placed(QRect(row.rect.left() + 10, row.rect.top() + _above(each) + 6, 8, 8)), 2, 2
            )
        self._words(row, each)
        painter.restore()

    def _words(self, row: RowPainter, each: Offer) -> None:
        line = QRect(row.rect.left() + 28, row.rect.top() + _above(each), row.rect.width() - 38, 19)
        font = sized(row.font, 13)
        if each.ref is None:
            row.begin(line, each.name, font, self.theme.muted)
        else:
            bold = QFont(font)
            bold.setWeight(QFont.Weight.DemiBold)
            # A long name leaves space for its connection.
            connection_width = QFontMetrics(font).horizontalAdvance(each.ref.connection) + 12
            room = max(line.width() - connection_width, line.width() // 2)
            used = row.begin(QRect(line.topLeft(), QSize(room, line.height())), each.name, bold, self.theme.text)
            row.begin(line.adjusted(used + 12, 0, 0, 0), each.ref.connection, font, self.theme.muted)
        small = sized(row.font, 12)
        below = line.translated(0, 18)
        if each.detail:
            used = row.begin(below, each.detail, small, self.theme.muted)
            below.adjust(used + 12, 0, 0, 0)
        row.begin(below, each.mark, small, self.theme.warn)


def _above(each: Offer) -> int:
    """Return the space above the name in pixels. A name without facts is centered vertically."""
    return 5 if each.detail or each.mark else (_LINE - 19) // 2


class PickerField(SearchLine):
    """Search field whose arrow keys select rows in the list below."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass arrow keys to the list, and let Enter choose the row even if a button would react to it."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()
        else:
            self.stepped.emit(step)


class ModelPicker(Popover):
    """Popover that lists the known models and updates the list from every connection when it opens."""

    chosen = Signal(object)
    """Emitted with the chosen ModelRef."""
    beside_wanted = Signal(object)
    """Emitted with a ModelRef for which a pane is to be added beside this one."""
    replay_wanted = Signal(object)
    """Emitted with the ModelRef whose conversations are to be replayed with a successor."""
    add_connection_wanted = Signal()

    def __init__(self, services: Services, tasks: Tasks, theme: Theme, marks: ModelMarks, parent: QWidget) -> None:
        super().__init__(tr("Model"), parent)
        self._services = services
        self._tasks = tasks
        self._found: dict[str, list[Offer]] = {}
        self._wanted: ModelRef | None = None
        self._proposed: ModelRef | None = None
        self.setFixedWidth(WIDTH)
        self.search = PickerField()
        self.search.setPlaceholderText(tr("Search, or type connection/model"))
        self.search.setAccessibleName(tr("Search models"))
        self._model = OffersModel(self)
        self._under_mouse, self._opened_with = -1, QPoint()
        self._resting = QTimer(self, interval=REST_MS, singleShot=True)
        self._painter = OfferPainter(theme, marks, self)
        self._list = ItemList()
        self._list.setAccessibleName(tr("Models"))
        self._list.field = self.search
        self._list.nothing = tr("No matching models")
        self._list.setModel(self._model)
        self._list.setItemDelegate(self._painter)
        self._list.setMouseTracking(True)
        self._list.setUniformItemSizes(True)
        self._list.setStyleSheet("background: transparent;")
        self.column.addWidget(self.search)
        self._list.setFixedHeight(2 * _LINE)
        self.column.addWidget(self._list)
        self.footer = ModelFooter(services, tasks)
        self.column.addWidget(self.footer)
        self._add_connection = button(tr("Add connection…"), "link")
        self._add_name = button(tr("Add model name…"), "link")
        self._add = button(tr("Add"), "primary")
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(16)
        row.addWidget(self._add_connection)
        row.addWidget(self._add_name)
        row.addStretch(1)
        row.addWidget(self._add)
        self.column.addLayout(row)
        self.search.textChanged.connect(self._seek)
        self.search.returnPressed.connect(self._take_current)
        self.search.stepped.connect(self._step)
        self._list.clicked.connect(self._take)
        self._list.activated.connect(self._take)
        self._list.entered.connect(self._pointed_at)
        self._resting.timeout.connect(self._rest)
        self._list.selectionModel().currentChanged.connect(self._tell)
        self.footer.changed.connect(self.reload)
        self.footer.beside_wanted.connect(self._beside)
        self.footer.replay_wanted.connect(self._replay)
        self._add_connection.clicked.connect(self._want_connection)
        self._add_name.clicked.connect(self._ask_for_name)
        self._add.clicked.connect(self._take_current)

    @property
    def offers(self) -> list[Offer]:
        """The rows that are currently visible."""
        return self._model.offers

    def choose(self, control: QWidget, current: ModelRef) -> None:
        """Open the picker at a control, with the current model selected."""
        self._proposed = None
        self._open(control, current, right=False)

    def propose(self, control: QWidget, proposed: ModelRef) -> None:
        """Open the picker below the end of a control, with a model selected that Enter takes at once."""
        self._proposed = proposed
        self._open(control, proposed, right=control.isLeftToRight())

    def _open(self, control: QWidget, current: ModelRef, *, right: bool) -> None:
        self.search.clear()
        self._opened_with = QCursor.pos()
        self._wanted = current
        self._add_connection.setVisible(self._services.settings.policy.get(USER_CONNECTIONS))
        self._add_name.setVisible(bool(self._servers))
        self._add.setVisible(self._proposed is not None)
        self.reload()
        self._seek()
        self.open_at(control, right=right)
        self.search.setFocus()

    @property
    def _servers(self) -> list[str]:
        """Names of the connections for which a model can be typed, starting with the current model's."""
        connections = self._services.settings.all_connections
        names = [each.name for each in connections if each.kind is not Kind.EMBEDDED]
        current = self._wanted.connection if self._wanted is not None else ""
        return sorted(names, key=lambda name: name != current)

    @Slot()
    def _want_connection(self) -> None:
        self.hide()
        self.add_connection_wanted.emit()

    @Slot()
    def _ask_for_name(self) -> None:
        """Put a connection's name into the search field, so that a model name can be typed after it."""
        self.search.setText(f"{self._servers[0]}/")
        self.search.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Clear the list once the click is handled, because screen readers treat hidden items as visible."""
        super().hideEvent(event)
        QTimer.singleShot(0, self, self._empty)

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._painter.theme = theme

    def reload(self) -> None:
        """Ask all connections for their models."""
        connections = self._services.settings.all_connections
        names = [connection.name for connection in connections]
        self._found = {name: self._found.get(name) or [] for name in names}
        for connection in connections:
            if not self._found[connection.name]:
                self._found[connection.name] = self._at_once(connection)
            failed = partial(self._failed, connection.name)
            self._tasks.start(self._ask(connection.name), name=f"models {connection.name}", failed=failed)

    async def _ask(self, name: str) -> None:
        infos = await self._services.gateway.models(name)
        offers = [self._offer(name, info) for info in infos]
        self._put(name, offers or [Offer(None, name, tr("no models"))])

    def _at_once(self, connection: Connection) -> list[Offer]:
        if connection.kind is Kind.EMBEDDED and not connection.file:
            return [self._offer(connection.name, ModelInfo(name=MODEL_NAME))]
        typed = [self._offer(connection.name, ModelInfo(name=name)) for name in connection.models]
        if typed:
            return typed
        loading = Offer(None, connection.name, tr("loading models…"))
        proposed = self._proposed
        if proposed is None or proposed.connection != connection.name:
            return [loading]
        return [self._offer(connection.name, ModelInfo(name=proposed.name)), loading]

    def _offer(self, connection: str, info: ModelInfo) -> Offer:
        ref = ModelRef(connection=connection, name=info.name)
        today = date.today()  # noqa: DTZ011 - the user's own day
        known = self._services.catalog.entry(info.base, info.name).wire
        return offer(ref, info, self._services.catalog, today, self._services.gateway.wire(ref, known))

    def _failed(self, name: str, error: ParagoneError) -> None:
        known = [each for each in self._found.get(name, []) if each.ref is not None]
        self._put(name, [*known, Offer(None, name, sentence(error))])

    def _put(self, name: str, offers: list[Offer]) -> None:
        if name in self._found:
            self._found[name] = offers
            if self.isVisible():
                self._seek()

    @Slot()
    def _empty(self) -> None:
        if not self.isVisible():
            self._model.replace([])

    @Slot()
    def _seek(self) -> None:
        everything = [each for offers in self._found.values() for each in offers]
        matches = sought(everything, self.search.text(), self._services.settings.all_connections)
        self._model.replace(
            matches
            or [Offer(None, tr("No matching models"), tr("To use a model that is not listed, type connection/model"))]
        )
        row = next((at for at, each in enumerate(matches) if each.ref is not None and each.ref == self._wanted), -1)
        self._list.quiet = row < 0 and bool(matches) and not self.search.text()  # the one in use is still asked for
        if row < 0:
            row = next((at for at, each in enumerate(matches) if each.ref is not None), -1)
        if row >= 0:
            self._list.setCurrentIndex(self._model.index(row))
        else:
            self.footer.show_model(None)
        self._list.tell()
        self._fit()

    def _fit(self) -> None:
        """Set the height to that of the list, up to a share of the window's height."""
        others = self.column.totalSizeHint().height() - self._list.height()
        room = int(self.window().height() * _SHARE) - others
        height = max(min(len(self._model.offers) * _LINE + 2, room), 2 * _LINE)
        if height != self._list.height():
            self._list.setFixedHeight(height)
            self.fit()

    @Slot()
    def _tell(self) -> None:
        """Show the current row's model in the footer."""
        each = self._offer_at(self._list.currentIndex())
        self.footer.show_model(each.ref if each is not None else None)
        QTimer.singleShot(0, self, self._stay_in_view)  # the list has less room where the footer says more

    @Slot()
    def _stay_in_view(self) -> None:
        self._list.scrollTo(self._list.currentIndex())

    @Slot(object)
    def _beside(self, ref: ModelRef) -> None:
        self.hide()
        self.beside_wanted.emit(ref)

    @Slot(object)
    def _replay(self, ref: ModelRef) -> None:
        self.hide()
        self.replay_wanted.emit(ref)

    @Slot(int)
    def _step(self, step: int) -> None:
        can = [at for at, each in enumerate(self._model.offers) if each.ref is not None]
        if can:
            row = self._list.currentIndex().row()
            at = can.index(row) if row in can else 0
            chosen = can[max(0, min(at + step, len(can) - 1))]
            self._wanted = self._model.offers[chosen].ref
            self._list.setCurrentIndex(self._model.index(chosen))

    @Slot(QModelIndex)
    def _pointed_at(self, index: Index) -> None:
        """Start the timer that selects the row under the mouse."""
        self._under_mouse = index.row()
        self._resting.start()

    @Slot()
    def _rest(self) -> None:
        """Select the row on which the mouse rests. Rows crossed on the way to the footer are ignored."""
        index = self._model.index(self._under_mouse)
        each = self._offer_at(index)
        moved = QCursor.pos() != self._opened_with  # a list that opens below the mouse is not pointed at
        if each is not None and each.ref is not None and moved and self._list.viewport().underMouse():
            self._wanted = each.ref
            self._list.setCurrentIndex(index)

    @Slot()
    def _take_current(self) -> None:
        self._take(self._list.currentIndex())

    @Slot(QModelIndex)
    def _take(self, index: Index) -> None:
        each = self._offer_at(index)
        if each is not None and each.ref is not None:
            self.hide()
            self.chosen.emit(each.ref)

    def _offer_at(self, index: Index) -> Offer | None:
        return self._model.offers[index.row()] if 0 <= index.row() < len(self._model.offers) else None
