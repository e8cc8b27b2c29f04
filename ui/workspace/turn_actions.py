"""Buttons beside Send that act on the last responses of all panes: stop, retry and regenerate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QPushButton

from ui.base.strings import tr
from ui.composer.composer import Composer
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList


class TurnActions(QObject):
    """Shows each button only while it would do something."""

    def __init__(self, line: PaneList, sending: Dispatch, composer: Composer) -> None:
        super().__init__(composer)
        self._line = line
        self._composer = composer
        self.stop = self._made(tr("Stop all"), sending.stop)
        self.retry = self._made(tr("Retry failed"), sending.retry_failed)
        self.regenerate = self._made(tr("Regenerate all"), sending.regenerate)
        composer.line.add_actions((self.stop, self.retry, self.regenerate))
        composer.changed.connect(self.update)
        sending.changed.connect(self.update)
        line.shown_changed.connect(self.update)

    @Slot()
    def update(self) -> None:
        """Show the buttons that do something now. While a prompt is typed, its estimate takes the place of regenerate.

        Send itself stops all responses as long as nothing is typed.
        """
        answering = any(pane.answers for pane in self._line)
        is_typed = bool(self._composer.prompt)
        answered = any(on and pane.body.asked for pane, on in zip(self._line, self._line.on, strict=True))
        wanted = {
            self.stop: answering and is_typed,
            self.retry: any(pane.failed and not pane.answers for pane in self._line),
            self.regenerate: answered and not answering and not is_typed,
        }
        if any(button.hasFocus() and not wanted[button] for button in wanted):
            self._composer.editor.setFocus()  # Qt would pass the keyboard to a neighbor
        self._composer.line.show_actions([button for button, is_wanted in wanted.items() if is_wanted])

    def _made(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(partial(self._act, act))
        return button

    def _act(self, act: Callable[[], object]) -> None:
        self._composer.editor.setFocus()
        act()
