"""Every option declared once: key, type, default, meaning, bounds, and whether a policy may fix it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """One option. `key` is its dotted place in the settings file; `minimum` and `maximum` are inclusive.

    `choices` are all the values there are, none given means any. `lockable` lets a policy fix it.
    """

    key: str
    default: T
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[T, ...] = ()
    lockable: bool = True

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


DEFAULT_MODEL = Option("chat.default_model", "embedded/smollm2", "The model that answers when none is named.")
SYSTEM_PROMPT = Option("chat.system_prompt", "", "The system prompt of new conversations.")
CONNECT_TIMEOUT = Option(
    "network.connect_timeout_s", 10.0, "Seconds to wait for a connection to a server.", minimum=0.1, maximum=600.0
)
FIRST_TOKEN_TIMEOUT = Option(
    "network.first_token_timeout_s",
    300.0,
    "Seconds of silence allowed before an answer begins; reasoning models think for minutes.",
    minimum=0.1,
    maximum=3600.0,
)
IDLE_TIMEOUT = Option(
    "network.idle_timeout_s", 60.0, "Seconds of silence allowed within an answer.", minimum=0.1, maximum=3600.0
)
CA_FILE = Option("network.ca_file", "", "A PEM file of root certificates to trust beside the system's.")
PROXY = Option(
    "network.proxy", "", "A proxy's URL; empty for the system's, `none` for none. This machine is never proxied."
)
EMBEDDED_THREADS = Option(
    "embedded.threads",
    0,
    "Threads of the embedded engine; 0 is one less than the processor has.",
    minimum=0,
    maximum=256,
)
KEYRING_TIMEOUT = Option(
    "keyring.timeout_s",
    30.0,
    "Seconds to wait for the keyring, its question to unlock included.",
    minimum=0.1,
    maximum=600.0,
)
LOG_LEVEL = Option(
    "log.level", "INFO", "How much is written to the log.", choices=("DEBUG", "INFO", "WARNING", "ERROR")
)

AnyOption = Option[str] | Option[int] | Option[float] | Option[bool]
OPTIONS: tuple[AnyOption, ...] = (
    DEFAULT_MODEL,
    SYSTEM_PROMPT,
    CONNECT_TIMEOUT,
    FIRST_TOKEN_TIMEOUT,
    IDLE_TIMEOUT,
    CA_FILE,
    PROXY,
    EMBEDDED_THREADS,
    KEYRING_TIMEOUT,
    LOG_LEVEL,
)
