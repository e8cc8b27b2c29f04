"""Settings file. Errors are reported individually, writes are atomic, and an invalid file is renamed, never deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import Connection, Kind
from desktop.errors import ParagoneError, SettingsError, StoreReadOnly
from desktop.net.addresses import repair
from desktop.settings.policy import NO_POLICY, Policy
from desktop.settings.schema import OPTIONS, AnyOption
from desktop.settings.settings_text import changed, connection_of
from desktop.settings.values import Settings
from desktop.system.log import logger
from desktop.system.paths import make_private_folder
from desktop.system.plain_files import TooLarge, read_plain
from desktop.system.private_files import BROKEN, private_lock, set_aside, write_private
from desktop.text import toml_text
from desktop.text.phrases import Phrase, phrase

_LOCK_TIMEOUT_S = 10.0
_LONGEST_TOLD = 80

_log = logger("settings")


class LoadedSettings(Struct, frozen=True):
    """Loaded settings, and notices about entries in the file that could not be used."""

    settings: Settings
    notices: tuple[str, ...] = ()


class SettingsFile:
    """The settings file at `path`. A lock serializes changes by concurrent programs.

    Loaded settings include the policy, which is never written to the file.
    """

    def __init__(self, path: Path, *, policy: Policy = NO_POLICY, clock: Callable[[], datetime] = datetime.now) -> None:
        self.path = path
        self._policy = policy
        self._clock = clock

    def load(self) -> LoadedSettings:
        """Return the user's settings combined with the policy. Notices include problems with the policy.

        If the file cannot be read, defaults are returned: conversations remain readable, but settings cannot be
        changed, so that nothing in the file is lost.
        """
        try:
            return self._governed(self._load(self._put_aside))
        except SettingsError as error:
            said = phrase("{problem} Defaults are used, and settings cannot be changed.", problem=error.message)
            return self._governed(LoadedSettings(Settings(unread=True), (said,)))

    @property
    def sign(self) -> tuple[int, ...]:
        """Fingerprint of the file, which changes with each write by any process; empty if there is no file."""
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def connections(self) -> tuple[Connection, ...]:
        """Return the user's connections that are currently in the file, or none if it cannot be read."""
        try:
            return self._load(self._refuse).settings.connections
        except SettingsError:
            return ()

    def _governed(self, loaded: LoadedSettings) -> LoadedSettings:
        settings = replace(loaded.settings, policy=self._policy)
        return LoadedSettings(settings, (*self._policy.notices, *loaded.notices))

    def _load(self, broken: Callable[[str], LoadedSettings]) -> LoadedSettings:
        """Read the file, or return defaults if there is none.

        Args:
            broken: Called with the reason if the file is invalid. Returns the settings to use.

        Raises:
            SettingsError: If the file exists but cannot be read.
        """
        try:
            data = read_plain(self.path)
        except FileNotFoundError:
            return self._beside_lost(LoadedSettings(Settings()))
        except TooLarge as error:
            return broken(error.strerror or str(error))
        except OSError as error:
            raise SettingsError(
                phrase("The settings file {path} could not be read: {reason}.", path=self.path, reason=error.strerror)
            ) from error
        try:
            return self._beside_lost(parse(toml_text.parse(data.decode("utf-8-sig")), str(self.path)))
        except (ValueError, RecursionError) as error:  # includes excessive nesting and numbers with thousands of digits
            return broken(str(error).rstrip("."))

    def _beside_lost(self, loaded: LoadedSettings) -> LoadedSettings:
        """Mark settings as incomplete if there is an earlier, invalid file next to the settings file."""
        lost = sorted(self.path.parent.glob(f"{self.path.name}{BROKEN}*"))
        if not lost:
            return loaded
        said = phrase(
            "Your earlier settings may be in {file}, which could not be used. Until you remove that file, "
            "Paragone only empties the trash if you set the number of days again.",
            file=lost[-1],
        )
        return LoadedSettings(replace(loaded.settings, unread=True), (*loaded.notices, said))

    def _put_aside(self, reason: str) -> LoadedSettings:
        """Rename an invalid file, and return defaults with a notice."""
        said = phrase(
            "The settings file was invalid ({reason}). Paragone moved it to {aside} and uses the defaults.",
            reason=reason,
            aside=self._set_aside(),
        )
        return LoadedSettings(Settings(unread=True), (said,))

    def _refuse(self, reason: str) -> LoadedSettings:
        """Raise SettingsError because the file became invalid while Paragone is running: someone may be editing it."""
        raise SettingsError(
            phrase("The settings file {path} is invalid: {reason}.", path=self.path, reason=reason),
            hint=phrase("Correct the file manually. Nothing was changed."),
        )

    def update(self, change: Callable[[Settings], Settings]) -> Settings:
        """Read, change and save the settings under the lock, and return the saved settings.

        Comments and keys that this version does not know are preserved. Errors in `change` propagate.

        Raises:
            SettingsError: If the file cannot be read or written, or became invalid since it was loaded.
        """
        from filelock import Timeout

        try:
            make_private_folder(self.path.parent)
            with private_lock(self.path.with_suffix(".lock"), timeout_s=_LOCK_TIMEOUT_S):
                settings = change(self._governed(self._load(self._refuse)).settings)
                self._save(settings)
                return settings
        except Timeout as error:
            raise SettingsError(
                phrase("Another program is using the settings file."),
                hint=phrase("Close that program and try again. Nothing was changed."),
            ) from error
        except (OSError, StoreReadOnly) as error:
            reason = error.message if isinstance(error, ParagoneError) else error.strerror or error
            raise SettingsError(
                phrase("The settings file {path} could not be saved: {reason}.", path=self.path, reason=reason)
            ) from error

    def _save(self, settings: Settings) -> None:
        before = read_plain(self.path).decode("utf-8-sig") if self.path.exists() else ""
        try:
            text = changed(before, settings)
        except (ValueError, RecursionError) as error:
            raise SettingsError(
                phrase("The settings file {path} could not be saved: {reason}.", path=self.path, reason=error),
                hint=phrase("Simplify the file manually, or move it to another folder. Nothing was changed."),
            ) from error
        if len(text) > toml_text.MOST_CHARACTERS:
            raise SettingsError(toml_text.too_large(self.path), hint=phrase("Shorten the preset. Nothing was changed."))
        # A symbolic link, for example to a dotfiles folder, is preserved, and its target is written.
        write_private(self.path.resolve() if self.path.is_symlink() else self.path, text)

    def _set_aside(self) -> Path:
        try:
            return set_aside(self.path, self._clock().strftime("%Y%m%d-%H%M%S"))
        except OSError as error:
            raise SettingsError(
                phrase(
                    "The settings file {path} is invalid and could not be moved: {reason}.",
                    path=self.path,
                    reason=error.strerror,
                )
            ) from error


