"""Settings as values: what is set for each option, and the connections."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from desktop.domain import Auth, Connection, Kind
from desktop.errors import ConnectionUnknown, UsageError
from desktop.phrases import phrase
from desktop.settings.schema import Option

T = TypeVar("T", str, int, float, bool)

EMBEDDED = Connection(name="embedded", kind=Kind.EMBEDDED, auth=Auth.NONE)
"""The bundled model's connection; always there, never in the file."""

_NAME_LENGTH = 64


def _no_values() -> MappingProxyType[str, str | int | float | bool]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set. `values` holds checked values by option key; what it lacks has its default."""

    values: MappingProxyType[str, str | int | float | bool] = field(default_factory=_no_values)
    connections: tuple[Connection, ...] = ()

    def get(self, option: Option[T]) -> T:
        """The option's value in force."""
        checked = option.check(self.values.get(option.key, option.default))
        return option.default if checked is None else checked

    def set(self, option: Option[T], value: T) -> Settings:
        """These settings with one option changed. Raises UsageError where the value does not fit."""
        checked = option.check(value)
        if checked is None:
            raise UsageError(
                phrase(
                    "{key} takes {expected}, not {value}.", key=option.key, expected=option.expected, value=repr(value)
                )
            )
        return replace(self, values=MappingProxyType({**self.values, option.key: checked}))

    @property
    def all_connections(self) -> tuple[Connection, ...]:
        """The embedded one, then the user's, by name."""
        return (EMBEDDED, *sorted(self.connections, key=lambda connection: connection.name))

    def connection(self, name: str) -> Connection:
        """The connection of this name. Raises ConnectionUnknown."""
        for connection in self.all_connections:
            if connection.name == name:
                return connection
        raise ConnectionUnknown(phrase("There is no connection named “{name}”.", name=name))

    def with_connection(self, connection: Connection) -> Settings:
        """These settings with a connection added, or put in place of the one of its name."""
        others = tuple(each for each in self.connections if each.name != connection.name)
        return replace(self, connections=(*others, connection))

    def without_connection(self, name: str) -> Settings:
        """These settings without a connection. Raises ConnectionUnknown, or UsageError for the embedded one."""
        if self.connection(name) == EMBEDDED:
            raise UsageError(phrase("The embedded model's connection cannot be removed."))
        return replace(self, connections=tuple(each for each in self.connections if each.name != name))


def check_connection_name(name: str) -> str:
    """The name where it can be one: short, printable, no slash or blank. Raises UsageError."""
    printable = all(unicodedata.category(char)[0] not in "CZ" for char in name)
    if not name or len(name) > _NAME_LENGTH or "/" in name or not printable:
        raise UsageError(
            phrase("“{name}” cannot name a connection.", name=name),
            hint=phrase(
                "Use up to {number} letters, digits and signs, without a slash or a blank.", number=_NAME_LENGTH
            ),
        )
    return name


def check_variable_name(name: str) -> str:
    """The name where an environment variable can have it. Raises UsageError that does not repeat what may be a key."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", name):
        raise UsageError(
            phrase("That is not the name of an environment variable."),
            hint=phrase("--key-env takes the variable's name, not the key itself; --key-stdin reads a key."),
        )
    return name
