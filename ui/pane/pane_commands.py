"""What can be done now with the conversation of a pane as a whole, and what does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ui.base.commands import Command
from ui.pane.pane import Pane


def pane_commands(pane: Pane) -> Mapping[Command, Callable[[], object]]:
    """Its answer is stopped while it comes, and asked for again afterwards."""
    if pane.answers:
        found: dict[Command, Callable[[], object]] = {Command.STOP: pane.stop}
    elif pane.conversation.messages:
        found = {Command.REGENERATE: pane.writing.regenerate, Command.EDIT_LAST: pane.writing.edit_last}
    else:
        return {}
    if pane.files.at_hand:
        found[Command.FILES] = pane.files.open
    return {**found, Command.FIND: pane.transcript.open_find}
