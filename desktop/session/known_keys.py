"""Known keys for the redactor, used for sign-in or not: earlier responses may contain them and go to other servers."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator, Sequence
from typing import Protocol

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import CredentialError, KeyringLocked, KeyringTimeout, PolicyForbids, ProviderError
from desktop.net.headers import query_secrets, secret_values
from desktop.net.origin import host_of, is_loopback, origin_of
from desktop.settings.current import CurrentSettings


class Elsewhere(Protocol):
    """Reports the connections of other processes."""

    @property
    def sign(self) -> Hashable:
        """Value that changes when the connections may have changed; cheap to read."""
        ...

    def connections(self) -> Sequence[Connection]:
        """Return the connections. Blocks, so call it on a thread."""
        ...


class Nowhere:
    """Reports no connections."""

    sign: Hashable = None

    def connections(self) -> Sequence[Connection]:
        """Return no connections."""
        return ()


class KnownKeys:
    """Reads keys for the redactor only, since responses of earlier runs may contain them.

    A locked or unresponsive keyring is queried only once, however many connections there are, and again only when a
    connection is used for the first time, so that users who leave it locked are not prompted each time. Keys that are
    not in the keyring are known anyway. `elsewhere` reports connections of other processes; their keys may be in
    environment variables, headers and addresses.
    """

    def __init__(self, keys: Keys, settings: CurrentSettings, elsewhere: Elsewhere | None = None) -> None:
        self._keys = keys
        self._settings = settings
        self._elsewhere = elsewhere or Nowhere()
        self._sign: Hashable = self._elsewhere.sign
        self._others: tuple[Connection, ...] = ()
        self._read: list[Connection] = []
        self._beside: dict[str, tuple[int, tuple[Connection, ...]]] = {}
        self._changed_at = keys.changed_at
        self._given_up = False
        self._reading = asyncio.Lock()

    @property
    def are_all_read(self) -> bool:
        """Whether `read_all` has nothing to do."""
        is_new = self._changed_at == self._keys.changed_at and self._sign == self._elsewhere.sign
        return is_new and next(self._unread(), None) is None

    async def read_all(self) -> None:
        """Add the keys of all connections to the redactor, since a text may come from any of them."""
        async with self._reading:
            await self._look_elsewhere()
            for each in [*self._unread()]:
                await self._know(each)

    async def read_beside(self, asked: Connection, *, again: bool = True) -> None:
        """Add the keys that this connection's server received through other connections, since it could echo them.

        Args:
            again: Whether to read the keys again even if none has changed since the last call.
        """
        await self._look_elsewhere()
        known = self._changed_at, self._others
        if not again and self._beside.get(asked.name) == known:
            return
        self._beside[asked.name] = known
        self._given_up = False
        for each in self._all():
            is_other = (each.name, each.url) != (asked.name, asked.url)
            if is_other and each.kind is not Kind.EMBEDDED and _one_machine(each.url, asked.url):
                await self._know(each)

    def _all(self) -> Iterator[Connection]:
        """Yield all connections, including those that a policy forbids or the organization's settings override."""
        settings = self._settings()
        yield from settings.known
        yield from (each for each in settings.connections if each not in settings.known)
        yield from (each for each in self._others if each not in settings.connections)

    async def _look_elsewhere(self) -> None:
        """Start over if another process changed the keyring, which also means that it was unlocked.

        If only connections changed, the keys already read remain valid.
        """
        changed_at, sign = self._keys.changed_at, self._elsewhere.sign
        if (changed_at, sign) == (self._changed_at, self._sign):
            return
        self._others = tuple(await asyncio.to_thread(self._elsewhere.connections))
        self._sign = sign
        if changed_at != self._changed_at:
            self._read.clear()
            self._given_up, self._changed_at = False, changed_at

    def _unread(self) -> Iterator[Connection]:
        for each in self._all():
            if each not in self._read and _has_secret(each):
                yield each

    async def _know(self, connection: Connection) -> None:
        """Add a connection's secrets. Errors are ignored here, because the connection's own requests report them."""
        self._keys.mask.add(*query_secrets(connection.url), *secret_values(connection.headers))
        try:
            if self._given_up and connection.auth is Auth.KEY and not connection.key_env:
                return
            key = await self._keys.get(connection)
            if self._given_up and connection.secret_headers:
                return
            await self._keys.headers(connection)
        except (KeyringLocked, KeyringTimeout):
            self._given_up = True
            return
        except (CredentialError, ProviderError, PolicyForbids, OSError):
            is_read = True  # nothing is ever sent with it
        else:
            # A missing key may be added by another program; `changed_at` reports that
            is_read = key is not None or connection.auth is not Auth.KEY or bool(self._keys.changed_at)
        if is_read and connection not in self._read:
            self._read.append(connection)


def _has_secret(connection: Connection) -> bool:
    if connection.kind is Kind.EMBEDDED:
        return False
    held = connection.auth is Auth.KEY or connection.secret_headers or connection.headers
    return bool(held or query_secrets(connection.url))


def _one_machine(one: str, other: str) -> bool:
    """Whether two addresses may lead to the same machine, whatever their ports; localhost has several names."""
    try:
        hosts = {host_of(origin_of(each)) for each in (one, other)}
    except ProviderError:  # of one that is no address, or leads over the net in the clear, nothing is sent anyway
        return False
    return len(hosts) == 1 or all(map(is_loopback, hosts))
