"""Table of all window commands: settings key, title, shortcuts and the context in which they apply."""

from __future__ import annotations

from enum import Enum, StrEnum, auto

from msgspec import Struct
from PySide6.QtGui import QKeySequence

from desktop.settings.option import Option
from desktop.settings.schema import SHORTCUTS
from desktop.settings.values import Settings
from desktop.text.phrases import Phrase, phrase

NO_KEYS = "none"
"""Value in the settings file for a command without a shortcut."""


class Context(Enum):
    """The part of the window that needs keyboard focus for a shortcut to work. All contexts lie within WINDOW."""

    WINDOW = auto()  # anywhere in the main window
    PANE = auto()  # anywhere in a conversation's pane
    PROMPT = auto()  # where a prompt is typed
    MESSAGE = auto()  # on a message of the transcript

    @property
    def around(self) -> Context | None:
        """The enclosing context, or None for the window."""
        return {Context.PANE: Context.WINDOW, Context.WINDOW: None}.get(self, Context.PANE)

    def holds_with(self, other: Context) -> bool:
        """Whether the keyboard focus can be in both contexts at the same time."""
        return self.is_within(other) or other.is_within(self)

    def is_within(self, other: Context) -> bool:
        """Whether this context is `other` or lies inside it."""
        return self is other or (self.around is not None and self.around.is_within(other))


class MenuTitle(Enum):
    """A menu of the menu bar; its value is the title. A letter after & opens it together with Alt."""

    FILE = phrase("&File")
    EDIT = phrase("&Edit")
    VIEW = phrase("&View")
    CHAT = phrase("&Chat")
    COMPARE = phrase("C&ompare")
    EVALUATE = phrase("Eva&luate")
    HELP = phrase("&Help")


class Command(StrEnum):
    """All commands that have a keyboard shortcut. Values of window commands are their keys in the settings file."""

    NEW_CHAT = "new_chat"
    TEMPORARY_CHAT = "temporary_chat"
    NEW_COMPARISON = "new_comparison"
    ADD_PANE = "add_pane"
    BLIND_ROUND = "blind_round"
    RANKING = "ranking"
    BEST_OF_TURN = "best_of_this_turn"
    GO_TO_PANE_1 = "go_to_pane_1"
    GO_TO_PANE_2 = "go_to_pane_2"
    GO_TO_PANE_3 = "go_to_pane_3"
    GO_TO_PANE_4 = "go_to_pane_4"
    GO_TO_PANE_5 = "go_to_pane_5"
    GO_TO_PANE_6 = "go_to_pane_6"
    GO_TO_PANE_7 = "go_to_pane_7"
    GO_TO_PANE_8 = "go_to_pane_8"
    FIGURES = "figures"
    DIFFERENCES = "differences"
    FIELDS = "fields"
    TOOL_CALLS = "tool_calls"
    RESPONSE_SCHEMA = "response_schema"
    LATENCY = "latency_and_cost"
    RUNS = "runs"
    NEW_RUN = "new_run"
    REPLAY = "replay"
    TOOLS = "tools"
    ANSWER_CALLS = "answer_tool_calls"
    MERGE_ANSWERS = "merge_answers"
    ASK_SEVERAL_TIMES = "ask_several_times"
    PROMPTS_ONLY = "prompts_only"
    CHOOSE_ANSWER = "choose_this_answer"
    PALETTE = "commands"
    SEARCH = "search_conversations"
    RENAME = "rename"
    TRASH = "move_to_trash"
    UNDO = "undo_the_last_step"
    IMPORT = "import_conversations"
    EXPORT = "export_this_conversation"
    EXPORT_ALL = "export_everything"
    PRINT = "print"
    TOGGLE_SIDEBAR = "show_or_hide_the_sidebar"
    NEXT_CHAT = "next_chat"
    PREVIOUS_CHAT = "previous_chat"
    GO_TO_PROMPT = "go_to_the_message_field"
    ANSWER_START = "go_to_start_of_response"
    ANSWER_END = "go_to_end_of_response"
    CORRECT_SPELLING = "correct_spelling"
    LARGER_TEXT = "larger_text"
    SMALLER_TEXT = "smaller_text"
    USUAL_TEXT = "usual_text_size"
    FULL_SCREEN = "full_screen"
    NEW_WINDOW = "new_window"
    MOVE_TO_WINDOW = "move_to_new_window"
    ADD_CONNECTION = "add_connection"
    SETTINGS = "settings"
    DOCTOR = "doctor"
    ABOUT = "about_paragone"
    KEYBOARD_SHORTCUTS = "keyboard_shortcuts"
    QUIT = "quit"

    SEND = "send"
    BREAK_LINE = "break_the_line"
    STOP = "stop_the_answer"
    EDIT_LAST = "edit_the_last_prompt"
    FIND = "find_in_conversation"
    NEXT_HIT = "next_hit"
    PREVIOUS_HIT = "previous_hit"

    COPY = "copy"
    COPY_MARKDOWN = "copy_as_markdown"
    READ = "read_with_a_caret"
    FILES = "open_files"
    EDIT = "edit"
    REGENERATE = "regenerate"
    REGENERATE_WITH = "regenerate_with_another_model"
    REGENERATE_RECORDED = "regenerate_with_recorded_results"
    CONTINUE = "continue"
    QUOTE = "quote"
    NEW_CHAT_HERE = "new_chat_from_here"
    DELETE_MESSAGE = "delete_message"
    PREVIOUS_VERSION = "previous_version"
    NEXT_VERSION = "next_version"
    SOURCE = "show_source"
    REQUEST = "show_request"
    RERUN = "run_again"


