"""Settings as values: what is set for each option, and the connections."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

import msgspec

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.domain.imported_models import program_of
from desktop.errors import ConnectionUnknown, PolicyForbids, UsageError
from desktop.net.origin import same_origin
from desktop.redaction.key_patterns import has_key, is_drawn, is_key
from desktop.settings.policy import CONNECTIONS, NO_POLICY, OWN_MODEL_FILES, USER_CONNECTIONS, Policy
from desktop.settings.schema import Option
from desktop.text.phrases import phrase

T = TypeVar("T", str, int, float, bool)

EMBEDDED = Connection(name="embedded", kind=Kind.EMBEDDED, auth=Auth.NONE)
"""The bundled model's connection; always there, never in the file."""

_NAME_LENGTH = 64
_MOST_OF_HEADER, _MOST_OF_HEADERS = 8_192, 16_384
"""Characters of a header, and of all of a connection's: servers take some 8 KB of a line, and few take more in all."""
_OF_TRANSPORT = frozenset({
    "connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers that say how a request travels: by hand they make servers wait for what never comes, or refuse it."""


def _no_values() -> MappingProxyType[str, str | int | float | bool]:
    return MappingProxyType({})


def _no_addresses() -> MappingProxyType[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """What is set. `values` holds the user's checked values by option key, `connections` those the user added.

    The connections' addresses are put right; `written` has, by connection, those that stand otherwise in their file.
    In force is: what the policy fixed, what the user set, what the policy recommends, the default.
    """

    values: MappingProxyType[str, str | int | float | bool] = field(default_factory=_no_values)
    connections: tuple[Connection, ...] = ()
    policy: Policy = NO_POLICY
    written: MappingProxyType[str, str] = field(default_factory=_no_addresses, compare=False)
    unread: bool = field(default=False, compare=False)
    """Whether not all that the user set is known, since a file of it is closed or was broken."""

    def get(self, option: Option[T]) -> T:
        """The option's value in force."""
        fixed = self.policy.options.get(option.key)
        if fixed is not None and (fixed.locked or option.key not in self.values):
            value: object = fixed.value
        else:
            value = self.values.get(option.key, option.default)
        checked = option.check(value)
        return option.default if checked is None else checked

    def chooses(self, option: Option[T]) -> bool:
        """Whether the user or a policy set it; otherwise its default is in force."""
        return option.key in self.values or option.key in self.policy.options

    def is_sure(self, option: Option[T]) -> bool:
        """Whether the option's value in force may delete something: no default may, where the user's own is unknown."""
        fixed = self.policy.locks(option.key)
        return not self.unread or option.key in self.values or fixed is not None

    def set(self, option: Option[T], value: T) -> Settings:
        """With one option changed. Raises UsageError where it does not fit, PolicyForbids where locked."""
        if (fixed := self.policy.locks(option.key)) is not None:
            if fixed.value == value:
                return self
            raise PolicyForbids(phrase("{key} cannot be changed here.", key=option.key), hint=fixed.who)
        checked = option.check(value)
        if checked is None:
            raise UsageError(
                phrase(
                    "{key} must be {expected}, not {value}.",
                    key=option.key,
                    expected=option.expected,
                    value=repr(value),
                )
            )
        return replace(self, values=MappingProxyType({**self.values, option.key: checked}))

    @property
    def all_connections(self) -> tuple[Connection, ...]:
        """Those that may be used: the embedded one first, then the organisation's and the user's, by name."""
        return tuple(each for each in self.known if self.policy.problem(each) is None)

    @property
    def names(self) -> frozenset[str]:
        """The names of all connections, also of those that may not be used: none of them is free."""
        return frozenset(each.name for each in self.known)

    def connection(self, name: str) -> Connection:
        """The connection of this name, whether it may be used or not. Raises ConnectionUnknown."""
        if (connection := self._by_name.get(name)) is not None:
            return connection
        if program := program_of(name):
            raise ConnectionUnknown(
                phrase("Models of chats imported from {program} cannot be asked.", program=program),
                hint=phrase("Choose another model: the chat continues with it in a copy."),
            )
        raise ConnectionUnknown(phrase("There is no connection named “{name}”.", name=name))

    def with_connection(self, connection: Connection) -> Settings:
        """These settings with a connection added, or put in place of the one of its name. Raises PolicyForbids.

        One of the organisation's that is given back as it stands, to keep a key for it, changes nothing.
        """
        if any(_is_same(connection, given) for given in self.policy.get(CONNECTIONS)):
            return self
        self._require_own(connection.name)
        self.policy.require(OWN_MODEL_FILES if connection.kind is Kind.EMBEDDED else USER_CONNECTIONS)
        self.policy.require_connection(connection)
        others = tuple(each for each in self.connections if each.name != connection.name)
        return replace(self, connections=(*others, connection))

    def without_connection(self, name: str) -> Settings:
        """These settings without a connection.

        Raises ConnectionUnknown, UsageError for the embedded one, and PolicyForbids for one of the organisation's.
        """
        self._require_own(name)
        if self.connection(name) == EMBEDDED:
            raise UsageError(phrase("The embedded model's connection cannot be removed."))
        return replace(self, connections=tuple(each for each in self.connections if each.name != name))

    @cached_property
    def known(self) -> tuple[Connection, ...]:
        """All connections, also those that the policy forbids: the embedded one, then the others by name."""
        given = self.policy.get(CONNECTIONS)
        taken = {each.name for each in given}
        others = (*given, *(each for each in self.connections if each.name not in taken))
        return (EMBEDDED, *sorted(others, key=lambda connection: connection.name))

    @cached_property
    def _by_name(self) -> Mapping[str, Connection]:
        """The first of each name."""
        return {each.name: each for each in reversed(self.known)}

    def _require_own(self, name: str) -> None:
        """Go on where a connection is not one of the organisation's. Raises PolicyForbids."""
        for given in self.policy.get(CONNECTIONS):
            if given.name == name:
                fixed = self.policy.entries[CONNECTIONS.name]
                raise PolicyForbids(
                    phrase("The connection “{name}” cannot be changed here.", name=name), hint=fixed.who
                )


def _is_same(connection: Connection, given: Connection) -> bool:
    """Whether two are the same but for how the address is written."""
    written = msgspec.structs.replace(connection, url=given.url)
    return written == given and (connection.url == given.url or same_origin(connection.url, given.url))


def check_connection_name(name: str) -> str:
    """The name where it can be one: short, printable, no slash or blank. Raises UsageError."""
    printable = all(unicodedata.category(char)[0] not in "CZ" for char in name)
    if not name or len(name) > _NAME_LENGTH or "/" in name or not printable:
        raise UsageError(
            phrase("“{name}” cannot be the name of a connection.", name=name),
            hint=phrase(
                "Use up to {number} letters, digits and signs, without slashes and spaces.", number=_NAME_LENGTH
            ),
        )
    return name


def check_new_name(name: str) -> str:
    """The name where a connection can be given it. Raises UsageError, which does not repeat what may be a key."""
    if is_key(name):
        raise UsageError(
            phrase("The connection's name looks like a key."),
            hint=phrase("Put the key into the key field, or pass it with --key-stdin."),
        )
    return check_connection_name(name)


def check_variable_name(name: str) -> str:
    """The name where an environment variable can have it. Raises UsageError that does not repeat what may be a key.

    Many keys could be names as well: a long word with digits between its letters is taken for one.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", name) or any(map(is_drawn, name.split("_"))):
        raise UsageError(
            phrase("That is not the name of an environment variable."),
            hint=phrase("--key-env expects the variable's name, not the key itself; --key-stdin reads a key."),
        )
    return name


def check_headers(headers: Mapping[str, str]) -> None:
    """Go on where a connection may send these beside its own. Raises UsageError."""
    for name, value in headers.items():
        require_no_key(name)
        if name.strip().casefold() in _OF_TRANSPORT:
            raise UsageError(
                phrase("The header {name} is set for each request and cannot be changed.", name=name.strip()),
                hint=phrase("Leave the header out."),
            )
        if len(name) + len(value) > _MOST_OF_HEADER:
            raise UsageError(
                phrase("The header {name} is too long.", name=name.strip()[:_NAME_LENGTH]),
                hint=phrase("Servers accept about 8 KB."),
            )
    if sum(len(name) + len(value) for name, value in headers.items()) > _MOST_OF_HEADERS:
        raise UsageError(phrase("The headers are too long in total."), hint=phrase("Servers accept about 8 KB."))


def require_no_key(name: str) -> None:
    """Raise UsageError for a header's name that looks like a key, without repeating it."""
    if has_key(name) or is_drawn(name):
        raise UsageError(
            phrase("The header's name looks like a key."),
            hint=phrase("Write the header's name first, and the key as its value."),
        )


def check_header_name(name: str) -> str:
    """The name where a connection may send a header of it. Raises UsageError for one that signs in, or is a key."""
    require_no_key(name)
    if name.strip().casefold() in ("authorization", "api-key", "proxy-authorization"):
        raise UsageError(
            phrase(
                "The header {name} contains credentials, and headers are stored in the settings file.",
                name=name.strip(),
            ),
            hint=phrase("Enter its value as the key: keys are stored in the keyring."),
        )
    return name


def check_tenant(text: str) -> str:
    """The text where it can name a tenant of Entra ID; empty for none. Raises UsageError."""
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|", text):
        raise UsageError(
            phrase("“{text}” is not a tenant.", text=text),
            hint=phrase("Enter its ID, or a domain such as contoso.onmicrosoft.com."),
        )
    return text
