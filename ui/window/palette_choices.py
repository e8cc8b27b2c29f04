"""What the command palette offers: commands that can be done now, presets, and all that is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from PySide6.QtGui import QAction, QKeySequence

from desktop.comparison import ComparisonSummary
from desktop.domain import ConversationSummary
from desktop.presets.presets import Presets
from ui.commands import COMMANDS, Command, own_keys
from ui.pane.pane_commands import pane_commands
from ui.sidebar import entries
from ui.sidebar.entries import SidebarItem
from ui.sidebar.library import Library
from ui.strings import tr
from ui.window.desk import Desk
from ui.window.palette import PaletteChoice
from ui.window.title_bar import ARRANGEMENTS
from ui.workspace import context_rules
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
        PaletteChoice(tr(COMMANDS[command].title), partial(_written, own_keys(command)), do, command.value)
        for command, do in pane_commands(workspace.pane).items()
    ]
    found += [
        PaletteChoice(action.text(), partial(_keys_of, action), action.trigger, command.value)
        for command, action in actions.items()
        if command in possible
    ]
    found += _of_panes(workspace)
    found += [
        PaletteChoice(
            tr("Preset: {title}", title=tr(each.title)),
            lambda: tr("Preset"),
            partial(workspace.presetting.choose, each),
            f"preset {each.id}",
        )
        for each in presets.all
    ]
    kept = [
        PaletteChoice(each.title, partial(_told, told, each), partial(desk.open_comparison, each.id), each.id)
        for each in library.comparisons
    ]
    kept += [
        PaletteChoice(each.title, partial(_told, told, each), partial(desk.open_conversation, each.id), each.id)
        for each in library.conversations
    ]
    shown = desk.shown_id
    return found + [each for each in kept if each.name and each.key != shown]


def _keys_of(action: QAction) -> str:
    return _written(action.shortcut())


def _written(keys: QKeySequence) -> str:
    return keys.toString(_KEYS)


def _told(told: Callable[[SidebarItem], str], kept: ConversationSummary | ComparisonSummary) -> str:
    """What tells it from others of its title."""
    return told(entries.of_comparison(kept) if isinstance(kept, ComparisonSummary) else SidebarItem(kept))


def _of_panes(workspace: Workspace) -> list[PaletteChoice]:
    """What menus and buttons do that have no keys: with the field, and with the panes of a comparison.

    `str` gives no hint.
    """
    compares, pane = workspace.comparison is not None, workspace.pane
    field = workspace.composer if compares else pane.composer
    found = [PaletteChoice(tr("Attach files"), str, field.line.attach.click, "attach_files")]
    if not compares:
        return found
    places = workspace.places
    for arrangement, name in ARRANGEMENTS.items():
        lay_out = partial(workspace.set_arrangement, arrangement)
        found.append(PaletteChoice(tr("Layout: {name}", name=tr(name)), str, lay_out, f"layout {arrangement.value}"))
    for rule, (name, about) in context_rules.TEXTS.items():
        said, set_rule = tr("History: {rule}", rule=tr(name)), partial(workspace.set_rule, rule)
        found.append(PaletteChoice(said, partial(tr, about), set_rule, f"history {rule.value}"))
    step = partial(workspace.read_in_step, not workspace.steps.is_on)
    found += [
        PaletteChoice(tr("Read in step"), str, step, "read_in_step"),
        PaletteChoice(tr("Regenerate in all"), str, workspace.sending.regenerate, "regenerate_in_all"),
        PaletteChoice(tr("Retry failed"), str, workspace.sending.retry_failed, "retry_failed"),
    ]
    if len(workspace.line) > 1:
        at = workspace.line.place(pane)
        found += [
            PaletteChoice(pane.header.maximise.accessibleName(), str, partial(places.maximise, pane), "maximise_pane"),
            PaletteChoice(tr("Close pane"), str, partial(places.close_pane, pane), "close_pane"),
        ]
        if at > 0:
            found.append(PaletteChoice(tr("Move pane left"), str, partial(places.move_pane, pane, -1), "move_left"))
        if at < len(workspace.line) - 1:
            found.append(PaletteChoice(tr("Move pane right"), str, partial(places.move_pane, pane, 1), "move_right"))
    for name, history in ((tr("Duplicate pane"), True), (tr("Duplicate pane without history"), False)):
        duplicate = partial(places.add_pane, like=pane, with_history=history)
        found.append(PaletteChoice(name, str, duplicate, f"duplicate_pane {history}"))
    return found
