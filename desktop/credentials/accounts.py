"""Names of keyring items, formed from a connection and the only origin its key may be sent to; includes older names."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from desktop.credentials import long_secrets
from desktop.credentials.backends import Backend
from desktop.domain.conversation_types import Connection
from desktop.errors import CredentialError, ProviderError
from desktop.net.addresses import repair
from desktop.net.origin import host_of, origin_of
from desktop.system.log import logger

_log = logger("credentials.accounts")


class Accounts(NamedTuple):
    """Names under which a connection's key may be stored.

    `current` is None for an invalid address, which has no key. Version 0.1 formed names from addresses as written:
    `certain` are such names that clearly mean today's origin. `uncertain` are those that may mean another server, such
    as `name at ://`, whose keys are never used.
    """

    current: str | None
    certain: tuple[str, ...]
    uncertain: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All names, for deletion."""
        return (*(() if self.current is None else (self.current,)), *self.certain, *self.uncertain)


def account_of(connection: Connection) -> str:
    """Return the name of a connection's item in the keyring.

    Raises:
        AddressInvalid: If the address is invalid.
        AddressInsecure: If the address is not encrypted.
    """
    return f"{connection.name} at {repair(connection.kind, connection.url).origin}"


def headers_account_of(connection: Connection) -> str:
    """Return the name of the keyring item with the values of a connection's headers.

    Raises:
        AddressInvalid: If the address is invalid.
        AddressInsecure: If the address is not encrypted.
    """
    return f"{connection.name} headers at {repair(connection.kind, connection.url).origin}"


def accounts_of(connection: Connection, written: str = "") -> Accounts:
    """Return all names of a connection's items. `written` is its address as written in the settings file."""
    try:
        current = account_of(connection)
    except ProviderError:
        current = None
    name, origin = connection.name, (current or "").partition(" at ")[2]
    places = [_place_of_old(each) for each in (written, connection.url)]
    places += ["://", f"{host_of(connection.url)}://"]
    certain: list[str] = []
    uncertain: list[str] = []
    for place in dict.fromkeys(place for place in places if place is not None):
        account = f"{name} at {place}"
        if account != current:
            (certain if current and _is(place, origin) else uncertain).append(account)
    return Accounts(current, tuple(certain), tuple(uncertain))


def names_to_erase(connection: Connection, written: str, successor: Connection | None) -> tuple[str, ...]:
    """Return all names of a removed connection's items, except the one that its successor uses."""
    names = accounts_of(connection, written).all
    stays = accounts_of(successor).current if successor is not None else None
    return tuple(name for name in names if name != stays)


def settle(backend: Backend, service: str, account: str, older: tuple[str, ...]) -> str | None:
    """Return the secret of an account, moving a secret that is stored under an older name of the same origin.

    If the keyring cannot be written, its items are left unchanged.

    Raises:
        CredentialError: If the keyring cannot be read.
    """
    secret = long_secrets.read(backend, service, account)
    for name in older:
        before = long_secrets.read(backend, service, name)
        if before is None:
            continue
        moved = secret is None
        secret = before if secret is None else secret
        try:
            if moved:
                long_secrets.write(backend, service, account, before)
            if long_secrets.read(backend, service, account) == secret:
                long_secrets.erase(backend, service, name)
        except CredentialError as error:
            _log.warning("an item of the keyring keeps its older name: %s", type(error).__name__)
    return secret


def _place_of_old(url: str) -> str | None:
    """Return the end of a name as formed by version 0.1, or None for an address that it could not parse."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def _is(place: str, origin: str) -> bool:
    """Whether an older name can only mean this origin."""
    if not place.startswith(("https://", "http://")):
        return False
    try:
        return origin_of(place) == origin
    except ProviderError:
        return False
