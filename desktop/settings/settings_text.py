"""Text of a settings file: reads connections from it, and writes settings while preserving its other content."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from desktop.domain.conversation_types import Auth, Connection, Kind, Wire
from desktop.errors import ParagoneError, SettingsError
from desktop.net.addresses import repair
from desktop.settings.values import EMBEDDED, Settings, check_connection_name, check_headers, check_variable_name
from desktop.system.log import logger
from desktop.text import toml_text
from desktop.text.phrases import phrase

_log = logger("settings")


def connection_of(name: str, table: object) -> Connection:
    """Return the connection in a table of the file.

    Raises:
        msgspec.ValidationError: If the table has invalid fields.
        ParagoneError: If a name, address or header is invalid.
    """
    check_connection_name(name)
    if name == EMBEDDED.name:
        raise SettingsError(phrase("The name “embedded” is reserved for the bundled model."))
    if not isinstance(table, Mapping):
        raise SettingsError(phrase("This entry is not a table."))
    fields = cast("Mapping[str, object]", table)
    for key, kind in (("kind", Kind), ("auth", Auth), ("wire", Wire)):
        value = fields.get(key)
        if isinstance(value, str) and value not in {*kind}:
            # Omits the value that msgspec would quote, because it may be an API key
            raise SettingsError(phrase("`{key}` must be one of {choices}.", key=key, choices=", ".join(kind)))
    wires = fields.get("wires")
    if isinstance(wires, Mapping) and any(each not in [*Wire] for each in cast("Mapping[str, object]", wires).values()):
        raise SettingsError(phrase("`{key}` must be one of {choices}.", key="wires", choices=", ".join(Wire)))
    connection = msgspec.convert({**fields, "name": name}, Connection)
    if connection.key_env:
        check_variable_name(connection.key_env)
    check_headers(connection.headers)
    return connection


def changed(before: str, settings: Settings) -> str:
    """Return the text of a settings file with these settings, preserving its comments if possible.

    Some forms of TOML (dotted keys, inline tables) cannot be changed in place; the text is then rewritten.

    Raises:
        SettingsError: If the file has another value in place of a table.
        ValueError: If the text is not TOML.
        RecursionError: If the text is nested too deeply.
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
    """Return a table within another, creating it if it is missing.

    Args:
        above: Whether the table only contains other tables, and therefore gets no header.
    """
    import tomlkit

    if name not in document:
        document[name] = tomlkit.table(is_super_table=above)
    if not isinstance(document[name], Mapping):
        raise SettingsError(
            phrase("`{name}` in the settings file is not a table.", name=called),
            hint=phrase("Remove that line. Nothing was changed."),
        )
    return cast("dict[str, Any]", document[name])


def _write_connections(document: dict[str, Any], connections: Iterable[Connection]) -> None:
    tables = _table(document, "connections", "connections", above=True)
    wanted = {connection.name: connection for connection in connections}
    for name in [name for name in tables if name not in wanted]:
        # Invalid entries are left for the user to correct. Only valid connections are removed.
        with contextlib.suppress(msgspec.ValidationError, ParagoneError):
            connection_of(name, tables[name])
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
    """Whether an address in the file is equivalent to the connection's, so that the user's spelling is preserved."""
    if not isinstance(written, str):
        return False
    try:
        return repair(connection.kind, written).url == connection.url
    except ParagoneError:
        return False
