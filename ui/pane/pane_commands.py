"""Commands that are available for a pane's conversation, with their handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ui.base.commands import Command
from ui.pane.pane import Pane


def pane_commands(pane: Pane) -> Mapping[Command, Callable[[], object]]:
    """Return the available commands: Stop during a response, Regenerate and Edit at other times."""
    if pane.answers:
        handlers: dict[Command, Callable[[], object]] = {Command.STOP: pane.stop}
    elif pane.conversation.messages:
        handlers = {Command.REGENERATE: pane.writing.regenerate, Command.EDIT_LAST: pane.writing.edit_last}
    else:
        return {}
    if pane.files.at_hand:
        handlers[Command.FILES] = pane.files.open
    return {**handlers, Command.FIND: pane.transcript.open_find}
