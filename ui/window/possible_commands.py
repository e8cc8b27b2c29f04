"""Window commands that are currently available."""

from __future__ import annotations

from ui.base.commands import COMMANDS, PANES, Command, Context
from ui.base.text_size import STEPS, USUAL, TextSize
from ui.sidebar.sidebar import Sidebar
from ui.window.blind_rounds import BlindRounds
from ui.window.desk import Desk
from ui.window.repeats import PromptRepeats
from ui.workspace.workspace import Workspace


def possible_commands(
    desk: Desk,
    workspace: Workspace,
    sidebar: Sidebar,
    size: TextSize,
    rounds: BlindRounds,
    repeats: PromptRepeats,
) -> set[Command]:
    """Return the window commands that are currently available, wherever the keyboard focus is."""
    panes = len(workspace.line) if workspace.comparison is not None else 0
    has_messages = any(pane.conversation.messages for pane in workspace.line)
    library, shown = sidebar.library, desk.shown_id
    titled = bool(library.title(shown))
    listed = library.lists(shown)
    neighbour = sidebar.list.entries.neighbour
    can = {
        Command.ADD_PANE: not workspace.places.is_full,
        **{command: place < panes for place, command in enumerate(PANES)},
        Command.BEST_OF_TURN: rounds.sighted.is_possible,
        Command.FIGURES: panes > 0,
        Command.DIFFERENCES: panes > 0,
        Command.FIELDS: panes > 0,
        Command.TOOL_CALLS: panes > 0,
        Command.MERGE_ANSWERS: panes > 0 and has_messages,
        Command.ASK_SEVERAL_TIMES: repeats.is_possible,
        Command.PROMPTS_ONLY: has_messages or workspace.prompts.is_on,
        Command.CHOOSE_ANSWER: panes > 0 and bool(workspace.pane.conversation.messages),
        Command.ANSWER_START: has_messages,
        Command.ANSWER_END: has_messages,
        Command.PALETTE: False,  # it is where they are offered
        Command.RENAME: listed,
        Command.MOVE_TO_WINDOW: listed,
        Command.TRASH: listed,
        Command.UNDO: desk.undoing.is_offered,
        Command.EXPORT: titled,
        Command.PRINT: titled,
        Command.EXPORT_ALL: bool(library.conversations or library.comparisons),
        Command.NEXT_CHAT: bool(neighbour(shown, 1)),
        Command.PREVIOUS_CHAT: bool(neighbour(shown, -1)),
        Command.LARGER_TEXT: size.percent != STEPS[-1],
        Command.SMALLER_TEXT: size.percent != STEPS[0],
        Command.USUAL_TEXT: size.percent != USUAL,
    }
    return {each for each, facts in COMMANDS.items() if facts.context is Context.WINDOW and can.get(each, True)}
