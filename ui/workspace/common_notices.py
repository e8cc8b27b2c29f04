"""Merges equal notices in several panes into one notice at the shared prompt field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from ui.base.strings import trn
from ui.composer.composer import Composer
from ui.pane.pane import Pane
from ui.widgets.notice_bar import NoticeBar, QuestionBar
from ui.workspace.pane_list import PaneList

_LATER_MS = 30
"""Delay after which all panes have shown their notices about the same prompt."""

_Said = tuple[Pane, NoticeBar]


class CommonNotices(QObject):
    """Shows one shared notice in place of equal ones in the panes, and applies its outcome to all of them."""

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
        """Schedule an update, because the notices or the prompt fields of panes have changed."""
        self._soon.start()

    @Slot()
    def _show(self) -> None:
        notices: dict[object, list[_Said]] = {}
        for pane in self._line:
            for bar in pane.composer.notices.bars:
                notices.setdefault(bar.alike.topic if bar.alike else bar.text, []).append((pane, bar))
        several = len(self._line) > 1
        for topic, (bar, panes) in tuple(self._shown.items()):
            now = tuple(each for _, each in notices.get(topic, ()))
            if not several or now != panes:
                del self._shown[topic]
                bar.dismiss()
        for topic, pane_bars in notices.items():
            together = several and (len(_panes(pane_bars)) > 1 or pane_bars[0][0].composer.isHidden())
            for pane, bar in pane_bars:
                pane.composer.notices.lend(bar, lent=together)
            if together and topic not in self._shown:
                self._say(topic, pane_bars)
            elif together:
                self._shown[topic][0].say(_whole(pane_bars))  # the pane may have another number by now

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
        """Dismiss the notices that the shared one replaced."""
        if self._shown.get(topic, (None, ()))[1] == bars:
            del self._shown[topic]
            for bar in bars:
                bar.dismiss()


def _whole(said: Sequence[_Said]) -> str:
    """Return the text of a shared notice, including which panes it is about."""
    text, panes = _sentence([bar for _, bar in said]), len(_panes(said))
    if panes == 1:
        return f"{said[0][0].accessibleName()}: {text}"
    return trn("{n} pane: {sentence}", "{n} panes: {sentence}", panes, sentence=text)


def _sentence(bars: Sequence[NoticeBar]) -> str:
    """Return the common sentence of notices, in which each name is listed once."""
    first = bars[0]
    names = dict.fromkeys(bar.alike.name for bar in bars if bar.alike)
    return first.alike.say(", ".join(names)) if first.alike is not None and len(names) > 1 else first.text


def _panes(said: Sequence[_Said]) -> set[Pane]:
    """Return the panes that have these notices. A pane may have several."""
    return {pane for pane, _ in said}
