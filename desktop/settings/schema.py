"""Every option declared once: key, type, default, meaning, bounds, its place among the settings, who may fix it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from desktop.domain import MOST_DAYS
from desktop.phrases import Phrase, phrase

T = TypeVar("T", str, int, float, bool)


class Page(StrEnum):
    """Where among the settings an option is shown."""

    APPEARANCE = "Appearance"
    MODELS = "Models"
    NETWORK = "Network"
    STORAGE = "Storage"
    SHORTCUTS = "Shortcuts"
    ADVANCED = "Advanced"

    @property
    def called(self) -> Phrase:
        """What the page is called."""
        return _TITLES[self]


class Form(StrEnum):
    """What kind of text an option holds: it is asked for accordingly."""

    LINE = "line"
    PROSE = "prose"  # several lines
    MODEL = "model"  # a model as connection/name
    FILE = "file"  # a path


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """One option. `key` is its dotted place in the settings file; `minimum` and `maximum` are inclusive.

    `choices` are all the values there are, none given means any; `choice_labels` call them by name, in the same order.
    `lockable` lets a policy fix it. `label` names it on its page, `unit` follows its number. `at_start` says that a
    change counts from the next start.
    """

    key: str
    default: T
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[T, ...] = ()
    lockable: bool = True
    label: str = ""
    page: Page = Page.ADVANCED
    unit: str = ""
    choice_labels: tuple[str, ...] = ()
    form: Form = Form.LINE
    at_start: bool = False

    def check(self, value: object) -> T | None:
        """The value in the option's type, None where it does not fit. An int may stand for a float."""
        kind = type(self.default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            return None
        if self.choices and value not in self.choices:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if self.minimum is not None and value < self.minimum:
                return None
            if self.maximum is not None and value > self.maximum:
                return None
        return value

    @property
    def expected(self) -> Phrase:
        """What a value must be, in words."""
        if self.choices:
            return phrase("one of {choices}", choices=", ".join(map(str, self.choices)))
        kind = _KINDS[type(self.default)]
        if self.minimum is None:
            return kind
        least = f"{self.minimum:g}"
        if self.maximum is None:
            return phrase("{kind} of at least {least}", kind=kind, least=least)
        return phrase("{kind} from {least} to {most}", kind=kind, least=least, most=f"{self.maximum:g}")


_KINDS = {
    str: phrase("text"),
    int: phrase("a whole number"),
    float: phrase("a number"),
    bool: phrase("true or false"),
}
_TITLES = {
    Page.APPEARANCE: phrase("Appearance"),
    Page.MODELS: phrase("Models"),
    Page.NETWORK: phrase("Network"),
    Page.STORAGE: phrase("Storage"),
    Page.SHORTCUTS: phrase("Shortcuts"),
    Page.ADVANCED: phrase("Advanced"),
}


THEME = Option(
    "appearance.theme",
    "system",
    phrase("Colours of the window. The system's are followed as they change."),
    choices=("system", "light", "dark", "high-contrast"),
    label=phrase("Theme"),
    page=Page.APPEARANCE,
    choice_labels=(phrase("As the system"), phrase("Light"), phrase("Dark"), phrase("High contrast")),
)
LANGUAGE = Option(
    "appearance.language",
    "system",
    phrase("Language of the window. Answers are in whatever language you ask for."),
    choices=("system", "en", "de", "ar"),
    label=phrase("Language"),
    page=Page.APPEARANCE,
    choice_labels=(phrase("As the system"), "English", "Deutsch", "العربية"),
    at_start=True,
)
NOTIFY = Option(
    "appearance.notify",
    True,  # noqa: FBT003 - the default of the option
    phrase("Say so when an answer ends while the window is not in front."),
    label=phrase("Notifications"),
    page=Page.APPEARANCE,
)
DEFAULT_MODEL = Option(
    "chat.default_model",
    "embedded/smollm2",
    phrase("The model that answers when none is named."),
    label=phrase("Model of new chats"),
    page=Page.MODELS,
    form=Form.MODEL,
)
SYSTEM_PROMPT = Option(
    "chat.system_prompt",
    "",
    phrase("The system prompt of new conversations."),
    label=phrase("System prompt"),
    page=Page.MODELS,
    form=Form.PROSE,
)
TITLES = Option(
    "chat.titles",
    "",
    phrase(
        "A model that gives new chats their titles: their first prompt and answer are sent to it. Without one, a"
        " title is the first words."
    ),
    label=phrase("Titles by"),
    page=Page.MODELS,
    form=Form.MODEL,
)
CONNECT_TIMEOUT = Option(
    "network.connect_timeout_s",
    10.0,
    phrase("Seconds to wait for a connection to a server."),
    minimum=0.1,
    maximum=600.0,
    label=phrase("Connect within"),
    page=Page.NETWORK,
    unit="s",
    at_start=True,
)
FIRST_TOKEN_TIMEOUT = Option(
    "network.first_token_timeout_s",
    300.0,
    phrase("Seconds of silence allowed before an answer begins; reasoning models think for minutes."),
    minimum=0.1,
    maximum=3600.0,
    label=phrase("First token within"),
    page=Page.NETWORK,
    unit="s",
    at_start=True,
)
IDLE_TIMEOUT = Option(
    "network.idle_timeout_s",
    60.0,
    phrase("Seconds of silence allowed within an answer."),
    minimum=0.1,
    maximum=3600.0,
    label=phrase("Longest silence"),
    page=Page.NETWORK,
    unit="s",
    at_start=True,
)
PROXY = Option(
    "network.proxy",
    "",
    phrase("A proxy's URL; empty for the system's, `none` for none. This machine is never proxied."),
    label=phrase("Proxy"),
    page=Page.NETWORK,
    at_start=True,
)
CA_FILE = Option(
    "network.ca_file",
    "",
    phrase("A PEM file of root certificates to trust beside the system's."),
    label=phrase("Certificate file"),
    page=Page.NETWORK,
    form=Form.FILE,
    at_start=True,
)
EMBEDDED_THREADS = Option(
    "embedded.threads",
    0,
    phrase("Threads of the embedded engine; 0 is one less than the processor has."),
    minimum=0,
    maximum=256,
    label=phrase("Threads of the embedded engine"),
    at_start=True,
)
KEYRING_TIMEOUT = Option(
    "keyring.timeout_s",
    30.0,
    phrase("Seconds to wait for the keyring, its question to unlock included."),
    minimum=0.1,
    maximum=600.0,
    label=phrase("Wait for the keyring"),
    unit="s",
    at_start=True,
)
LOG_LEVEL = Option(
    "log.level",
    "INFO",
    phrase("How much is written to the log."),
    choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    label=phrase("Log"),
    choice_labels=(phrase("Everything"), phrase("What happens"), phrase("Warnings and errors"), phrase("Errors")),
    at_start=True,
)
MOST_SHOWN_PANES = Option(
    "workspace.most_panes",
    8,
    phrase("How many panes a comparison may have. Many answers at once need a wide screen and a fast machine."),
    minimum=1,
    maximum=16,
    label=phrase("Panes of a comparison"),
    page=Page.APPEARANCE,
)

ENCRYPTION = Option(
    "store.encryption",
    default=False,
    description=phrase(
        "The database, its search index and its backups are encrypted on the disk. The key is in the keyring; a"
        " recovery code opens them where that is lost."
    ),
    label=phrase("Encrypt conversations"),
    page=Page.STORAGE,
)
RETENTION = Option(
    "store.retention",
    "all",
    phrase(
        "What is older is deleted for good, at start and once a day. Pinned conversations stay, unless a policy sets"
        " this. After a crash, what was for one run only goes at the next start."
    ),
    choices=("all", "days", "run"),
    label=phrase("Keep conversations"),
    page=Page.STORAGE,
    choice_labels=(phrase("Always"), phrase("For some days"), phrase("Until Paragone ends")),
)
RETENTION_DAYS = Option(
    "store.retention_days",
    90,
    phrase("Counted from when a conversation was last spoken in. It matters where they are kept for some days."),
    minimum=1,
    maximum=MOST_DAYS,
    label=phrase("Days to keep"),
    page=Page.STORAGE,
    unit=phrase("days"),
)
TRASH_DAYS = Option(
    "storage.trash_days",
    30,
    phrase("Days that conversations stay in the trash before they are deleted for good."),
    minimum=1,
    maximum=3650,
    label=phrase("Empty the trash after"),
    page=Page.STORAGE,
    unit=phrase("days"),
)


def _keys(command: str) -> Option[str]:
    """The keys of a command: portable text as “Ctrl+N”, `none` for none, empty for those it comes with."""
    described = phrase("Keys of a command of the window; `none` for none, empty for those it comes with.")
    return Option(f"shortcuts.{command}", "", described, page=Page.SHORTCUTS, lockable=False)


SHORTCUTS = {
    command: _keys(command)
    for command in (
        *("new_chat", "new_comparison", "add_pane", "figures", "differences", "merge_answers", "prompts_only"),
        *("choose_this_answer", "commands", "search_conversations", "rename", "move_to_trash", "import_conversations"),
        *("export_this_conversation", "export_everything", "show_or_hide_the_sidebar", "add_connection", "settings"),
        *("keyboard_shortcuts", "quit", *(f"go_to_pane_{number}" for number in range(1, 9))),
    )
}
"""The keys of each of the window's commands, by the command's name."""

AnyOption = Option[str] | Option[int] | Option[float] | Option[bool]
OPTIONS: tuple[AnyOption, ...] = (
    THEME,
    LANGUAGE,
    NOTIFY,
    DEFAULT_MODEL,
    SYSTEM_PROMPT,
    TITLES,
    CONNECT_TIMEOUT,
    FIRST_TOKEN_TIMEOUT,
    IDLE_TIMEOUT,
    PROXY,
    CA_FILE,
    EMBEDDED_THREADS,
    KEYRING_TIMEOUT,
    LOG_LEVEL,
    MOST_SHOWN_PANES,
    ENCRYPTION,
    RETENTION,
    RETENTION_DAYS,
    TRASH_DAYS,
    *SHORTCUTS.values(),
)
