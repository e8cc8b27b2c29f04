"""Paints the sidebar's rows: headings, and conversations with their models' colors and their states."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

import msgspec
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.domain.conversation_types import ModelRef
from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme, Themes
from ui.sidebar.entries import EntryGroup, More, RowState, SidebarItem
from ui.sidebar.entries_model import STATE_NAMES, EntriesModel, count_text, hits_text, more_text
from ui.widgets.row_painter import RowPainter, fits, sized

ROW, FOUND_ROW, GROUP, FIRST_GROUP = 30, 50, 31, 26
"""Heights in pixels of a conversation, a match, a heading, and a heading at the top."""

_EDGE, _BEFORE, _RIGHT, _MARK = 12, 20, 20, 8
"""Row margins, content margins and size of a model square, in pixels."""
_STEP, _AFTER_MARKS, _WITHIN = 10, 8, 18
"""Distance between squares, distance before the title, and indentation of a comparison's chats, in pixels."""
_INDENT = _BEFORE + _MARK + _AFTER_MARKS
_MOST_MARKS = 5
_FOLD = 3
"""Half the height in pixels of the arrow in front of a comparison."""
_TAGS_AFTER = 8
_BOLDER = 1.1
"""Highest expected ratio of the painted width of highlighted words to the measured one."""
_NAME_SHARE = 0.35
"""Maximum share of the second line of a match that the model's name may take."""

Index = QModelIndex | QPersistentModelIndex


