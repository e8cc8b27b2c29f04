"""The scrolling surface of the transcript: rows laid out and painted by slabs.

QListView would lay out all rows; this view uses a Flow to lay out only the visible ones. Scrolled content is moved on
the screen, and only content that became visible or changed is painted.
"""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, cast

from PySide6.QtCore import QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.transcript.list.flow import Placed
from ui.transcript.list.flow_view import ABOVE, STEP, FlowView
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.card_slab import CardSlab
from ui.transcript.message.row import Row
from ui.transcript.message.section_segment import SectionSegment
from ui.transcript.message.slabs import Pen, Slab
from ui.transcript.message.tool_card import TextKind, ToolCard
from ui.transcript.text.documents import Marks
from ui.transcript.text.look import Look
from ui.widgets.fills import fill

MarksOf = Callable[[int, int, int], Marks]
"""Function that returns the highlights of a segment, given row, slab and segment."""


def paint_slabs(
    painter: QPainter, asked: QRect, placed: Sequence[Placed[Slab]], column: tuple[int, int], marks_of: MarksOf
) -> None:
    """Paint the slabs that intersect `asked`. `column` contains the left edge and the width of the text in pixels."""
    column_left, width = column
    clip = QRectF(asked)
    for each in placed:
        if each.top > asked.bottom():
            break
        if each.top + each.slab.height(width) < asked.top():
            continue
        pen = Pen(painter, column_left, each.top, width, clip)
        row, slab = each.row, each.number
        each.slab.paint(pen, lambda segment, row=row, slab=slab: marks_of(row, slab, segment))