PANES = (
    *(Command.GO_TO_PANE_1, Command.GO_TO_PANE_2, Command.GO_TO_PANE_3, Command.GO_TO_PANE_4),
    *(Command.GO_TO_PANE_5, Command.GO_TO_PANE_6, Command.GO_TO_PANE_7, Command.GO_TO_PANE_8),
)
"""Commands that go to a pane, in pane order."""


class CommandFacts(Struct, frozen=True):
    """A command's title, its default shortcut in Qt's portable text (empty for none) and its context."""

    title: Phrase
    keys: str = ""
    context: Context = Context.WINDOW
    also: str = ""
    """Alternative default shortcut, for keyboards on which the first one needs a third modifier."""
    menu: MenuTitle = MenuTitle.CHAT
    """The menu of a window command. Menus list their commands in the order of this table."""


COMMANDS = {
    Command.NEW_CHAT: CommandFacts(phrase("New chat"), "Ctrl+N", menu=MenuTitle.FILE),
    Command.TEMPORARY_CHAT: CommandFacts(phrase("Temporary chat"), "Ctrl+Shift+P", menu=MenuTitle.FILE),
    Command.NEW_COMPARISON: CommandFacts(phrase("New comparison"), "Ctrl+Shift+N", menu=MenuTitle.COMPARE),
    Command.ADD_PANE: CommandFacts(phrase("Add pane"), "Ctrl+D", menu=MenuTitle.COMPARE),
    Command.BLIND_ROUND: CommandFacts(phrase("Blind round"), "Ctrl+Shift+B", menu=MenuTitle.EVALUATE),
    Command.RANKING: CommandFacts(phrase("Ranking"), "Ctrl+Shift+R", menu=MenuTitle.EVALUATE),
    Command.BEST_OF_TURN: CommandFacts(phrase("Best of this turn"), "Ctrl+Shift+T", menu=MenuTitle.COMPARE),
    **{
        command: CommandFacts(phrase("Go to pane {number}", number=number), f"Ctrl+{number}", menu=MenuTitle.COMPARE)
        for number, command in enumerate(PANES, start=1)
    },
    Command.FIGURES: CommandFacts(phrase("Figures"), "Ctrl+Shift+G", menu=MenuTitle.COMPARE),
    Command.DIFFERENCES: CommandFacts(phrase("Differences"), "Ctrl+Shift+E", menu=MenuTitle.COMPARE),
    Command.FIELDS: CommandFacts(phrase("Fields"), menu=MenuTitle.COMPARE),
    Command.TOOL_CALLS: CommandFacts(phrase("Tool calls"), menu=MenuTitle.COMPARE),
    Command.RESPONSE_SCHEMA: CommandFacts(phrase("Response schema…"), menu=MenuTitle.CHAT),
    Command.LATENCY: CommandFacts(phrase("Latency and cost"), menu=MenuTitle.EVALUATE),
    Command.RUNS: CommandFacts(phrase("Runs"), "Ctrl+Shift+X", menu=MenuTitle.EVALUATE),
    Command.NEW_RUN: CommandFacts(phrase("New run"), menu=MenuTitle.EVALUATE),
    Command.REPLAY: CommandFacts(phrase("Replay your conversations…"), menu=MenuTitle.EVALUATE),
    Command.TOOLS: CommandFacts(phrase("Tools…"), "Ctrl+T"),
    Command.ANSWER_CALLS: CommandFacts(phrase("Answer tool calls"), "Ctrl+J"),
    Command.MERGE_ANSWERS: CommandFacts(phrase("Merge answers"), "Ctrl+Shift+M", menu=MenuTitle.COMPARE),
    Command.ASK_SEVERAL_TIMES: CommandFacts(phrase("Ask several times"), "Ctrl+Shift+A", menu=MenuTitle.COMPARE),
    Command.PROMPTS_ONLY: CommandFacts(phrase("Prompts only"), "Ctrl+Shift+L", menu=MenuTitle.VIEW),
    Command.CHOOSE_ANSWER: CommandFacts(phrase("Choose this answer"), "Ctrl+Shift+Y", menu=MenuTitle.COMPARE),
    Command.PALETTE: CommandFacts(phrase("Commands"), "Ctrl+K", menu=MenuTitle.VIEW),
    Command.SEARCH: CommandFacts(phrase("Search conversations"), "Ctrl+Shift+F", menu=MenuTitle.EDIT),
    Command.RENAME: CommandFacts(phrase("Rename"), "F2"),
    Command.TRASH: CommandFacts(phrase("Move to trash")),
    Command.UNDO: CommandFacts(phrase("Undo"), "Ctrl+Alt+Z", menu=MenuTitle.EDIT),
    Command.IMPORT: CommandFacts(phrase("Import conversations"), "Ctrl+O", menu=MenuTitle.FILE),
    Command.EXPORT: CommandFacts(phrase("Export this conversation"), "Ctrl+Shift+S", menu=MenuTitle.FILE),
    Command.EXPORT_ALL: CommandFacts(phrase("Export everything"), menu=MenuTitle.FILE),
    Command.PRINT: CommandFacts(phrase("Print"), "Ctrl+P", menu=MenuTitle.FILE),
    Command.TOGGLE_SIDEBAR: CommandFacts(phrase("Show or hide the sidebar"), "Ctrl+B", menu=MenuTitle.VIEW),
    Command.NEXT_CHAT: CommandFacts(phrase("Next chat"), "Ctrl+PgDown"),
    Command.PREVIOUS_CHAT: CommandFacts(phrase("Previous chat"), "Ctrl+PgUp"),
    Command.GO_TO_PROMPT: CommandFacts(phrase("Go to the message field"), "Ctrl+L", menu=MenuTitle.VIEW),
    Command.CORRECT_SPELLING: CommandFacts(phrase("Correct spelling"), "F7", menu=MenuTitle.EDIT),
    Command.ANSWER_START: CommandFacts(phrase("Go to start of response"), "Alt+Home", menu=MenuTitle.VIEW),
    Command.ANSWER_END: CommandFacts(phrase("Go to end of response"), "Alt+End", menu=MenuTitle.VIEW),
    Command.LARGER_TEXT: CommandFacts(phrase("Larger text"), "Ctrl++", also="Ctrl+=", menu=MenuTitle.VIEW),
    Command.SMALLER_TEXT: CommandFacts(phrase("Smaller text"), "Ctrl+-", menu=MenuTitle.VIEW),
    Command.USUAL_TEXT: CommandFacts(phrase("Default text size"), "Ctrl+0", menu=MenuTitle.VIEW),
    Command.FULL_SCREEN: CommandFacts(phrase("Full screen"), "F11", menu=MenuTitle.VIEW),
    Command.NEW_WINDOW: CommandFacts(phrase("New window"), "Ctrl+Shift+W", menu=MenuTitle.FILE),
    Command.MOVE_TO_WINDOW: CommandFacts(phrase("Move to new window")),
    Command.ADD_CONNECTION: CommandFacts(phrase("Add connection"), menu=MenuTitle.FILE),
    Command.SETTINGS: CommandFacts(phrase("Settings"), "Ctrl+,", menu=MenuTitle.FILE),
    Command.DOCTOR: CommandFacts(phrase("Doctor"), menu=MenuTitle.HELP),
    Command.ABOUT: CommandFacts(phrase("About Paragone"), menu=MenuTitle.HELP),
    Command.KEYBOARD_SHORTCUTS: CommandFacts(phrase("Keyboard shortcuts"), "F1", menu=MenuTitle.HELP),
    Command.QUIT: CommandFacts(phrase("Quit"), "Ctrl+Q", menu=MenuTitle.FILE),
    Command.SEND: CommandFacts(phrase("Send"), "Return", Context.PROMPT),
    Command.BREAK_LINE: CommandFacts(phrase("Insert line break"), "Shift+Return", Context.PROMPT),
    Command.STOP: CommandFacts(phrase("Stop response"), "Esc", Context.PANE),
    Command.EDIT_LAST: CommandFacts(phrase("Edit last prompt"), "Up", Context.PROMPT),
    Command.FIND: CommandFacts(phrase("Find in conversation"), "Ctrl+F", Context.PANE),
    Command.NEXT_HIT: CommandFacts(phrase("Next hit"), "F3", Context.PANE),
    Command.PREVIOUS_HIT: CommandFacts(phrase("Previous hit"), "Shift+F3", Context.PANE),
    Command.COPY: CommandFacts(phrase("Copy"), "Ctrl+C", Context.MESSAGE),
    Command.COPY_MARKDOWN: CommandFacts(phrase("Copy as Markdown"), "Ctrl+Shift+C", Context.MESSAGE),
    Command.READ: CommandFacts(phrase("Read with a text cursor"), "Return", Context.MESSAGE),
    Command.FILES: CommandFacts(phrase("Open attached files"), "Ctrl+Shift+O", Context.MESSAGE),
    Command.EDIT: CommandFacts(phrase("Edit"), "F2", Context.MESSAGE),
    Command.REGENERATE: CommandFacts(phrase("Regenerate"), "Ctrl+R", Context.MESSAGE),
    Command.REGENERATE_WITH: CommandFacts(phrase("Regenerate with another model…"), "Ctrl+Shift+I", Context.MESSAGE),
    Command.REGENERATE_RECORDED: CommandFacts(phrase("Regenerate with recorded tool results"), context=Context.MESSAGE),
    Command.CONTINUE: CommandFacts(phrase("Continue"), "Ctrl+Return", Context.MESSAGE),
    Command.QUOTE: CommandFacts(phrase("Quote"), "Ctrl+Shift+Q", Context.MESSAGE),
    Command.NEW_CHAT_HERE: CommandFacts(phrase("New chat from here"), context=Context.MESSAGE),
    Command.DELETE_MESSAGE: CommandFacts(phrase("Delete message…"), "Del", Context.MESSAGE),
    Command.PREVIOUS_VERSION: CommandFacts(phrase("Previous version"), "Alt+Left", Context.MESSAGE),
    Command.NEXT_VERSION: CommandFacts(phrase("Next version"), "Alt+Right", Context.MESSAGE),
    Command.SOURCE: CommandFacts(phrase("Show source"), context=Context.MESSAGE),
    Command.REQUEST: CommandFacts(phrase("Show request"), context=Context.MESSAGE),
    Command.RERUN: CommandFacts(phrase("Run again"), context=Context.MESSAGE),
}
"""All commands, in the order in which they are listed."""

INNER_FIRST = {(Command.EDIT, Command.RENAME)}
"""Pairs of commands that share a shortcut. The first command takes it while its context has the focus."""


def own_keys(command: Command) -> QKeySequence:
    """Return the default shortcut of a command."""
    return QKeySequence.fromString(COMMANDS[command].keys, QKeySequence.SequenceFormat.PortableText)


def all_keys_of(command: Command, settings: Settings) -> list[QKeySequence]:
    """Return all shortcuts of a window command, including the alternative one unless the user chose another."""
    keys, also = keys_of(command, settings), COMMANDS[command].also
    return [keys, QKeySequence(also)] if also and keys == own_keys(command) else [keys]


def keys_of(command: Command, settings: Settings) -> QKeySequence:
    """Return a command's shortcut from the settings, or its default one."""
    chosen = settings.get(SHORTCUTS[command]) if COMMANDS[command].context is Context.WINDOW else ""
    return QKeySequence() if chosen == NO_KEYS else QKeySequence(chosen) if chosen else own_keys(command)


class Shortcut(Struct, frozen=True):
    """An action with its current and default shortcuts. `key` is its settings key, or None if it cannot be changed."""

    name: str
    keys: QKeySequence
    own: QKeySequence
    option: Option[str] | None = None
