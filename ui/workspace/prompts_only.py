"""All but the prompts folded: a line for each answer, in all panes; one that is pressed opens its turn everywhere."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from ui.pane.pane import Pane
from ui.strings import tr
from ui.widgets.announcement import announce
from ui.workspace.pane_list import PaneList


class PromptsOnly(QObject):
    """Off until it is turned on."""

    changed = Signal(bool)

    def __init__(self, line: PaneList, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._on = False
        line.brief_wanted.connect(self._open_turn)

    @property
    def is_on(self) -> bool:
        """Whether a line stands for each answer."""
        return self._on

    @Slot(bool)
    def set_on(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Fold all answers, or show them whole."""
        was, self._on = self._on, on
        self.apply()
        if was != on:
            self.changed.emit(on)

    def toggle(self) -> None:
        """Fold what is whole, show what is folded."""
        self.set_on(not self._on)
        said = tr("One line per response.") if self._on else tr("Responses are shown in full.")
        announce(self._line[0], said)

    def apply(self) -> None:
        """Let panes that are new here be as the others are."""
        for pane in self._line:
            pane.transcript.set_prompts_only(self._on)

    @Slot(object, int)
    def _open_turn(self, pane: Pane, turn: int) -> None:
        """Show the answers whole again, each pane at this turn."""
        if pane in self._line:
            self.set_on(False)
            for each in self._line:
                each.transcript.turns.show(turn, 0)