def paint_ring(painter: QPainter, message: QRect, look: Look) -> None:
    """Paint a focus ring around a message."""
    painter.setPen(QPen(QColor(look.theme.accent), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(message).adjusted(-8.5, 4.5, 8.5, -3.5), 8, 8)


_KEPT = 640
"""Maximum number of hidden slabs that keep their documents, about 160 rows."""


class RecentSlabs:
    """Slabs in the order in which they were last visible. Slabs unseen for long lose their documents."""

    def __init__(self) -> None:
        self._slabs: dict[Slab, None] = {}

    def keep(self, rows: Iterable[Row]) -> None:
        """Remove the slabs that do not belong to these rows."""
        shown = set(rows)
        self._slabs = {slab: None for slab in self._slabs if slab.shown in shown}

    def seen(self, slabs: Sequence[Slab]) -> None:
        """Mark slabs as visible, and drop the documents of slabs unseen for long."""
        for slab in slabs:
            self._slabs.pop(slab, None)
            self._slabs[slab] = None
        while len(self._slabs) > max(_KEPT, len(slabs)):
            oldest = next(iter(self._slabs))
            del self._slabs[oldest]
            oldest.drop()


_SMOOTH = QPainter.RenderHint.Antialiasing
_RECTS = 4
"""Maximum number of areas that are repainted separately; if there are more, their bounding rectangle is repainted."""


class HeldSlab(NamedTuple):
    """Slab, given by its row and index, that is to stay at its position in the viewport."""

    row: int
    number: int
    top: int


_LEAD = 0.4
"""Share of the height that a prompt may take at most above its response."""


class Canvas(FlowView):
    """View that lays out and paints the rows of a model. `moved` is emitted when positions change."""

    moved = Signal()
    at_end_changed = Signal(bool)

    def __init__(self, model: RowsModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(model, look, parent)
        self._placed: list[Placed[Slab]] = []
        self._recent = RecentSlabs()
        self._was_at_end = True
        self.fitting = False
        """Whether it is being laid out for another size or look: what moves then was moved by nobody."""
        self.rings = False
        """Whether a ring shows the message that the keyboard is on."""
        self.marks_of: Callable[[int, int, int], Marks] = _no_marks
        """What is marked in a segment, by row, slab and segment."""

    @property
    def at_end(self) -> bool:
        """Whether the end of the conversation is visible."""
        return self._flow.at_end

    @property
    def follows(self) -> bool:
        """Whether new text scrolls into view."""
        return self._flow.following

    @property
    def placed(self) -> list[Placed[Slab]]:
        """The visible slabs."""
        return self._placed

    def shows(self, slab: object) -> bool:
        """Whether a slab is visible."""
        return any(each.slab is slab for each in self._placed)

    def row_of(self, placed: Placed[Slab]) -> Row:
        """Return the row of a slab."""
        return self._rows.rows[placed.row]

    def set_look(self, look: Look) -> None:
        """Switch to another theme or text size."""
        anchor = self._held()
        self._look = look
        for row in self._rows.rows:
            row.parts.restyle()
        self._flow.resize(self.column[1], self.viewport().height())
        self._flow.set_rows(self._rows.rows, 0)
        self._show(anchor)

    def rows_replaced(self, same: int) -> None:
        """Update after the rows of the model changed; the first `same` rows are unchanged."""
        self._recent.keep(self._rows.rows)
        self._flow.set_rows(self._rows.rows, same)
        self.refresh(everything=True)

    def hold_row(self, number: int, top: int) -> None:
        """Scroll a row to a position in the viewport, or near it if the position is outside."""
        height = self.viewport().height()
        within = max(top, 0) if top <= height - 2 * STEP else height // 3
        self._flow.hold(number, 0, within)
        self.refresh(everything=True)

    def row_grew(self, number: int) -> None:
        """Update a row to which text was added. If the end was visible, it stays visible."""
        self._flow.row_changed(number)
        self.refresh(changed=number)

    def row_changed(self, number: int) -> None:
        """Update a row that changed, preserving the reading position."""
        self._flow.row_changed(number)
        self.refresh(everything=True)

    def change_in_place(self, number: int, what: Callable[[], None]) -> None:
        """Call `what`, which changes a row, while the top of the row stays in place."""
        top = self._flow.top_of(number)
        what()
        self._flow.row_changed(number)
        self._flow.hold(number, 0, top)
        self.refresh(everything=True)

    def slabs_change(self, number: int, what: Callable[[], object]) -> None:
        """Call `what`, which replaces slabs of a row, while the slab being read stays in place."""
        row = self._rows.rows[number]
        anchor = None if self._flow.following else next((each for each in self._placed if each.top >= 0), None)
        anchor = anchor or (self._placed[0] if self._placed and not self._flow.following else None)
        what()
        self._flow.row_changed(number)
        if anchor is not None:
            within = anchor.number
            if anchor.row == number:
                is_there = anchor.slab in row.slabs
                within = row.slabs.index(anchor.slab) if is_there else min(within, len(row.slabs) - 1)
            self._flow.hold(anchor.row, within, anchor.top)
        self.refresh(everything=True)

    def turn_section(self, placed: Placed[Slab], segment: SectionSegment) -> bool:
        """Fold or unfold a section. Its summary stays in place. Returns whether there is a section."""
        row, section = self.row_of(placed), segment.section
        if section is None:
            return False
        row.folds.fold(section.start, on=not section.folded)
        row.parts.refold()
        self._flow.row_changed(placed.row)
        self._flow.hold(placed.row, placed.number, placed.top)
        self.refresh(everything=True)
        self._rows.tell(row)
        return True

    def fold_sections(self, row: Row, *, on: bool) -> None:
        """Fold or unfold all sections and tool cards of a message. Its top stays in place."""
        row.folds.fold_all(on=on)

        def refold() -> None:
            row.parts.refold()
            for card in row.cards:
                card.unfolded = not on
                row.parts.update_card(card)

        number = self._rows.number(row)
        self.change_in_place(number, partial(self._replace_slabs, number, refold))
        self._rows.tell(row)

    def change_card(self, number: int, what: Callable[[], object]) -> None:
        """Call `what`, which changes a tool card of a row, while the slab being read stays in place."""
        self.slabs_change(number, partial(self._replace_slabs, number, what))

    def turn_card(self, placed: Placed[Slab], card: ToolCard) -> None:
        """Fold or unfold a tool card, or show all of one of its texts. The slab at which that was requested stays."""
        row = self.row_of(placed)
        self._replace_slabs(placed.row, partial(row.parts.update_card, card))
        self._flow.row_changed(placed.row)
        self._flow.hold(placed.row, placed.number, placed.top)
        self.refresh(everything=True)
        self._rows.tell(row)

    def unfold_card(self, row: Row, card: ToolCard, kind: TextKind | None) -> None:
        """Unfold a tool card, and show all of a text if one is given, so that text in it can be scrolled to."""
        if kind is None or (card.unfolded and kind in card.whole):
            return
        card.unfolded = True
        card.whole.add(kind)
        self.change_card(self._rows.number(row), partial(row.parts.update_card, card))
        self._rows.tell(row)

    def show_card(self, number: int, card: ToolCard) -> None:
        """Unfold a tool card of a row and scroll to it."""
        row = self._rows.rows[number]
        if not card.unfolded:
            card.unfolded = True
            self.change_card(number, partial(row.parts.update_card, card))
            self._rows.tell(row)
        slab = next((at for at, each in enumerate(row.slabs) if isinstance(each, CardSlab) and each.card is card), None)
        if slab is not None:
            self.show_slab(number, slab, 0)

    def unfold_around(self, row: Row, slab: int, segment: int) -> None:
        """Unfold the sections that hide a segment, so that it can be scrolled to."""
        within = row.slabs[slab]
        if isinstance(within, BodySlab) and within.unfold(segment):
            self.change_in_place(self._rows.number(row), row.parts.refold)

    def redraw_slab(self, number: int, slab: BodySlab, write: Callable[[], None]) -> None:
        """Call `write`, which inserts pictures into a slab, while the line being read stays in place."""
        width = self.column[1]
        first = self._placed[0] if self._placed and not self._flow.following else None

        def redraw() -> None:
            write()
            slab.changed()

        if first is None or first.slab is not slab or first.top >= 0 or not slab.segments:
            self.slabs_change(number, redraw)
            return
        spot, at = slab.spot_in(-first.top, self.viewport().height() - first.top, width)
        redraw()
        self._flow.row_changed(number)
        self._flow.hold(number, first.number, first.top + at - slab.top_of_spot(spot, width))
        self.refresh(everything=True)

    def follow(self) -> None:
        """Scroll to the end at every change from now on."""
        self._flow.to_end()

    def lead(self, number: int) -> None:
        """Show a prompt at the top, with room for its response. Of a long prompt, the end is shown."""
        height = self.viewport().height()
        tall = self._rows.rows[number].likely_height(self.column[1])
        self._flow.lead(number, above=min(ABOVE if number else 0, int(height * _LEAD) - tall))
        self._show(None)

    def go_to_row(self, number: int) -> None:
        """Scroll to the top of a row."""
        self._flow.go_to(number, above=ABOVE if number else 0)
        self.refresh(everything=True)

    @Slot()
    def to_end(self) -> None:
        """Scroll to the end, now and at every change."""
        self._flow.to_end()
        self.refresh(everything=True)

    def show_slab(self, row: int, slab: int, y: int) -> None:
        """Scroll a position in a slab into the upper third of the viewport, unless the position is visible."""
        height = self.viewport().height()
        top = self._flow.top_of(row, slab) + y
        if not 0 <= top <= height - 2 * STEP:
            self._flow.go_to(row, slab, above=height // 3 - y)
            self.refresh(everything=True)

    def scroll_by(self, distance: int) -> None:
        """Scroll by pixels, down if positive."""
        self._flow.scroll(distance)
        self.refresh()

    def row_top(self, row: Row) -> int:
        """Return the position of a row relative to the viewport in pixels. The row need not be visible."""
        return self._flow.top_of(self._rows.number(row)) if row in self._rows.rows else 0

    def refresh(self, *, everything: bool = False, changed: int | None = None) -> None:
        """Lay out the visible rows and repaint what moved or changed."""
        before = {(each.row, each.number): each.top for each in self._placed}
        self._placed = self._flow.visible()
        self._mirror()
        self._recent.seen([each.slab for each in self._placed])
        if everything:
            self.viewport().update()
        else:
            self._redraw(before, changed)
        if (at_end := self._flow.at_end) != self._was_at_end:
            self._was_at_end = at_end
            self.at_end_changed.emit(at_end)
        self.moved.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Follow the scroll bar, scrolling over short distances and jumping over long ones."""
        del dx
        if self._silent or not dy:
            return
        if abs(dy) <= 2 * self.viewport().height():
            self._flow.scroll(-dy)
        else:
            self._flow.jump(self.verticalScrollBar().value())
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out the rows for the new width, preserving the reading position."""
        held = self._held()
        self._flow.resize(self.column[1], self.viewport().height())
        super().resizeEvent(event)
        self._show(held)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the requested slabs."""
        painter = QPainter(self.viewport())
        try:
            # New content at the top and a button at the bottom are separate areas.
            for part in _parts(event):
                # Edge pixels are painted completely, because partial ones would show the old content.
                rect = part.adjusted(-1, -1, 1, 1)
                painter.setClipRect(rect)
                painter.setRenderHint(_SMOOTH, on=False)
                fill(painter, rect, QColor(self._look.theme.canvas))
                painter.setRenderHint(_SMOOTH)
                paint_slabs(painter, rect, self._placed, self.column, self.marks_of)
            painter.setClipping(False)
            if self.rings and self.hasFocus() and self.currentIndex().isValid():
                paint_ring(painter, self.visualRect(self.currentIndex()), self._look)
        finally:
            painter.end()

    def _redraw(self, before: dict[tuple[int, int], int], changed: int | None) -> None:
        """Move the content that only scrolled, and repaint the rest."""
        shifts = {
            each.top - before[each.row, each.number] for each in self._placed if (each.row, each.number) in before
        }
        shift = shifts.pop() if len(shifts) == 1 else None
        if shift is None or not _moves_exactly(shift, self.devicePixelRatioF()):
            self.viewport().update()
            return
        if shift and abs(shift) < self.viewport().height():
            self.viewport().scroll(0, shift)
        elif shift:
            self.viewport().update()
        for each in self._placed:
            if each.row == changed or (each.row, each.number) not in before:
                start = each.top + (
                    each.slab.dirty_from if each.row == changed and (each.row, each.number) in before else 0
                )
                self.viewport().update(QRect(0, start, self.viewport().width(), self.viewport().height() - start))
                break

    def _replace_slabs(self, number: int, what: Callable[[], object]) -> None:
        """Call `what`, which adds or removes slabs of a row."""
        del number
        what()

    def _held(self) -> HeldSlab | None:
        """Return the first slab that begins in the viewport, or None if the end is followed."""
        if self._flow.following or not self._placed:
            return None
        each = next((each for each in self._placed if each.top >= 0), self._placed[0])
        return HeldSlab(each.row, each.number, each.top)

    def _show(self, held: HeldSlab | None) -> None:
        self.fitting = True
        try:
            if held is not None:
                self._flow.hold(*held)
            self.refresh(everything=True)
        finally:
            self.fitting = False


def _parts(event: QPaintEvent) -> list[QRect]:
    """Return the rectangles to repaint."""
    region = event.region()
    rects = cast("Iterable[QRect]", region)  # the stubs do not say that a region can be gone through
    return list(rects) if region.rectCount() <= _RECTS else [event.rect()]


def _no_marks(row: int, slab: int, segment: int) -> Marks:
    del row, slab, segment
    return ()


def _moves_exactly(shift: int, ratio: float) -> bool:
    """Whether a shift is a whole number of physical pixels."""
    moved = shift * ratio
    return moved == round(moved)
