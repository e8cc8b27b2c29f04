"""What stands over the messages now and then, made when it is first wanted: card of errors, find bar, caret reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.theme import Theme
    from ui.transcript.caret_reader import CaretReader
    from ui.transcript.error_card import ErrorCard
    from ui.transcript.find_bar import FindBar
    from ui.transcript.idle_work import IdleWork
    from ui.transcript.list.message_list import MessageList
    from ui.transcript.list.rows_model import RowsModel
    from ui.transcript.transcript_view import TranscriptView


def error_card(view: TranscriptView) -> ErrorCard:
    """Beside the list, its buttons passed on by the view."""
    from ui.transcript.error_card import ErrorCard

    card = ErrorCard(view)  # beside the list: screen readers look for nothing but items in there
    card.hide()
    card.retry.connect(view.regenerate_wanted)
    card.hurried.connect(view.hurry_wanted)
    card.continue_.connect(view.continue_wanted)
    card.connection_wanted.connect(view.connection_wanted)
    card.model_wanted.connect(view.model_wanted)
    return card


def find_bar(view: TranscriptView, messages: MessageList, model: RowsModel, theme: Theme, idle: IdleWork) -> FindBar:
    """In the corner of the view."""
    from ui.transcript.find_bar import FindBar

    bar = FindBar(messages, model, theme, view)
    place_find(view, bar)
    idle.unrolled.connect(bar.unrolled)
    return bar


def caret_reader(view: TranscriptView, messages: MessageList, idle: IdleWork) -> CaretReader:
    """Over the whole view."""
    from ui.transcript.caret_reader import CaretReader

    reader = CaretReader(view)
    reader.setGeometry(view.rect())
    reader.closed.connect(messages.setFocus)
    reader.waits.connect(idle.wake)
    return reader


def place_find(view: TranscriptView, bar: FindBar) -> None:
    """Keep the find bar in its corner."""
    bar.move(max(view.width() - bar.width() - 18, 4), 8)
