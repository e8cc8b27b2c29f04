"""Settings page generated from option declarations, with rows that save at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame

from desktop.errors import ParagoneError
from desktop.guards.patterns import parse_own
from desktop.net.proxies import parse_proxy
from desktop.services import Services
from desktop.settings.schema import CA_FILE, GUARD_PATTERNS, OPTIONS, PROXY, AnyOption, Option, SettingsPage
from desktop.text.phrases import phrase
from ui.base.strings import sentence, tr
from ui.base.theme import Theme
from ui.settings.option_controls import Control, control_for
from ui.settings.option_row import Check, OptionRow
from ui.settings.option_saver import OptionSaver
from ui.widgets.labels import hairline
from ui.widgets.page import Page

Locked = Callable[[str], str]
"""Function that returns who locked the option with a given key, or an empty string."""

_ABOUT = {
    SettingsPage.APPEARANCE: "",
    SettingsPage.MODELS: phrase("Defaults for new conversations. Existing conversations do not change."),
    SettingsPage.FILES: phrase(
        "Limits for attachments. Files stay on this computer until you send them with a prompt."
    ),
    SettingsPage.NETWORK: phrase("How Paragone connects to servers."),
    SettingsPage.STORAGE: phrase(
        "Everything stays on this computer. Keys are stored in the keyring, never in these folders."
    ),
    SettingsPage.GUARDS: phrase("Checks on prompts before they leave this computer. All checks run locally."),
    SettingsPage.TOOLS: phrase(
        "Programs and web services that models may call. You are asked before each call, unless you allowed it."
    ),
    SettingsPage.ADVANCED: phrase("You rarely need to change these settings."),
}


class OptionsPage(Page):
    """Settings page with the options that are declared for it."""

    def __init__(
        self,
        place: SettingsPage,
        services: Services,
        saving: OptionSaver,
        *,
        locked: Locked,
        made: Mapping[str, Callable[[AnyOption], Control]] | None = None,
        checks: Mapping[str, Check] | None = None,
        without: Collection[str] = (),
    ) -> None:
        """Create the rows. `made` returns special controls by option key; `checks` validate texts.

        Options in `without` are shown elsewhere.
        """
        super().__init__(tr(place.called), tr(_ABOUT[place]) if _ABOUT[place] else "")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its rows have all that Tab is to come to
        self._services = services
        checks = {**_CHECKS, **(checks or {})}
        self.rows: dict[str, OptionRow] = {}
        self._lines: dict[str, QFrame] = {}
        for option in OPTIONS:
            if option.page is not place or option.key in without:
                continue
            control = (made or {}).get(option.key, control_for)(option)
            row = OptionRow(option, control, check=checks.get(option.key), locked=locked(option.key))
            row.changed.connect(partial(saving.put, option))
            if self.rows:
                self._lines[option.key] = hairline()
                self.column.addWidget(self._lines[option.key])
            self.rows[option.key] = row
            self.column.addWidget(row)
        saving.saved.connect(self._saved)
        saving.failed.connect(self._failed)
        self.refresh()

    def seek(self, words: list[str]) -> bool:
        """Show only the rows that match all words. Returns whether there are any."""
        found = [key for key, row in self.rows.items() if row.holds(words)]
        for key, row in self.rows.items():
            row.setVisible(key in found)
            if key in self._lines:
                self._lines[key].setVisible(key in found and key != found[0])
        return bool(found)

    def refresh(self) -> None:
        """Show the current values."""
        for row in self.rows.values():
            row.show_value(self._services.settings.get(cast("Option[Any]", row.option)))
            row.say_origin(self._origin(row.option.key))

    def _origin(self, key: str) -> str:
        """Return who recommends the current value, or an empty string."""
        settings = self._services.settings
        fixed = settings.policy.options.get(key)
        return tr(fixed.who) if fixed is not None and not fixed.locked and key not in settings.values else ""

    def flush(self) -> None:
        """Save pending input."""
        for row in self.rows.values():
            row.control.flush()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        for row in self.rows.values():
            row.themed(theme)

    @Slot(str)
    def _saved(self, key: str) -> None:
        if key in self.rows:
            self.rows[key].saved()

    @Slot(str, object)
    def _failed(self, key: str, error: ParagoneError) -> None:
        if key in self.rows:
            self.rows[key].say_problem(sentence(error))


def _proxy_problem(text: str) -> str:
    if text in ("", "none"):
        return ""
    try:
        parse_proxy(text)
    except ParagoneError:
        return tr("Enter http://HOST:PORT or `none`, or leave the field empty. SOCKS proxies are not supported.")
    return ""


def _file_problem(text: str) -> str:
    if not text or Path(text).is_file():
        return ""
    return tr("This file does not exist.")


def _patterns_problem(text: str) -> str:
    slips = parse_own(text)[1]
    return tr(slips[0]) if slips else ""


_CHECKS: dict[str, Check] = {
    PROXY.key: _proxy_problem,
    CA_FILE.key: _file_problem,
    GUARD_PATTERNS.key: _patterns_problem,
}
