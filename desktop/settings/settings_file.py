"""The settings file: read with each slip named, saved whole, set aside when broken, never deleted."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import msgspec
from msgspec import Struct

from desktop import toml_text
from desktop.addresses import repair
from desktop.domain import Auth, Connection, Kind, Wire
from desktop.errors import ParagoneError, SettingsError, StoreReadOnly
from desktop.log import logger
from desktop.paths import make_private_folder
from desktop.phrases import Phrase, phrase
from desktop.plain_files import read_plain
from desktop.private_files import private_lock, set_aside, write_private
from desktop.settings.policy import NO_POLICY, Policy
from desktop.settings.schema import OPTIONS, AnyOption
from desktop.settings.values import EMBEDDED, Settings, check_connection_name, check_headers, check_variable_name

_LOCK_TIMEOUT_S = 10.0
_LONGEST_TOLD = 80

_log = logger("settings")


class LoadedSettings(Struct, frozen=True):
    """Settings and, in sentences, what in the file could not be used."""

    settings: Settings
    notices: tuple[str, ...] = ()


class SettingsFile:
    """The file at `path`. Programs that run at the same time change it one after the other.

    What it loads holds the policy too, which is never written to it.
    """

    def __init__(self, path: Path, *, policy: Policy = NO_POLICY, clock: Callable[[], datetime] = datetime.now) -> None:
        self.path = path
        self._policy = policy
        self._clock = clock

    def load(self) -> LoadedSettings:
        """The user's settings under the policy; the policy's own slips are among the notices.

        A file that is there and cannot be read gives defaults: conversations are read without it, and nothing is
        changed that would be lost with what stands in it.
        """
        try:
            return self._governed(self._load(self._put_aside))
        except SettingsError as error:
            said = phrase("{problem} Defaults are used, and nothing can be set.", problem=error.message)
            return self._governed(LoadedSettings(Settings(unread=True), (said,)))

    def _governed(self, loaded: LoadedSettings) -> LoadedSettings:
        settings = replace(loaded.settings, policy=self._policy)
        return LoadedSettings(settings, (*self._policy.notices, *loaded.notices))

    def _load(self, broken: Callable[[str], LoadedSettings]) -> LoadedSettings:
        """Read the file; defaults where there is none, and where it is broken what `broken` makes of the reason.

        Raises SettingsError where the file is there and cannot be read.
        """
        try:
            data = read_plain(self.path)
        except FileNotFoundError:
            return LoadedSettings(Settings())
        except OSError as error:
            raise SettingsError(
                phrase("The settings file {path} cannot be read: {reason}.", path=self.path, reason=error.strerror)
            ) from error
        try:
            return parse(toml_text.parse(data.decode("utf-8-sig")), str(self.path))
        except (ValueError, RecursionError) as error:  # too deep, or with a number of thousands of digits, too
            return broken(str(error).rstrip("."))

    def _put_aside(self, reason: str) -> LoadedSettings:
        """Defaults in the place of a broken file, which is kept and said."""
        said = phrase(
            "The settings file was broken ({reason}). It was kept as {aside}; defaults are used.",
            reason=reason,
            aside=self._set_aside(),
        )
        return LoadedSettings(Settings(unread=True), (said,))

    def _refuse(self, reason: str) -> LoadedSettings:
        """A file that broke while the program runs: somebody is at work on it, and nothing of it may be lost."""
        raise SettingsError(
            phrase("The settings file {path} is broken: {reason}.", path=self.path, reason=reason),
            hint=phrase("Correct it by hand; nothing was changed."),
        )

    def update(self, change: Callable[[Settings], Settings]) -> Settings:
        """Read, change and save as one step that no other program comes between. Returns what was saved.

        Comments and keys that this version does not know stay in the file. Raises SettingsError, also for a file that
        was broken since it was loaded, and what `change` raises.
        """
        from filelock import Timeout

        try:
            make_private_folder(self.path.parent)
            with private_lock(self.path.with_suffix(".lock"), timeout_s=_LOCK_TIMEOUT_S):
                changed = change(self._governed(self._load(self._refuse)).settings)
                self._save(changed)
                return changed
        except Timeout as error:
            raise SettingsError(
                phrase("Another program holds the settings file."),
                hint=phrase("Close it and try again; nothing was changed."),
            ) from error
        except (OSError, StoreReadOnly) as error:
            reason = error.message if isinstance(error, ParagoneError) else error.strerror or error
            raise SettingsError(
                phrase("The settings file {path} cannot be saved: {reason}.", path=self.path, reason=reason)
            ) from error

    def _save(self, settings: Settings) -> None:
        before = self.path.read_text("utf-8-sig") if self.path.exists() else ""
        try:
            text = _changed(before, settings)
        except (ValueError, RecursionError) as error:
            raise SettingsError(
                phrase("The settings file {path} cannot be saved: {reason}.", path=self.path, reason=error),
                hint=phrase("Make it simpler by hand, or put it away; nothing was changed."),
            ) from error
        # A link to a file that is kept elsewhere, among others of its kind, stays one: that file is written.
        write_private(self.path.resolve() if self.path.is_symlink() else self.path, text)

    def _set_aside(self) -> Path:
        try:
            return set_aside(self.path, self._clock().strftime("%Y%m%d-%H%M%S"))
        except OSError as error:
            raise SettingsError(
                phrase(
                    "The settings file {path} is broken and cannot be set aside: {reason}.",
                    path=self.path,
                    reason=error.strerror,
                )
            ) from error


def parse(document: Mapping[str, Any], source: str) -> LoadedSettings:
    """Settings from a parsed file; a value that does not fit is named and left at its default."""
    values: dict[str, str | int | float | bool] = {}
    notices: list[str] = []
    for option in OPTIONS:
        section, _, name = option.key.partition(".")
        table = document.get(section)
        if not isinstance(table, Mapping) or name not in table:
            continue
        found = cast("Mapping[str, object]", table)[name]
        checked = option.check(found)
        if checked is None:
            notices.append(
                phrase(
                    "{key} in {source} takes {expected}, not {found}; the default is used.",
                    key=option.key,
                    source=source,
                    expected=option.expected,
                    found=_told(option, found),
                )
            )
        else:
            values[option.key] = checked
    connections: list[Connection] = []
    written: dict[str, str] = {}
    tables = document.get("connections")
    for name, table in cast("Mapping[str, object]", tables if isinstance(tables, Mapping) else {}).items():
        try:
            connection = _connection(name, table)
        except (msgspec.ValidationError, ParagoneError) as error:
            notices.append(
                phrase(
                    "The connection “{name}” in {source} cannot be used: {reason}.",
                    name=name,
                    source=source,
                    reason=str(error).rstrip("."),
                )
            )
            continue
        try:
            connections.append(_put_right(connection))
        except ParagoneError as error:
            # Kept as it stands, so that it can be seen, mended and removed; it gets no key and is sent nothing.
            connections.append(connection)
            notices.append(
                phrase(
                    "The address of the connection “{name}” in {source} cannot be used: {reason}.",
                    name=name,
                    source=source,
                    reason=str(error).rstrip("."),
                )
            )
        if connections[-1].url != connection.url:
            written[name] = connection.url
    settings = Settings(MappingProxyType(values), tuple(connections), written=MappingProxyType(written))
    return LoadedSettings(settings, tuple(notices))


def _told(option: AnyOption, found: object) -> str:
    """What stands in an option's place, for a sentence: free text may be a password or a prompt, and is not told."""
    if isinstance(found, (bool, int, float)) or (isinstance(found, str) and option.choices):
        return repr(found)[:_LONGEST_TOLD]
    return next((name for kind, name in _KINDS.items() if isinstance(found, kind)), phrase("a date"))


