"""Every option declared once: key, type, default, meaning, bounds, its place among the settings, who may fix it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T", str, int, float, bool)


class Page(StrEnum):
    """Where among the settings an option is shown."""

    APPEARANCE = "Appearance"
    MODELS = "Models"
    NETWORK = "Network"
    ADVANCED = "Advanced"


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
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        kind = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}[type(self.default)]
        if self.minimum is not None and self.maximum is not None:
            return f"{kind} from {self.minimum:g} to {self.maximum:g}"
        return f"{kind} of at least {self.minimum:g}" if self.minimum is not None else kind


THEME = Option(
    "appearance.theme",
    "system",
    "Colours of the window. The system's are followed as they change.",
    choices=("system", "light", "dark", "high-contrast"),
    label="Theme",
    page=Page.APPEARANCE,
    choice_labels=("As the system", "Light", "Dark", "High contrast"),
)
DEFAULT_MODEL = Option(
    "chat.default_model",
    "embedded/smollm2",
    "The model that answers when none is named.",
    label="Model of new chats",
    page=Page.MODELS,
    form=Form.MODEL,
)
SYSTEM_PROMPT = Option(
    "chat.system_prompt",
    "",
    "The system prompt of new conversations.",
    label="System prompt",
    page=Page.MODELS,
    form=Form.PROSE,
)
CONNECT_TIMEOUT = Option(
    "network.connect_timeout_s",
    10.0,
    "Seconds to wait for a connection to a server.",
    minimum=0.1,
    maximum=600.0,
    label="Connect within",
    page=Page.NETWORK,
    unit="s",
    at_start=True,
)
FIRST_TOKEN_TIMEOUT = Option(
    "network.first_token_timeout_s",
    300.0,
    "Seconds of silence allowed before an answer begins; reasoning models think for minutes.",
    minimum=0.1,
    maximum=3600.0,
    label="First token within",
    page=Page.NETWORK,
    unit="s",
    at_start=True,
)
IDLE_TIMEOUT = Option(
    "network.idle_timeout_s",
    60.0,
    "Seconds of silence allowed within an answer.",
    minimum=0.1,
    maximum=3600.0,
    label="Longest silence",
    page=Page.NETWORK,
    unit="s",
    at_start=True,
)
PROXY = Option(
    "network.proxy",
    "",
    "A proxy's URL; empty for the system's, `none` for none. This machine is never proxied.",
    label="Proxy",
    page=Page.NETWORK,
    at_start=True,
)
CA_FILE = Option(
    "network.ca_file",
    "",
    "A PEM file of root certificates to trust beside the system's.",
    label="Certificate file",
    page=Page.NETWORK,
    form=Form.FILE,
    at_start=True,
)
EMBEDDED_THREADS = Option(
    "embedded.threads",
    0,
    "Threads of the embedded engine; 0 is one less than the processor has.",
    minimum=0,
    maximum=256,
    label="Threads of the embedded engine",
    at_start=True,
)
KEYRING_TIMEOUT = Option(
    "keyring.timeout_s",
    30.0,
    "Seconds to wait for the keyring, its question to unlock included.",
    minimum=0.1,
    maximum=600.0,
    label="Wait for the keyring",
    unit="s",
    at_start=True,
)
LOG_LEVEL = Option(
    "log.level",
    "INFO",
    "How much is written to the log.",
    choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    label="Log",
    choice_labels=("Everything", "What happens", "Warnings and errors", "Errors"),
    at_start=True,
)

AnyOption = Option[str] | Option[int] | Option[float] | Option[bool]
OPTIONS: tuple[AnyOption, ...] = (
    THEME,
    DEFAULT_MODEL,
    SYSTEM_PROMPT,
    CONNECT_TIMEOUT,
    FIRST_TOKEN_TIMEOUT,
    IDLE_TIMEOUT,
    PROXY,
    CA_FILE,
    EMBEDDED_THREADS,
    KEYRING_TIMEOUT,
    LOG_LEVEL,
)
