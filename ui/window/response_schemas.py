"""Response schemas in the window: the dialog that sets one for all panes, and its entries in the panes' menus."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu

from ui.base.commands import COMMANDS, Command
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.pane.pane import Pane
from ui.workspace.workspace import Workspace


class ResponseSchemas(QObject):
    """Opens the dialog, and applies the schema to all visible panes."""

    def __init__(self, facts: ModelFacts, tasks: Tasks, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._facts = facts
        self._tasks = tasks
        self._workspace = workspace
        workspace.line.menu_opened.connect(self._fill)
        workspace.line.schema_wanted.connect(self.open)
        workspace.line.schema_remove_wanted.connect(self.remove)

    @Slot()
    def open(self) -> None:
        """Open the dialog with the schema of the active pane, or else that of another pane."""
        from desktop.evals.graders.check_desk import schema_slip
        from ui.workspace.schema_dialog import SchemaDialog  # the first paint needs neither

        line = self._workspace.line
        schemas = [pane.conversation.tools.schema for pane in (self._workspace.pane, *line)]
        schema = next(filter(None, schemas), "")
        refs = dict.fromkeys(pane.conversation.model for pane in line)
        unsupported = [self._facts.name(ref) for ref in refs if self._facts.entry(ref).structured_output is False]
        dialog = SchemaDialog(schema, unsupported, len(line), schema_slip, self._tasks, self._workspace.window())
        dialog.chosen.connect(self._use)
        dialog.open()
        dialog.text.setFocus()

    @Slot()
    def remove(self) -> None:
        """Remove the schema from all panes."""
        self._use("")

    @Slot(str)
    def _use(self, schema: str) -> None:
        for pane in self._workspace.line:
            pane.set_schema(schema)

    @Slot(object, QMenu)
    def _fill(self, pane: Pane, menu: QMenu) -> None:
        after = menu.actions()[-1]
        menu.addAction(tr(COMMANDS[Command.RESPONSE_SCHEMA].title), self.open)
        if pane.conversation.tools.schema:
            menu.addAction(tr("Remove response schema"), self.remove)
        if not after.isSeparator():
            menu.insertSeparator(menu.actions()[menu.actions().index(after) + 1])