_KINDS: dict[type, Phrase] = {str: phrase("a text"), list: phrase("a list"), dict: phrase("a table")}


def _put_right(connection: Connection) -> Connection:
    """A connection with its address put right. Raises AddressInvalid and AddressInsecure."""
    if connection.kind is Kind.EMBEDDED:
        return connection
    return msgspec.structs.replace(connection, url=repair(connection.kind, connection.url).url)


def _connection(name: str, table: object) -> Connection:
    check_connection_name(name)
    if name == EMBEDDED.name:
        raise SettingsError(phrase("The name “embedded” is taken by the bundled model."))
    if not isinstance(table, Mapping):
        raise SettingsError(phrase("It is not a table."))
    fields = cast("Mapping[str, object]", table)
    for key, kind in (("kind", Kind), ("auth", Auth), ("wire", Wire)):
        value = fields.get(key)
        if isinstance(value, str) and value not in {*kind}:
            # Without what stands there, as msgspec would have it: somebody may have written the key itself
            raise SettingsError(phrase("`{key}` is not one of {choices}.", key=key, choices=", ".join(kind)))
    connection = msgspec.convert({**fields, "name": name}, Connection)
    if connection.key_env:
        check_variable_name(connection.key_env)
    check_headers(connection.headers)
    return connection


