"""What the command palette offers: commands, presets, and all that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtGui import QAction, QKeySequence

from desktop.presets.presets import Presets
from ui.commands import Command
from ui.sidebar.library import Library
from ui.strings import tr
from ui.window.desk import Desk
from ui.window.palette import PaletteChoice
from ui.workspace.workspace_presets import WorkspacePresets


def offered(
    actions: Mapping[Command, QAction], presets: Presets, presetting: WorkspacePresets, library: Library, desk: Desk
) -> list[PaletteChoice]:
    """Everything there is to choose now; what has no title yet is not found by one."""
    keys = QKeySequence.SequenceFormat.NativeText
    found = [
        PaletteChoice(action.text(), action.shortcut().toString(keys), action.trigger)
        for command, action in actions.items()
        if command is not Command.PALETTE
    ]
    found += [
        PaletteChoice(tr("Preset: {title}", title=tr(each.title)), tr("Preset"), partial(presetting.choose, each))
        for each in presets.all
    ]
    kept = [
        PaletteChoice(each.title, tr("Comparison"), partial(desk.open_comparison, each.id))
        for each in library.comparisons
    ]
    kept += [
        PaletteChoice(each.title, tr("Conversation"), partial(desk.open_conversation, each.id))
        for each in library.conversations
    ]
    return found + [each for each in kept if each.name]
