"""Message list with text selection, copying, keyboard navigation and mouse handling."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from ui.transcript.list import selection as marking
from ui.transcript.list.canvas import Canvas
from ui.transcript.list.clipboard_copies import ClipboardCopies, copied_code
from ui.transcript.list.flow import Placed
from ui.transcript.list.pointer_hit import PointedSegment, PointerHit
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.list.selection import Selection, TextPlace
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.card_slab import CardSlab
from ui.transcript.message.row import LONGEST_PLAIN, Row
from ui.transcript.message.section_segment import SectionSegment
from ui.transcript.message.segments import CodeSegment, Press
from ui.transcript.message.slabs import BriefSlab, Slab
from ui.transcript.text.documents import Marks
from ui.transcript.text.drawings import Drawings
from ui.transcript.text.look import Look
from ui.widgets.buttons import pressed_by_enter
from ui.widgets.typing_keys import is_typed

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData

    from desktop.transfer.export.copied_html import CopiedMessage


_NOTHING = Selection(TextPlace(0), TextPlace(0))
_DRAG_MS = 30
_OVERLAP = 40
_NOTCH = 120
"""Wheel angle of one zoom step in eighths of a degree; touchpads send smaller angles."""


class MessageList(Canvas):
    """List of messages. `hovered` is emitted with the row that is hovered or focused, or None."""

    hovered = Signal(object)
    fold_wanted = Signal(object)
    version_wanted = Signal(object, int)
    """Emitted with a row and the number of versions to move by."""
    menu_wanted = Signal(object, QPoint)
    link_wanted = Signal(str)
    open_wanted = Signal(object)
    """Emitted with a row that is to be read with a caret."""
    brief_wanted = Signal(object)
    """Emitted with a row that is shown as one line and is to be expanded."""
    file_wanted = Signal(object, int, object)
    """Emitted with a row and the index of a file to open, and a QPoint if its menu is requested instead."""
    zoom_wanted = Signal(int)
    """Emitted with the number of text size steps to change by."""
    save_wanted = Signal(object, object)
    """Emitted with a row and the segment of a code block to save."""
    slabs_replaced = Signal()
    """Emitted when slabs of a row were added or removed, so that others have other numbers."""
    focus_changed = Signal()
    """Emitted when the list receives or loses the focus."""

    def __init__(
        self, model: RowsModel, look: Look, parent: QWidget | None = None, drawings: Drawings | None = None
    ) -> None:
        super().__init__(model, look, parent)
        self.copies = ClipboardCopies(drawings, self)
        self._aim = PointerHit(self)
        self._selection = _NOTHING
        self._dragging = False
        self._taken: tuple[QPoint, Callable[[], QMimeData]] | None = None
        """Where something was taken to be dragged out, and what it is."""
        self.drag_out: Callable[[QMimeData], None] = self._drag_out
        self._extended_from: int | None = None
        self._turned = 0
        self._pressed_link = ""
        self._unit = (TextPlace(0), TextPlace(0))
        self.found_in: Callable[[int, int, int, str], Marks] | None = None
        """What is found in a segment, by row, slab, segment and its text; None where nothing is sought."""
        self.marks_of = self._marks
        self._drag_timer = QTimer(self, interval=_DRAG_MS)
        self._drag_timer.timeout.connect(self._drag_on)

    @property
    def selection(self) -> Selection:
        """The current selection."""
        return self._selection

    @property
    def selected_text(self) -> str:
        """The selected text in its displayed form."""
        marked = self._selection
        return marking.as_text(_cut_rows(self, self._rows.rows, marked), marked) if marked else ""

    def select(self, selection: Selection | None) -> None:
        """Select a range of text; None selects nothing."""
        self._selection = selection or _NOTHING
        self.viewport().update()

    def redraw_slab(self, number: int, slab: BodySlab, write: Callable[[], None]) -> None:
        """Call `write`, which inserts pictures into a slab, preserving the reading position and the selection."""
        within = self._rows.rows[number].slabs.index(slab)
        ends = [self._selection.anchor, self._selection.head]
        lengths = [
            slab.segments[end.segment].laid.written_length(end.position)
            if self._selection and (end.row, end.slab) == (number, within) and end.segment < len(slab.segments)
            else None
            for end in ends
        ]
        super().redraw_slab(number, slab, write)
        anchor, head = (
            end if length is None else replace(end, position=slab.segments[end.segment].laid.position_after(length))
            for end, length in zip(ends, lengths, strict=True)
        )
        self._selection = Selection(anchor, head)

    def current_row(self) -> Row | None:
        """Return the focused row, or None."""
        return self._rows.row_at(self.currentIndex())

    def copy(self, row: Row | None = None) -> None:
        """Copy a message, or the selection if none is given, with formatting."""
        if row is None and self._selection:
            marked = self._selection
        else:
            row = row or self.current_row()
            if row is None:
                return
            number = self._rows.number(row)
            marked = marking.whole(number, number)
        self.copies.put(*self._told(marked, row))

    def drawn_out(self, row: Row) -> QMimeData:
        """Return the data for dragging a message to another program."""
        number = self._rows.number(row)
        return self.copies.mime(*self._told(marking.whole(number, number), row))

    @Slot()
    def copy_markdown(self, row: Row | None = None) -> None:
        """Copy a message, or the selection if none is given, as Markdown."""
        if row is None and self._selection:
            text = marking.as_markdown(_cut_rows(self, self._rows.rows, self._selection), self._selection)
        else:
            row = row or self.current_row()
            text = (row.text or row.spoken) if row else ""
        self.copies.put(text)

    def copy_code(self, row: Row, segment: CodeSegment) -> None:
        """Copy a complete code block with its colors."""
        self.copies.put(*copied_code(row.parts.code_at(segment.start), segment.language))

    def code_drawn_out(self, row: Row, segment: CodeSegment) -> QMimeData:
        """Return the data for dragging a code block to another program."""
        return self.copies.mime(*copied_code(row.parts.code_at(segment.start), segment.language))

    def _told(self, marked: Selection, row: Row | None) -> tuple[str, list[CopiedMessage]]:
        """Return the selection as plain text and as formatted messages. For an empty message, return its status."""
        if row is not None and (row.brief or len(row.text) > LONGEST_PLAIN):
            return _unseen(row)
        rows = _cut_rows(self, self._rows.rows, marked)
        text = row.text if row is not None and row.is_prompt else marking.as_text(rows, marked)
        if row is not None and not text:
            return row.text or row.spoken, []
        return text, marking.as_messages(rows, marked)

    def turn_page(self, step: int) -> None:
        """Scroll by a number of pages, down if positive."""
        self.scroll_by(step * (self.viewport().height() - _OVERLAP))

    def place_at(self, point: QPoint) -> TextPlace | None:
        """Return the text position nearest to a point, or None if there are no messages."""
        each = self._aim.near(point.y())
        if each is None:
            return None
        found = self._aim.segment(each, point)
        if found is None:
            last = each.number + 1 if point.y() > each.top + 8 else each.number
            return TextPlace(each.row, last)
        number, segment, corner = found
        return TextPlace(each.row, each.number, number, segment.position_at(QPointF(point) - corner))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Use the control at the point, or else start selecting text."""
        point = event.position().toPoint()
        each = self._aim.near(point.y(), exactly=True)
        self.rings = False
        if each is not None:
            self.setCurrentIndex(self._rows.index(each.row))
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if each is not None and self._press(each, point):
            return
        position = self.place_at(point)
        if position is None:
            return
        extending = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and bool(self._selection)
        self._unit = (self._selection.anchor,) * 2 if extending else (position, position)
        self.select(Selection(self._unit[0], position))
        self._dragging, self._extended_from = True, None
        self._pressed_link = self._aim.link(point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection, or show the actions of the row under the mouse."""
        point = event.position().toPoint()
        if self._taken is not None:
            start, told = self._taken
            if (point - start).manhattanLength() >= QApplication.startDragDistance():
                self._taken = None
                self.drag_out(told())
            return
        if self._dragging:
            self._drag_to(point)
            outside = not 0 <= point.y() <= self.viewport().height()
            self._drag_timer.start() if outside else self._drag_timer.stop()
            return
        each = self._aim.near(point.y(), exactly=True)
        self.hovered.emit(self.row_of(each) if each else None)
        self.viewport().setCursor(self._aim.shape(each, point))
        self._rows.show_tip(self._aim.tip(each, point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the link that was clicked, unless text was selected."""
        self._drag_timer.stop()
        self._taken = None
        was_dragging, self._dragging = self._dragging, False
        if was_dragging:
            self.copies.select(self.selected_text)
        link, self._pressed_link = self._pressed_link, ""
        if was_dragging and link and not self._selection and self._aim.link(event.position().toPoint()) == link:
            self.link_wanted.emit(link)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select a word. Dragging then extends the selection word by word."""
        point = event.position().toPoint()
        each = self._aim.near(point.y(), exactly=True)
        position = self.place_at(point)
        found = self._aim.segment(each, point) if each else None
        if found is None or position is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        start, end = found.segment.laid.word_at(position.position)
        first = TextPlace(position.row, position.slab, position.segment, start)
        last = TextPlace(position.row, position.slab, position.segment, end)
        self._unit = (first, last)
        self.select(Selection(first, last))
        self._dragging = True

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom if Ctrl is pressed, scroll wide content sideways, or scroll the list."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned += event.angleDelta().y()
            steps = int(self._turned / _NOTCH)
            self._turned -= steps * _NOTCH
            if steps:
                self.zoom_wanted.emit(steps)
            event.accept()
            return
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        sideways = delta.x() or (delta.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0)
        point = event.position().toPoint()
        each = self._aim.near(point.y(), exactly=True)
        found = self._aim.segment(each, point) if each and sideways else None
        room = each.slab.room(self.column[1]) if each is not None else 0
        if found is not None and found.segment.scroll_sideways(-sideways, room):
            self.viewport().update()
            event.accept()
        elif sideways and not delta.y():
            event.ignore()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys for copying, selecting, expanding, opening and moving."""
        if not pressed_by_enter(event):
            self._take_key(event)

    def _take_key(self, event: QKeyEvent) -> None:
        self.rings = True
        row = self.current_row()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case _ if event.matches(QKeySequence.StandardKey.Copy):
                self.copy()
            case _ if event.matches(QKeySequence.StandardKey.SelectAll):
                self.select(marking.whole(0, len(self._rows.rows) - 1))
            case Qt.Key.Key_Escape if self._selection:
                self.select(None)
            case Qt.Key.Key_Space if row is not None and (row.brief or row.reasoning or row.cards):
                self._fold_by_key(row)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if row is not None and not event.modifiers():
                self.open_wanted.emit(row)
            case Qt.Key.Key_Left | Qt.Key.Key_Right if row is not None and (row.folds.has_sections or row.cards):
                self.fold_sections(row, on=(event.key() == Qt.Key.Key_Left) is not self.isRightToLeft())
            case Qt.Key.Key_PageUp | Qt.Key.Key_PageDown | Qt.Key.Key_Space:
                self.turn_page(-1 if event.key() == Qt.Key.Key_PageUp else 1)
            case _ if is_typed(event) or event.key() == Qt.Key.Key_Escape:
                event.ignore()  # it is the pane's: typed for a prompt, or to stop the answer
            case Qt.Key.Key_Up | Qt.Key.Key_Down if shift:
                self._extend(1 if event.key() == Qt.Key.Key_Down else -1)
            case _:
                super().keyPressEvent(event)
        stays = self.current_row() is row
        if event.key() == Qt.Key.Key_End or (event.key() == Qt.Key.Key_Down and stays):
            self.to_end()
        elif not stays or event.key() in (Qt.Key.Key_Home, Qt.Key.Key_Up):
            self.scrollTo(self.currentIndex())  # also where it is the same one, and the reader scrolled away from it

    def _fold_by_key(self, row: Row) -> None:
        """Expand a message shown as one line, or fold or unfold its reasoning, or else its tool cards."""
        if row.brief or row.reasoning:
            (self.brief_wanted if row.brief else self.fold_wanted).emit(row)
        else:
            self.fold_sections(row, on=any(card.unfolded for card in row.cards))

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return the message to which an arrow key, Home or End moves the focus."""
        del modifiers
        last = len(self._rows.rows) - 1
        here = self.currentIndex().row()
        if last < 0:
            return QModelIndex()
        move = QAbstractItemView.CursorAction
        if action in (move.MoveHome, move.MoveEnd):
            return self._rows.index(0 if action == move.MoveHome else last)
        if here < 0:
            return self._rows.index(last)
        step = {move.MoveUp: -1, move.MovePrevious: -1, move.MoveDown: 1, move.MoveNext: 1}.get(action, 0)
        return self._rows.index(max(min(here + step, last), 0))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Focus the last visible message if none is focused, so that screen readers announce it."""
        super().focusInEvent(event)
        self.rings = event.reason() not in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason)
        if not self.currentIndex().isValid() and self.placed and event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectionModel().setCurrentIndex(
                self._rows.index(self.placed[-1].row), self.selectionModel().SelectionFlag.NoUpdate
            )

        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Emit that the list lost the focus."""
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Request the menu for a row or an attachment, by mouse or key."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            each = self._aim.near(event.pos().y(), exactly=True)
            if each is not None and (file := self._aim.file(each, event.pos())) is not None:
                self.file_wanted.emit(self.row_of(each), file, event.globalPos())
                return
            row, at = self._rows.row_at(self.indexAt(event.pos())), event.globalPos()
        else:
            row = self.current_row()
            rect = self.visualRect(self.currentIndex()).intersected(self.viewport().rect())
            at = self.viewport().mapToGlobal(rect.center())
        if row is not None:
            self.menu_wanted.emit(row, at)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Emit the newly focused row."""
        super().currentChanged(current, previous)
        self.viewport().update()
        self.hovered.emit(self._rows.row_at(current))

    def _extend(self, step: int) -> None:
        """Extend the selection by whole messages."""
        here = max(self.currentIndex().row(), 0)
        if not self._selection or self._extended_from is None:
            self._extended_from, head = here, here
        else:
            head = max(min(here + step, len(self._rows.rows) - 1), 0)
        self.setCurrentIndex(self._rows.index(head))
        self.select(marking.whole(self._extended_from, head))

    def _drag_to(self, point: QPoint) -> None:
        place = self.place_at(point)
        if place is None:
            return
        first, last = self._unit
        drawn = Selection(last, place) if place < first else Selection(first, max(place, last))
        if drawn != self._selection:
            self.select(drawn)

    @Slot()
    def _drag_on(self) -> None:
        """Scroll while the mouse selects text beyond the viewport."""
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        beyond = point.y() if point.y() < 0 else max(point.y() - self.viewport().height(), 0)
        if beyond and self._dragging:
            self.scroll_by(max(min(beyond, 60), -60))
            self._drag_to(point)
        else:
            self._drag_timer.stop()

    def _press(self, each: Placed[Slab], point: QPoint) -> bool:
        """Use the control at a point. Returns whether there is one."""
        row = self.row_of(each)
        if self._aim.folds(each, point):
            self.fold_wanted.emit(row)
            return True
        if step := self._aim.version_step(each, point):
            self.version_wanted.emit(row, step)
            return True
        if (file := self._aim.file(each, point)) is not None:
            self.file_wanted.emit(row, file, None)
            return True
        if isinstance(each.slab, BriefSlab):
            self.brief_wanted.emit(row)
            return True
        if self._aim.named(each, point):
            self._taken = (point, partial(self.drawn_out, row))
            return True
        found = self._aim.segment(each, point)
        return found is not None and self._press_segment(row, each, found, point)

    def _press_segment(self, row: Row, each: Placed[Slab], found: PointedSegment, point: QPoint) -> bool:
        segment, at, room = found.segment, QPointF(point) - found.corner, each.slab.room(self.column[1])
        if isinstance(each.slab, CardSlab):
            return self._press_card(each, each.slab, segment.press_at(at, room))
        if isinstance(segment, SectionSegment):
            return segment.press_at(at, room) is Press.FOLD and self.turn_section(each, segment)
        if not isinstance(segment, CodeSegment):
            code = segment.inner_code_at(at, room)
            if code is not None:
                self.copies.put(*copied_code(segment.laid.between(code.start, code.end), code.language))
            return code is not None
        match segment.press_at(at, room):
            case Press.COPY:
                self.copy_code(row, segment)
            case Press.WRAP:
                segment.toggle_wrap()
                self.change_in_place(each.row, row.parts.wrapped)
            case Press.SAVE:
                self.save_wanted.emit(row, segment)
            case Press.DRAG:
                self._taken = (point, partial(self.code_drawn_out, row, segment))
            case _:
                return False
        return True

    def _press_card(self, each: Placed[Slab], slab: CardSlab, press: Press) -> bool:
        card = slab.card
        match press:
            case Press.FOLD:
                card.unfolded = not card.unfolded
                self.turn_card(each, card)
            case Press.MORE if slab.kind is not None:
                card.whole.add(slab.kind)
                self.turn_card(each, card)
            case Press.COPY:
                self.copies.put(slab.whole_text)
            case _:
                return False
        return True

    def _replace_slabs(self, number: int, what: Callable[[], object]) -> None:
        """Call `what`, which adds or removes slabs of a row. A selection stays where it is, if it is still there."""
        row, ends = self._rows.rows[number], [self._selection.anchor, self._selection.head]
        slabs = row.slabs if self._selection else ()
        held = [slabs[end.slab] if end.row == number and end.slab < len(slabs) else None for end in ends]
        what()
        if all(slab is None or slab in row.slabs for slab in held):
            anchor, head = (
                end if slab is None else replace(end, slab=row.slabs.index(slab))
                for end, slab in zip(ends, held, strict=True)
            )
            self._selection = Selection(anchor, head)
        else:
            self._selection = _NOTHING
        self.slabs_replaced.emit()

    def _drag_out(self, mime: QMimeData) -> None:
        """Start dragging data to another program."""
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)

    def _marks(self, row: int, slab: int, segment: int) -> Marks:
        if not self._selection and self.found_in is None:
            return ()
        part = self._rows.rows[row].slabs[slab].segments[segment]
        theme = self.look.theme
        found = self.found_in(row, slab, segment, part.text) if self.found_in is not None else ()
        marked = self._selection.within(row, slab, segment, part.laid.length) if self._selection else None
        return (*found, (*marked, QColor(theme.selection), QColor(theme.text))) if marked else found


def _cut_rows(messages: MessageList, rows: Sequence[Row], marked: Selection) -> Sequence[Row]:
    """Return the rows after splitting the text of all selected ones, except for very long rows."""
    for number in range(marked.start.row, min(marked.end.row + 1, len(rows))):
        row = rows[number]
        if len(row.text) <= LONGEST_PLAIN and row.slabs and row.parts.rest:
            messages.slabs_change(number, partial(row.parts.unroll, inf))
    return rows


def _unseen(row: Row) -> tuple[str, list[CopiedMessage]]:
    """Return the text of a message that is not laid out, because laying it out would block the window."""
    from desktop.transfer.export.copied_html import LONGEST, CopiedKind, CopiedMessage, CopiedPiece

    as_typed = row.is_prompt or row.as_written
    pieces = (CopiedPiece(CopiedKind.PLAIN if as_typed else CopiedKind.MARKDOWN, row.text),) if row.text else ()
    plain = row.text if as_typed or len(row.text) > LONGEST else row.builder.plain(row.text, row.parts.definitions())
    return plain or row.spoken, [CopiedMessage(row.author, pieces)]
