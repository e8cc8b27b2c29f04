"""Choices for the command palette: available commands, presets and stored conversations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from desktop.domain.comparison import ComparisonSummary
from desktop.domain.conversation_types import ConversationSummary
from desktop.presets.presets import Presets
from ui.base.commands import COMMANDS, Command, own_keys
from ui.base.strings import tr
from ui.pane.pane_commands import pane_commands
from ui.sidebar import entries
from ui.sidebar.entries import SidebarItem
from ui.sidebar.sidebar import Sidebar
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
    sidebar: Sidebar,
    desk: Desk,
) -> list[PaletteChoice]:
    """Return all choices that are currently available. Untitled conversations are not included."""
    library, pane = sidebar.library, workspace.pane
    choices = [
        PaletteChoice(tr(COMMANDS[command].title), partial(_written, own_keys(command)), do, command.value)
        for command, do in pane_commands(pane).items()
    ]
    choices += [
        PaletteChoice(action.text(), lambda action=action: _written(action.shortcut()), action.trigger, command.value)
        for command, action in actions.items()
        if command in possible
    ]
    choices += _of_panes(workspace)
    choices.append(PaletteChoice(tr("Choose model"), str, pane.header.model.click, "choose_model"))
    names = {choice.name for choice in choices}
    for make in (pane.header.menu, partial(_menu_of_shown, sidebar, desk), partial(_menu_of_list, sidebar)):
        more = [choice for choice in _of_menu(make) if choice.name not in names]
        names |= {choice.name for choice in more}
        choices += more
    choices += [
        PaletteChoice(
            tr("Preset: {title}", title=tr(each.title)),
            lambda: tr("Preset"),
            partial(workspace.presetting.choose, each),
            f"preset {each.id}",
        )
        for each in presets.all
    ]
    kept = [
        PaletteChoice(each.title, partial(_told, sidebar, each), partial(desk.open_comparison, each.id), each.id)
        for each in library.comparisons
        if each.title and each.id != desk.shown_id
    ]
    return [*choices, *kept, *conversation_choices(library.conversations, sidebar, desk)]


def conversation_choices(kept: Sequence[ConversationSummary], sidebar: Sidebar, desk: Desk) -> list[PaletteChoice]:
    """Return choices for conversations that have a title and are not visible."""
    return [
        PaletteChoice(each.title, partial(_told, sidebar, each), partial(desk.open_conversation, each.id), each.id)
        for each in kept
        if each.title and each.id != desk.shown_id
    ]


def _of_menu(make: Callable[[], QMenu]) -> list[PaletteChoice]:
    """Return choices for the entries of a menu. The menu is created again when one of them is chosen."""
    menu = make()
    choices = [
        PaletteChoice(_name(action), partial(_written, action.shortcut()), partial(_trigger, make, _name(action)))
        for action in menu.actions()
        if action.text() and action.isEnabled() and not action.isSeparator()
    ]
    menu.deleteLater()
    return choices


def _trigger(make: Callable[[], QMenu], name: str) -> None:
    menu = make()
    for action in menu.actions():
        if _name(action) == name:
            action.trigger()
            break
    menu.deleteLater()


def _name(action: QAction) -> str:
    return action.text().removesuffix("…")


def _menu_of_shown(sidebar: Sidebar, desk: Desk) -> QMenu:
    """Return the menu that the list shows for the visible conversation or comparison."""
    menu = QMenu(sidebar)
    known, comparison = sidebar.library.known(desk.shown_id), sidebar.library.comparison(desk.shown_id)
    if comparison is not None:
        sidebar.list.add_actions_for(menu, entries.of_comparison(comparison))
    elif known is not None:
        sidebar.list.add_actions_for(menu, SidebarItem(known))
    return menu


def _menu_of_list(sidebar: Sidebar) -> QMenu:
    """Return the menu with the options of the list."""
    menu = QMenu(sidebar)
    sidebar.list.options_wanted.emit(menu)
    return menu


def _written(keys: QKeySequence) -> str:
    return keys.toString(_KEYS)


def _told(sidebar: Sidebar, kept: ConversationSummary | ComparisonSummary) -> str:
    """Return a hint that distinguishes a conversation from others with the same title."""
    item = entries.of_comparison(kept) if isinstance(kept, ComparisonSummary) else SidebarItem(kept)
    return sidebar.list.entries.told(item)


def _of_panes(workspace: Workspace) -> list[PaletteChoice]:
    """Return choices for menu entries and buttons that have no shortcut, in the prompt field and in panes.

    `str` is used as a function that returns no hint.
    """
    compares, pane = workspace.comparison is not None, workspace.pane
    field = workspace.composer if compares else pane.composer
    choices = [PaletteChoice(tr("Attach files"), str, field.line.attach.click, "attach_files")]
    if not compares:
        return choices
    for arrangement, name in ARRANGEMENTS.items():
        lay_out = partial(workspace.set_arrangement, arrangement)
        choices.append(PaletteChoice(tr("Layout: {name}", name=tr(name)), str, lay_out, f"layout {arrangement.value}"))
    for rule, (name, about) in context_rules.TEXTS.items():
        said, set_rule = tr("History: {rule}", rule=tr(name)), partial(workspace.set_rule, rule)
        choices.append(PaletteChoice(said, partial(tr, about), set_rule, f"history {rule.value}"))
    step = partial(workspace.read_in_step, not workspace.steps.is_on)
    choices += [
        PaletteChoice(tr("Scroll together"), str, step, "read_in_step"),
        PaletteChoice(tr("Regenerate all"), str, workspace.sending.regenerate, "regenerate_in_all"),
        PaletteChoice(tr("Retry failed"), str, workspace.sending.retry_failed, "retry_failed"),
    ]
    return choices