def _changed(before: str, settings: Settings) -> str:
    """The text of a settings file with these settings in it: with its comments, unless a change among them goes wrong.

    Some forms of TOML (dotted keys, tables within a line) cannot be changed in place. Raises ValueError, RecursionError
    where the text cannot be written anew either, and SettingsError.
    """
    import tomlkit

    plain = toml_text.parse(before)
    _write(plain, settings)
    anew = tomlkit.dumps(plain)
    meant = tomllib.loads(anew)
    try:
        document = tomlkit.parse(before)
        _write(document, settings)
        text = tomlkit.dumps(document)
        if tomllib.loads(text) == meant:
            return text
    except Exception as error:  # noqa: BLE001 - tomlkit's faults are of any kind, and the text anew is there
        _log.info("the settings file cannot be changed in place: %s", type(error).__name__)
    return anew


def _write(document: dict[str, Any], settings: Settings) -> None:
    document["version"] = 1
    _write_options(document, settings)
    _write_connections(document, settings.connections)


def _write_options(document: dict[str, Any], settings: Settings) -> None:
    for key, value in settings.values.items():
        section, _, name = key.partition(".")
        _table(document, section, section)[name] = value


def _table(document: dict[str, Any], name: str, called: str, *, above: bool = False) -> dict[str, Any]:
    """A table within another, made where there is none; one that is `above` others has no line of its own."""
    import tomlkit

    if name not in document:
        document[name] = tomlkit.table(is_super_table=above)
    if not isinstance(document[name], Mapping):
        raise SettingsError(
            phrase("`{name}` in the settings file is not a table.", name=called),
            hint=phrase("Take that line out; nothing was changed."),
        )
    return cast("dict[str, Any]", document[name])


def _write_connections(document: dict[str, Any], connections: Iterable[Connection]) -> None:
    tables = _table(document, "connections", "connections", above=True)
    wanted = {connection.name: connection for connection in connections}
    for name in [name for name in tables if name not in wanted]:
        # What could not be understood is the user's to mend: only connections that were read are taken out.
        with contextlib.suppress(msgspec.ValidationError, ParagoneError):
            _connection(name, tables[name])
            del tables[name]
    for name, connection in wanted.items():
        _write_connection(_table(tables, name, f"connections.{name}"), connection)


def _write_connection(table: dict[str, Any], connection: Connection) -> None:
    fields: dict[str, Any] = msgspec.to_builtins(connection)
    for key, value in fields.items():
        if key == "name" or (key == "url" and _means(table.get(key), connection)):
            continue
        if value or key in ("kind", "auth") or (key == "keep_days" and value is not None):
            table[key] = [*cast("tuple[str, ...]", value)] if isinstance(value, tuple) else value
        elif key in table:
            del table[key]


def _means(written: object, connection: Connection) -> bool:
    """Whether an address, as it is written in the file, is the connection's: then it stays as its user wrote it."""
    if not isinstance(written, str):
        return False
    try:
        return repair(connection.kind, written).url == connection.url
    except ParagoneError:
        return False
