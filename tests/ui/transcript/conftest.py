"""Fixtures of the transcript's tests: a view of a pane's size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Message
from tests.ui.transcript.inks import AtOnce
from ui.base.theme import Themes
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.transcript_view import TranscriptView

Show = Callable[[Sequence[Message]], TranscriptView]


@pytest.fixture
def show(qtbot: QtBot, themes: Themes) -> Iterator[Show]:
    """Shows messages in a view of a pane's size."""
    kept = list[TranscriptView]()

    def shown(messages: Sequence[Message]) -> TranscriptView:
        view = TranscriptView(themes, FrameScheduler(), lambda ref: ref.name, lambda _message: "88 tok/s", AtOnce())
        qtbot.addWidget(view)
        view.resize(700, 400)
        view.show()
        view.show_messages(messages)
        kept.append(view)
        return view

    yield shown
    kept.clear()
