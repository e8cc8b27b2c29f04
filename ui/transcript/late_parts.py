"""What stands over the messages now and then, made when it is first wanted: find bar and caret reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.theme import Theme
    from ui.transcript.caret_reader import CaretReader
    from ui.transcript.find_bar import FindBar
    from ui.transcript.idle_work import IdleWork
    from ui.transcript.list.message_list import MessageList
    from ui.transcript.list.rows_model import RowsModel


def find_bar(view: QWidget, messages: MessageList, model: RowsModel, theme: Theme, idle: IdleWork) -> FindBar:
    """In the corner of the view."""
    from ui.transcript.find_bar import FindBar

    bar = FindBar(messages, model, theme, view)
    place_find(view, bar)
    idle.unrolled.connect(bar.unrolled)
    return bar


def caret_reader(view: QWidget, messages: MessageList, idle: IdleWork) -> CaretReader:
    """Over the whole view."""
    from ui.transcript.caret_reader import CaretReader

    reader = CaretReader(view)
    reader.setGeometry(view.rect())
    reader.closed.connect(messages.setFocus)
    reader.waits.connect(idle.wake)
    return reader


def place_find(view: QWidget, bar: FindBar) -> None:
    """Keep the find bar in its corner."""
    bar.move(max(view.width() - bar.width() - 18, 4), 8)
