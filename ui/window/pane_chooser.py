"""Asks for the model of a pane before the pane is added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.window.desk import Desk
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.pane.model_picker import ModelPicker


class PaneChooser(QObject):
    """Opens the model picker for a new pane, with the proposed model selected. Esc adds no pane."""

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, desk: Desk, workspace: Workspace, bar: TitleBar
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._desk = desk
        self._workspace = workspace
        self._bar = bar
        self._picker: ModelPicker | None = None
        bar.add_pane_wanted.connect(self.open)
        themes.changed.connect(self._themed)

    @Slot()
    def open(self) -> None:
        """Open the picker at the button that adds panes, or explain why no pane can be added."""
        if self._workspace.places.may_add():
            if self._picker is None:
                self._picker = self._made()
            self._picker.propose(self._bar.anchor(self._bar.add_pane), self._desk.proposed_model)

    def _made(self) -> ModelPicker:
        """Return a new picker. Its code is imported on first use, because the first paint does not need it."""
        from ui.pane.model_picker import ModelPicker

        picker = ModelPicker(self._services, self._tasks, self._themes.current, self._workspace.marks, self._bar)
        picker.setAccessibleName(tr("Model of the new pane"))
        line = self._workspace.line
        picker.chosen.connect(line.model_picked)
        picker.chosen.connect(self._add)
        picker.beside_wanted.connect(self._add)
        picker.replay_wanted.connect(line.replay_wanted)
        picker.add_connection_wanted.connect(line.add_connection_wanted)
        return picker

    @Slot(object)
    def _add(self, model: ModelRef) -> None:
        self._desk.add_pane(model)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        if self._picker is not None:
            self._picker.themed(theme)
