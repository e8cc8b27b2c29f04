"""Spelling of a window's prompt fields: the settings, the colors and the speller that all of them share."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress

from PySide6.QtCore import QLocale, QObject, Signal, Slot
from PySide6.QtGui import QColor

from desktop.errors import SettingsError
from desktop.services import Services
from desktop.settings.schema import SPELLING, SPELLING_LANGUAGES, AnyOption
from desktop.spelling.speller import Speller
from desktop.text.phrases import phrase
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.option_saver import OptionSaver


class SpellingDesk(QObject):
    """Checks words and stores what the user decides about them. Created when a prompt is first checked."""

    changed = Signal()
    """Emitted when a setting, a color or the user's words changed, so that fields are checked again."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self.tasks = tasks
        self._themes = themes
        self._saving = OptionSaver(services, tasks, self)
        self._saving.saved.connect(self._saved)
        self._saving.failed.connect(self._failed)
        themes.changed.connect(self.changed)

    @property
    def is_on(self) -> bool:
        """Whether prompts are checked: the setting is on, and there is a child process that checks."""
        return bool(self._services.spelling_command) and self._services.settings.get(SPELLING)

    @property
    def color(self) -> QColor:
        """The color of the lines below misspelled words."""
        return QColor(self._themes.current.bad)

    @property
    def languages(self) -> dict[str, bool]:
        """The codes of all dictionaries, and whether each is used."""
        speller = self._speller()
        return {code: code in speller.used for code in speller.found}

    def is_locked(self, option: AnyOption) -> bool:
        """Whether a policy sets an option."""
        return self._services.settings.policy.locks(option.key) is not None

    async def misspelled(self, words: Collection[str]) -> set[str]:
        """Return the misspelled ones of some words."""
        speller = self._speller()
        with suppress(OSError):  # words that cannot be read are underlined, which a user sees
            await asyncio.to_thread(speller.own.refresh)
        return await speller.misspelled(words)

    async def suggestions(self, word: str) -> tuple[str, ...]:
        """Return a few corrections of a misspelled word."""
        return await self._speller().suggestions(word)

    def look_again(self) -> None:
        """Notice dictionaries that were added since."""
        self._services.speller.look_again()

    def add(self, word: str) -> None:
        """Add a word to the user's own words."""
        self.tasks.start(self._add(word), name="spelling.add")

    def ignore(self, word: str) -> None:
        """Accept a word until the program ends."""
        self._services.speller.ignore(word)
        self.changed.emit()

    def switch(self, *, on: bool) -> None:
        """Turn the setting on or off."""
        self._saving.put(SPELLING, on)

    def use(self, code: str, *, used: bool) -> None:
        """Check with a dictionary from now on, or no longer."""
        codes = [each for each, is_used in self.languages.items() if (used if each == code else is_used)]
        self._saving.put(SPELLING_LANGUAGES, ", ".join(codes))

    def _speller(self) -> Speller:
        """Return the speller, set to the languages that are in force now."""
        system = QLocale.system().uiLanguages(QLocale.TagSeparator.Underscore)
        self._services.speller.choose(self._services.settings.get(SPELLING_LANGUAGES), [QLocale().name(), *system])
        return self._services.speller

    async def _add(self, word: str) -> None:
        try:
            await asyncio.to_thread(self._services.speller.add, word)
        except OSError as error:
            file = self._services.paths.words_file
            raise SettingsError(
                phrase("The word could not be saved in {file}: {reason}.", file=file, reason=error.strerror or error)
            ) from error
        self.changed.emit()

    @Slot(str)
    def _saved(self, _: str) -> None:
        self.changed.emit()

    @Slot(str, object)
    def _failed(self, _: str, error: SettingsError) -> None:
        self.tasks.failed.emit(error)


def language_name(code: str) -> str:
    """Return the name of a dictionary's language in that language, with the dictionary's own name."""
    locale = QLocale(code.replace("-", "_"))
    name = "" if locale.language() is QLocale.Language.C else locale.nativeLanguageName()
    return f"{name} ({code})" if name else code
