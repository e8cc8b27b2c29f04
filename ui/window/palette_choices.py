"""What the command palette offers: commands that can be done now, presets, and all that is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from PySide6.QtGui import QAction, QKeySequence

from desktop.presets.presets import Presets
from ui.commands import COMMANDS, Command, own_keys
from ui.pane.pane_commands import pane_commands
from ui.sidebar import entries
from ui.sidebar.entries import SidebarItem
from ui.sidebar.library import Library
from ui.strings import tr
from ui.window.desk import Desk
from ui.window.palette import PaletteChoice
from ui.workspace.workspace import Workspace

_KEYS = QKeySequence.SequenceFormat.NativeText


def offered(
    actions: Mapping[Command, QAction],
    possible: Collection[Command],
    workspace: Workspace,
    presets: Presets,
    library: Library,
    desk: Desk,
    told: Callable[[SidebarItem], str],
) -> list[PaletteChoice]:
    """Everything there is to choose now; what has no title yet is not found by one."""
    found = [
        PaletteChoice(tr(COMMANDS[command].title), own_keys(command).toString(_KEYS), do, command.value)
        for command, do in pane_commands(workspace.pane).items()
    ]
    found += [
        PaletteChoice(action.text(), action.shortcut().toString(_KEYS), action.trigger, command.value)
        for command, action in actions.items()
        if command in possible
    ]
    found += [
        PaletteChoice(
            tr("Preset: {title}", title=tr(each.title)),
            tr("Preset"),
            partial(workspace.presetting.choose, each),
            f"preset {each.id}",
        )
        for each in presets.all
    ]
    kept = [
        PaletteChoice(each.title, told(entries.of_comparison(each)), partial(desk.open_comparison, each.id), each.id)
        for each in library.comparisons
    ]
    kept += [
        PaletteChoice(each.title, told(SidebarItem(each)), partial(desk.open_conversation, each.id), each.id)
        for each in library.conversations
    ]
    return found + [each for each in kept if each.name and each.key != desk.shown_id]