class EntryDelegate(QStyledItemDelegate):
    """Paints the sidebar's rows in the colors of the current theme."""

    def __init__(self, model: EntriesModel, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes
        self.opened = ""
        """The id of the conversation that is shown in the window."""
        self.marks: Mapping[ModelRef, int] = {}
        """Models of panes that have another colour than their own."""
        self.times = False
        """Whether each row tells its time; else only the one that is open, chosen or below the mouse."""
        self.turn = 0
        """How often what turns in rows that are being answered has turned."""
        self.hit = ""
        """The id of the message that was gone to last: of several hits in one conversation its row tells of it."""

    @property
    def _chooses(self) -> bool:
        """Whether the user is selecting rows, in which case the open conversation is highlighted less."""
        view = self.parent()
        if not isinstance(view, QAbstractItemView):
            return False
        return len(view.selectionModel().selectedIndexes()) > (0 if view.hasFocus() else 1)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        del option
        entry = self._model.entry(index)
        if isinstance(entry, EntryGroup):
            return QSize(0, FIRST_GROUP if index.row() == 0 else GROUP)
        return QSize(0, FOUND_ROW if isinstance(entry, SidebarItem) and entry.snippet else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row of the list."""
        entry = self._model.entry(index)
        row = RowPainter.of(painter, option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(entry, EntryGroup):
            self._heading(row, entry)
        elif isinstance(entry, SidebarItem):
            self._item(row, entry)
        elif isinstance(entry, More):
            self._more(row, entry)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return the field in which a title is edited."""
        del option, index
        editor = QLineEdit(parent)
        editor.setProperty("role", "inline")
        editor.setAccessibleName(tr("Title"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Position the field over the title."""
        entry = self._model.entry(index)
        begin = _begin(entry) if isinstance(entry, SidebarItem) else _INDENT
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        field = QRect(begin - 8, rect.top() + 3, rect.width() - begin, ROW - 6)
        editor.setGeometry(QStyle.visualRect(editor.layoutDirection(), rect, field))

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Show the full title as a tooltip if it is shortened."""
        entry = self._model.entry(index)
        row = RowPainter.of(QPainter(), option)
        if isinstance(entry, SidebarItem) and fits(
            self._model.title(entry), sized(row.font, 13), self._room(row, entry)
        ):
            return False
        return super().helpEvent(event, view, option, index)

    def folds_at(self, rect: QRect, item: SidebarItem, at: QPoint) -> bool:
        """Whether a click at this point expands or collapses a comparison."""
        view = self.parent()
        assert isinstance(view, QWidget)
        zone = QRect(rect.left(), rect.top(), _begin(item) - _AFTER_MARKS // 2, rect.height())
        return QStyle.visualRect(view.layoutDirection(), rect, zone).contains(at)

    def _heading(self, row: RowPainter, group: EntryGroup) -> None:
        theme = self._themes.current
        small = sized(row.font, 11)
        bold = QFont(small)
        bold.setWeight(QFont.Weight.DemiBold)
        inner = QRect(_BEFORE, row.rect.bottom() - 24, row.rect.width() - _BEFORE - _RIGHT, 24)
        taken = 0 if group.count is None else row.end(inner, count_text(group), small, theme.muted) + 8
        row.begin(inner.adjusted(0, 0, -taken, 0), group.title, bold, theme.muted)

    def _item(self, row: RowPainter, item: SidebarItem) -> None:
        theme = self._themes.current
        item = item.at_hit(self.hit)
        opened = item.conversation.id == self.opened
        self._background(row, theme, opened=opened and not self._chooses, softly=opened)
        begin = _begin(item)
        line = QRect(begin, row.rect.top(), row.rect.width() - begin - _RIGHT, ROW)
        self._marks(row, item)
        small = sized(row.font, 11)
        used_width = self._end(row, line, item, small)
        if item.snippet:
            below = line.translated(0, 20)
            name = below.adjusted(below.width() - int(below.width() * _NAME_SHARE), 0, 0, 0)
            named = row.end(name, hits_text(item) or self._model.models(item), small, theme.muted) + 10
            self._snippet(row, below.adjusted(0, 0, -named, 0), item, small)
        used = row.fade(line.adjusted(0, 0, -used_width, 0), self._model.title(item), sized(row.font, 13), theme.text)
        room = line.adjusted(used + _TAGS_AFTER, 0, -used_width, 0)
        tags = [f"#{tag}" for tag in item.conversation.tags]
        if tags and room.width() >= QFontMetrics(small).horizontalAdvance(tags[0]):
            row.begin(room, " ".join(tags), small, theme.muted)

    def _marks(self, row: RowPainter, item: SidebarItem) -> None:
        """Paint one square per model, and the arrow of a comparison."""
        theme = self._themes.current
        top = row.rect.top() + (ROW - _MARK) // 2
        row.painter.setPen(Qt.PenStyle.NoPen)
        for index, ref in enumerate(_marked_models(item)):
            own = self.marks.get(ref)
            row.painter.setBrush(QColor(theme.mark(ref) if own is None else theme.panes[own]))
            mark = QRect(_first_mark(item) + index * _STEP, top, _MARK, _MARK)
            row.painter.drawRoundedRect(row.placed(mark), 2, 2)
        if item.folds:
            index = row.placed(QRect(_EDGE - 3, top, _BEFORE - _EDGE, _MARK))
            middle, side = (
                QPointF(index.center()) + QPointF(0.5, 0.5),
                -1 if index.left() > row.rect.center().x() else 1,
            )
            arrow = [
                QPointF(-_FOLD / 2 * side, -_FOLD),
                QPointF(_FOLD / 2 * side, 0),
                QPointF(-_FOLD / 2 * side, _FOLD),
            ]
            if item.unfolded:
                arrow = [QPointF(-_FOLD, -_FOLD / 2), QPointF(0, _FOLD / 2), QPointF(_FOLD, -_FOLD / 2)]
            row.painter.setBrush(Qt.BrushStyle.NoBrush)
            row.painter.setPen(QPen(QColor(theme.muted), 1.25))
            row.painter.drawPolyline([middle + each for each in arrow])

    def _end(self, row: RowPainter, line: QRect, item: SidebarItem, font: QFont) -> int:
        """Paint the state or the time at the end of a row, and return its width."""
        theme, state = self._themes.current, self._model.state(item)
        if state is not None:
            colour = {RowState.NEW: theme.accent, RowState.FAILED: theme.bad}.get(state, theme.muted)
            used = row.end(line, tr(STATE_NAMES[state]), font, colour) + 4
            sign = row.placed(QRect(line.right() + 1 - used - _MARK, line.center().y() - 3, _MARK, _MARK))
            self._sign(row.painter, QRectF(sign), state, QColor(colour))
            return used + _MARK + 10
        seen = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        if item.within or not (self.times or item.snippet or row.state & seen or item.conversation.id == self.opened):
            return 0
        return row.end(line, self._model.time(item), font, theme.muted) + 10

    def _sign(self, painter: QPainter, place: QRectF, state: RowState, colour: QColor) -> None:
        """Paint the sign for a state: a rotating ring, a dot or a warning sign."""
        if state is RowState.ANSWERING:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.5))
            painter.drawArc(place.adjusted(0.75, 0.75, -0.75, -0.75), -self.turn * 30 * 16, 270 * 16)
        elif state is RowState.NEW:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(place.adjusted(0.5, 0.5, -0.5, -0.5))
        else:
            icon("circle-alert", colour.name(), 12).paint(painter, place.adjusted(-2, -2, 2, 2).toRect())

    def _more(self, row: RowPainter, more: More) -> None:
        theme = self._themes.current
        self._background(row, theme)
        line = QRect(_INDENT, row.rect.top(), row.rect.width() - _INDENT - _RIGHT, ROW)
        row.begin(line, more_text(more), sized(row.font, 12), theme.accent)

    def _snippet(self, row: RowPainter, area: QRect, item: SidebarItem, font: QFont) -> None:
        """Paint the snippet with highlighted matches. Text in any script is laid out correctly."""
        theme = self._themes.current
        room = area.width()
        item = _from_the_word(item, QFontMetrics(font), room)
        layout = _marked(theme, item, font, room)
        while room > 0 and (beyond := layout.lineAt(0).naturalTextWidth() - area.width()) > 0:
            room -= ceil(beyond)  # the marked words are bolder than what was measured
            layout = _marked(theme, item, font, room)
        line = layout.lineAt(0)
        place = row.placed(area)
        width = line.naturalTextWidth()
        left = place.left() if row.direction is Qt.LayoutDirection.LeftToRight else place.right() - width
        row.painter.setPen(QColor(theme.muted))
        layout.draw(row.painter, QPointF(left, place.top() + (place.height() - line.height()) / 2))

    def _room(self, row: RowPainter, item: SidebarItem) -> int:
        """Return the width available for the title."""
        small, state = QFontMetrics(sized(row.font, 11)), self._model.state(item)
        said = tr(STATE_NAMES[state]) if state is not None else self._model.time(item)
        taken = small.horizontalAdvance(said) + (_MARK + 14 if state is not None else 10)
        return row.rect.width() - _begin(item) - _RIGHT - taken

    def _background(self, row: RowPainter, theme: Theme, *, opened: bool = False, softly: bool = False) -> None:
        """Highlight open and selected rows. `softly` is for hovered rows, and for the open row during selection."""
        selected = bool(row.state & QStyle.StateFlag.State_Selected)
        focused = bool(row.state & QStyle.StateFlag.State_HasFocus)
        if opened or selected:
            row.painter.setBrush(QColor(theme.tint))
        elif softly or row.state & QStyle.StateFlag.State_MouseOver:
            row.painter.setBrush(QColor(theme.bubble))
        elif focused:
            row.painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            return
        row.painter.setPen(QColor(theme.accent) if focused else Qt.PenStyle.NoPen)
        row.painter.drawRoundedRect(QRectF(row.rect).adjusted(_EDGE + 0.5, 0.5, -_EDGE - 0.5, -0.5), 6, 6)


def _marked_models(item: SidebarItem) -> Sequence[ModelRef]:
    """Return the models that have a square, each once."""
    return list(dict.fromkeys(item.models))[:_MOST_MARKS]


def _first_mark(item: SidebarItem) -> int:
    return _BEFORE + (_WITHIN if item.within else 0)


def _begin(item: SidebarItem) -> int:
    """Return the x-position of the title, after the squares if there are any."""
    marks = len(_marked_models(item))
    return _first_mark(item) + (marks * _STEP - (_STEP - _MARK) + _AFTER_MARKS if marks else 0)


def _from_the_word(item: SidebarItem, measure: QFontMetrics, room: int) -> SidebarItem:
    """Return the item with its snippet starting at the first match, if that match would not fit otherwise.

    If the match is at the end of a long word, the beginning of that word is cut off.
    """
    start, end = item.marks[0] if item.marks else (0, 0)
    marked = measure.horizontalAdvance(f"{item.snippet[start:end]}…") * _BOLDER
    if not start or measure.horizontalAdvance(item.snippet[:start]) + marked <= room:
        return item
    word = item.snippet.rfind(" ", 0, start) + 1
    if word and measure.horizontalAdvance(f"…{item.snippet[word:start]}") + marked <= room:
        start = word
    marks = tuple((begin - start + 1, over - start + 1) for begin, over in item.marks)
    return msgspec.structs.replace(item, snippet=f"…{item.snippet[start:]}", marks=marks)


def _marked(theme: Theme, item: SidebarItem, font: QFont, room: int) -> QTextLayout:
    """Return the snippet laid out as one line that fits into a width."""
    text = QFontMetrics(font).elidedText(item.snippet, Qt.TextElideMode.ElideRight, max(room, 0))
    layout = QTextLayout(text, font)
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.setFormats([_mark(theme, text, *mark) for mark in item.marks if mark[0] < len(text)])
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return layout


def _mark(theme: Theme, text: str, start: int, end: int) -> QTextLayout.FormatRange:
    """Return the highlight of a range. Qt counts characters outside the basic plane as two."""
    range_ = QTextLayout.FormatRange()
    begin = _units(text[:start])
    range_.start, range_.length = begin, _units(text[:end]) - begin  # pyright: ignore[reportAttributeAccessIssue]
    form = QTextCharFormat()
    form.setForeground(QColor(theme.text))
    form.setBackground(QColor(theme.tint))
    form.setFontWeight(QFont.Weight.DemiBold)
    range_.format = form  # pyright: ignore[reportAttributeAccessIssue]
    return range_


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