def parse(document: Mapping[str, Any], source: str) -> LoadedSettings:
    """Return the settings in a parsed file. Invalid values are reported, and their defaults are used."""
    values: dict[str, str | int | float | bool] = {}
    notices: list[str] = []
    for option in OPTIONS:
        section, _, name = option.key.partition(".")
        table = document.get(section)
        if not isinstance(table, Mapping) or name not in table:
            continue
        value = cast("Mapping[str, object]", table)[name]
        checked = option.check(value)
        if checked is None:
            notices.append(
                phrase(
                    "{key} in {source} must be {expected}, not {found}; the default is used.",
                    key=option.key,
                    source=source,
                    expected=option.expected,
                    found=_told(option, value),
                )
            )
        else:
            values[option.key] = checked
    unread = bool(notices)
    connections: list[Connection] = []
    written: dict[str, str] = {}
    tables = document.get("connections")
    for name, table in cast("Mapping[str, object]", tables if isinstance(tables, Mapping) else {}).items():
        try:
            connection = connection_of(name, table)
        except (msgspec.ValidationError, ParagoneError) as error:
            notices.append(
                phrase(
                    "The connection “{name}” in {source} could not be used: {reason}.",
                    name=name,
                    source=source,
                    reason=str(error).rstrip("."),
                )
            )
            continue
        try:
            connections.append(_put_right(connection))
        except ParagoneError as error:
            # Preserved unchanged, so that users can see, correct and remove it. Nothing is ever sent to it.
            connections.append(connection)
            notices.append(
                phrase(
                    "The address of the connection “{name}” in {source} could not be used: {reason}.",
                    name=name,
                    source=source,
                    reason=str(error).rstrip("."),
                )
            )
        if connections[-1].url != connection.url:
            written[name] = connection.url
    settings = Settings(MappingProxyType(values), tuple(connections), written=MappingProxyType(written), unread=unread)
    return LoadedSettings(settings, tuple(notices))


def _told(option: AnyOption, found: object) -> str:
    """Return a value as shown in a message. Free text may be a password or prompt, so only its type is shown."""
    if isinstance(found, (bool, int, float)) or (isinstance(found, str) and option.choices):
        return repr(found)[:_LONGEST_TOLD]
    return next((name for kind, name in _KINDS.items() if isinstance(found, kind)), phrase("a date"))


_KINDS: dict[type, Phrase] = {str: phrase("text"), list: phrase("a list"), dict: phrase("a table")}


def _put_right(connection: Connection) -> Connection:
    """Return a connection with its address corrected.

    Raises:
        AddressInvalid: If the address is invalid.
        AddressInsecure: If the address is not encrypted.
    """
    if connection.kind is Kind.EMBEDDED:
        return connection
    return msgspec.structs.replace(connection, url=repair(connection.kind, connection.url).url)
