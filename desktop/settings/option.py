"""Declaration of an option: key, type, default, description, bounds, page in the settings, and policy lock."""

from __future__ import annotations

import math
import sys
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct

from desktop.text.phrases import Phrase, phrase

T = TypeVar("T", str, int, float, bool)


class SettingsPage(StrEnum):
    """Pages of the settings dialog, whether or not they have options."""

    APPEARANCE = "Appearance"
    MODELS = "Models"
    CONNECTIONS = "Connections"
    KEYS = "Keys"
    FILES = "Attached files"
    NETWORK = "Network"
    STORAGE = "Storage"
    GUARDS = "Before sending"
    TOOLS = "Tools"
    SHORTCUTS = "Shortcuts"
    ADVANCED = "Advanced"
    DOCTOR = "Doctor"
    ABOUT = "About"

    @property
    def called(self) -> Phrase:
        """Title of the page."""
        return _TITLES[self]


class Form(StrEnum):
    """Kind of text in an option, which determines the input field."""

    LINE = "line"
    PROSE = "prose"  # several lines
    MODEL = "model"  # a model as connection/name
    FILE = "file"  # a path


class Option(Struct, Generic[T], frozen=True):
    """Declaration of one option. `key` is its dotted path in the settings file; bounds are inclusive.

    `choices` are all valid values, or empty if any value is valid; `choice_labels` are their names in the same order.
    `lockable` means that a policy can fix the option. `label` is its name on its page; `unit` is shown after its
    number. `at_start` means that a change takes effect at the next start.
    """

    key: str
    default: T
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[T, ...] = ()
    lockable: bool = True
    label: str = ""
    page: SettingsPage = SettingsPage.ADVANCED
    unit: str = ""
    choice_labels: tuple[str, ...] = ()
    form: Form = Form.LINE
    at_start: bool = False

    def check(self, value: object) -> T | None:
        """Return the value in the option's type, or None if it is invalid. An int is valid for a float."""
        kind = type(self.default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            if abs(value) > sys.float_info.max:
                return None
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            return None
        if self.choices and value not in self.choices:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if isinstance(value, float) and not math.isfinite(value):
                return None  # NaN compares false with both bounds
            if self.minimum is not None and value < self.minimum:
                return None
            if self.maximum is not None and value > self.maximum:
                return None
        return value

    @property
    def expected(self) -> Phrase:
        """Description of valid values."""
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
    SettingsPage.APPEARANCE: phrase("Appearance"),
    SettingsPage.MODELS: phrase("Models"),
    SettingsPage.CONNECTIONS: phrase("Connections"),
    SettingsPage.KEYS: phrase("Keys"),
    SettingsPage.FILES: phrase("Attachments"),
    SettingsPage.NETWORK: phrase("Network"),
    SettingsPage.STORAGE: phrase("Storage"),
    SettingsPage.GUARDS: phrase("Before sending"),
    SettingsPage.TOOLS: phrase("Tools"),
    SettingsPage.SHORTCUTS: phrase("Shortcuts"),
    SettingsPage.ADVANCED: phrase("Advanced"),
    SettingsPage.DOCTOR: phrase("Doctor"),
    SettingsPage.ABOUT: phrase("About"),
}
