"""What panes say of what was sent to all: once at the field of all where several say the same or have no field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from ui.base.strings import trn
from ui.composer.composer import Composer
from ui.pane.pane import Pane
from ui.widgets.notice_bar import NoticeBar, QuestionBar
from ui.workspace.pane_list import PaneList

_LATER_MS = 30
"""All panes have said by then what they say to the same prompt."""

_Said = tuple[Pane, NoticeBar]


class CommonNotices(QObject):
    """Takes bars out of the panes' sight while one at the field of all stands for them: what it is told, they are."""

    def __init__(self, line: PaneList, composer: Composer, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._notices = composer.notices
        self._shown: dict[object, tuple[NoticeBar, tuple[NoticeBar, ...]]] = {}
        self._soon = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._soon.timeout.connect(self._show)
        line.noticed.connect(self.update)

    @Slot()
    def update(self) -> None:
        """Panes say something else, or have a field now or none any more."""
        self._soon.start()

    @Slot()
    def _show(self) -> None:
        found: dict[object, list[_Said]] = {}
        for pane in self._line:
            for bar in pane.composer.notices.bars:
                found.setdefault(bar.alike.topic if bar.alike else bar.text, []).append((pane, bar))
        several = len(self._line) > 1
        for topic, (bar, panes) in tuple(self._shown.items()):
            now = tuple(each for _, each in found.get(topic, ()))
            if not several or now != panes:
                del self._shown[topic]
                bar.dismiss()
        for topic, said in found.items():
            together = several and (len(_panes(said)) > 1 or said[0][0].composer.isHidden())
            for pane, bar in said:
                pane.composer.notices.lend(bar, lent=together)
            if together and topic not in self._shown:
                self._say(topic, said)
            elif together:
                self._shown[topic][0].say(_whole(said))  # the pane may have another number by now

    def _say(self, topic: object, said: Sequence[_Said]) -> None:
        bars = tuple(bar for _, bar in said)
        first = bars[0]
        common = self._notices.show_notice(
            _whole(said),
            tone=first.tone,
            action=first.action,
            life_ms=max(bar.life_ms for bar in bars),
            escapes=isinstance(first, QuestionBar),
        )
        self._shown[topic] = (common, bars)
        common.acted.connect(lambda: [bar.act() for bar in bars])
        common.dismissed.connect(lambda: self._dismissed(topic, bars))

    def _dismissed(self, topic: object, bars: Sequence[NoticeBar]) -> None:
        """It ended, was dismissed or acted upon: so are those that it stands for."""
        if self._shown.get(topic, (None, ()))[1] == bars:
            del self._shown[topic]
            for bar in bars:
                bar.dismiss()


def _whole(said: Sequence[_Said]) -> str:
    """What is said, and who says it."""
    text, panes = _sentence([bar for _, bar in said]), len(_panes(said))
    if panes == 1:
        return f"{said[0][0].accessibleName()}: {text}"
    return trn("{n} pane: {sentence}", "{n} panes: {sentence}", panes, sentence=text)


def _sentence(bars: Sequence[NoticeBar]) -> str:
    """What all of them say, with every name once."""
    first = bars[0]
    names = dict.fromkeys(bar.alike.name for bar in bars if bar.alike)
    return first.alike.say(", ".join(names)) if first.alike is not None and len(names) > 1 else first.text


def _panes(said: Sequence[_Said]) -> set[Pane]:
    """Which panes say it: one may say the same of two prompts."""
    return {pane for pane, _ in said}
