"""Settings as values: the value of each option, and the connections."""

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
"""Connection of the bundled model. Always present, but never in the file."""

_NAME_LENGTH = 64
_MOST_OF_HEADER, _MOST_OF_HEADERS = 8_192, 16_384
"""Maximum number of characters of one header, and of all headers of a connection. Servers accept about 8 KB."""
_OF_TRANSPORT = frozenset({
    "connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers of the transport. If they are set manually, servers wait for missing data or reject the request."""


def _no_values() -> MappingProxyType[str, str | int | float | bool]:
    return MappingProxyType({})


def _no_addresses() -> MappingProxyType[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """The user's settings. `values` are validated values by option key; `connections` are those the user added.

    Addresses of connections are corrected; `written` has the originals that differ, by connection. Precedence: managed
    policy, user's value, recommended policy, default.
    """

    values: MappingProxyType[str, str | int | float | bool] = field(default_factory=_no_values)
    connections: tuple[Connection, ...] = ()
    policy: Policy = NO_POLICY
    written: MappingProxyType[str, str] = field(default_factory=_no_addresses, compare=False)
    unread: bool = field(default=False, compare=False)
    """Whether some of the user's settings are unknown, because a file is unreadable or was invalid."""

    def get(self, option: Option[T]) -> T:
        """Return the option's value that is in effect."""
        fixed = self.policy.options.get(option.key)
        if fixed is not None and (fixed.locked or option.key not in self.values):
            value: object = fixed.value
        else:
            value = self.values.get(option.key, option.default)
        checked = option.check(value)
        return option.default if checked is None else checked

    def chooses(self, option: Option[T]) -> bool:
        """Whether the user or a policy has set the option; otherwise, its default is in effect."""
        return option.key in self.values or option.key in self.policy.options

    def is_sure(self, option: Option[T]) -> bool:
        """Whether data may be deleted because of the option's value.

        Not if it is only a default while files are unread.
        """
        fixed = self.policy.locks(option.key)
        return not self.unread or option.key in self.values or fixed is not None

    def set(self, option: Option[T], value: T) -> Settings:
        """Return these settings with one option changed.

        Raises:
            UsageError: If the value is invalid.
            PolicyForbids: If a policy locks the option.
        """
        if (fixed := self.policy.locks(option.key)) is not None:
            if fixed.value == value:
                return self
            raise PolicyForbids(
                phrase("Your organization does not allow changing {key}.", key=option.key), hint=fixed.who
            )
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
        """Allowed connections: first the embedded one, then the organization's and the user's, sorted by name."""
        return tuple(each for each in self.known if self.policy.problem(each) is None)

    @property
    def names(self) -> frozenset[str]:
        """Names of all connections, including forbidden ones. None of them can be used for a new connection."""
        return frozenset(each.name for each in self.known)

    def connection(self, name: str) -> Connection:
        """Return the connection with this name, even if it is forbidden.

        Raises:
            ConnectionUnknown: If there is no such connection.
        """
        if (connection := self._by_name.get(name)) is not None:
            return connection
        if program := program_of(name):
            raise ConnectionUnknown(
                phrase("The original models of chats imported from {program} are not available.", program=program),
                hint=phrase("Choose another model to continue the chat in a copy."),
            )
        raise ConnectionUnknown(phrase("There is no connection named “{name}”.", name=name))

    def with_connection(self, connection: Connection) -> Settings:
        """Return these settings with a connection added, or replaced if its name exists.

        Saving one of the organization's connections unchanged, in order to store a key for it, has no effect.

        Raises:
            PolicyForbids: If a policy does not allow the connection.
        """
        if any(_is_same(connection, given) for given in self.policy.get(CONNECTIONS)):
            return self
        self._require_own(connection.name)
        self.policy.require(OWN_MODEL_FILES if connection.kind is Kind.EMBEDDED else USER_CONNECTIONS)
        self.policy.require_connection(connection)
        others = tuple(each for each in self.connections if each.name != connection.name)
        return replace(self, connections=(*others, connection))

    def without_connection(self, name: str) -> Settings:
        """Return these settings without a connection.

        Raises:
            ConnectionUnknown: If there is no connection with this name.
            UsageError: If it is the embedded connection.
            PolicyForbids: If it is one of the organization's connections.
        """
        self._require_own(name)
        if self.connection(name) == EMBEDDED:
            raise UsageError(phrase("The embedded model's connection cannot be removed."))
        return replace(self, connections=tuple(each for each in self.connections if each.name != name))

    @cached_property
    def known(self) -> tuple[Connection, ...]:
        """All connections, including forbidden ones: first the embedded one, then the others sorted by name."""
        given = self.policy.get(CONNECTIONS)
        taken = {each.name for each in given}
        others = (*given, *(each for each in self.connections if each.name not in taken))
        return (EMBEDDED, *sorted(others, key=lambda connection: connection.name))

    @cached_property
    def _by_name(self) -> Mapping[str, Connection]:
        """First connection with each name."""
        return {each.name: each for each in reversed(self.known)}

    def _require_own(self, name: str) -> None:
        """Check that a connection is not one of the organization's.

        Raises:
            PolicyForbids: If it is one of the organization's.
        """
        for given in self.policy.get(CONNECTIONS):
            if given.name == name:
                fixed = self.policy.entries[CONNECTIONS.name]
                raise PolicyForbids(
                    phrase("Your organization does not allow changing the connection “{name}”.", name=name),
                    hint=fixed.who,
                )


def _is_same(connection: Connection, given: Connection) -> bool:
    """Whether two connections differ at most in the spelling of their address."""
    written = msgspec.structs.replace(connection, url=given.url)
    return written == given and (connection.url == given.url or same_origin(connection.url, given.url))


def check_connection_name(name: str) -> str:
    """Return a connection's name if it is valid: short, printable, without slashes or spaces.

    Raises:
        UsageError: If the name is invalid.
    """
    printable = all(unicodedata.category(char)[0] not in "CZ" for char in name)
    if not name or len(name) > _NAME_LENGTH or "/" in name or not printable:
        raise UsageError(
            phrase("“{name}” is not a valid connection name.", name=name),
            hint=phrase(
                "Use up to {number} letters, digits and symbols, without slashes or spaces.", number=_NAME_LENGTH
            ),
        )
    return name


def check_new_name(name: str) -> str:
    """Return the name for a new connection if it is valid.

    Raises:
        UsageError: If the name is invalid. The message does not repeat text that may be a key.
    """
    if is_key(name):
        raise UsageError(
            phrase("The connection's name looks like a key."),
            hint=phrase("Enter the key in the key field, or pass it with --key-stdin."),
        )
    return check_connection_name(name)


def check_variable_name(name: str) -> str:
    """Return the name of an environment variable if it is valid.

    Many keys would be valid names, so a long word with digits between its letters counts as a key.

    Raises:
        UsageError: If the name is invalid. The message does not repeat text that may be a key.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", name) or any(map(is_drawn, name.split("_"))):
        raise UsageError(
            phrase("This is not a valid name for an environment variable."),
            hint=phrase("--key-env expects the variable's name, not the key itself. To pass the key, use --key-stdin."),
        )
    return name


def check_headers(headers: Mapping[str, str]) -> None:
    """Check that a connection may send these additional headers.

    Raises:
        UsageError: If a header is not allowed.
    """
    for name, value in headers.items():
        require_no_key(name)
        if name.strip().casefold() in _OF_TRANSPORT:
            raise UsageError(
                phrase("The header {name} is set for each request and cannot be changed.", name=name.strip()),
                hint=phrase("Remove the header."),
            )
        if len(name) + len(value) > _MOST_OF_HEADER:
            raise UsageError(
                phrase("The header {name} is too long.", name=name.strip()[:_NAME_LENGTH]),
                hint=phrase("Servers accept about 8 KB."),
            )
    if sum(len(name) + len(value) for name, value in headers.items()) > _MOST_OF_HEADERS:
        raise UsageError(phrase("The headers are too long in total."), hint=phrase("Servers accept about 8 KB."))


def require_no_key(name: str) -> None:
    """Check that a header's name does not look like a key.

    Raises:
        UsageError: If the name looks like a key. The message does not repeat it.
    """
    if has_key(name) or is_drawn(name):
        raise UsageError(
            phrase("The header's name looks like a key."),
            hint=phrase("Enter the header's name first, then the key as its value."),
        )


def check_header_name(name: str) -> str:
    """Return the name of a header if a connection may send it.

    Raises:
        UsageError: If the header is for credentials, or its name looks like a key.
    """
    require_no_key(name)
    if name.strip().casefold() in ("authorization", "api-key", "proxy-authorization"):
        raise UsageError(
            phrase(
                "The header {name} contains credentials, and headers are stored in the settings file.",
                name=name.strip(),
            ),
            hint=phrase("Enter the header's value as the key: keys are stored in the keyring."),
        )
    return name


def check_tenant(text: str) -> str:
    """Return an Entra ID tenant if it is valid; an empty text means no tenant.

    Raises:
        UsageError: If the text is not a valid tenant.
    """
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|", text):
        raise UsageError(
            phrase("“{text}” is not a valid tenant.", text=text),
            hint=phrase("Enter a tenant ID, or a domain such as contoso.onmicrosoft.com."),
        )
    return text
