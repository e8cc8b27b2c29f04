"""Keys that a run knows of without signing in by them: earlier answers may hold them, and go on to other servers."""

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
    """What tells which connections other processes have by now."""

    @property
    def sign(self) -> Hashable:
        """Another one once they may have changed; quickly told."""
        ...

    def connections(self) -> Sequence[Connection]:
        """All of them. Called on a thread."""
        ...


class Nowhere:
    """No other process has any."""

    sign: Hashable = None

    def connections(self) -> Sequence[Connection]:
        """None."""
        return ()


class KnownKeys:
    """Reads the keys of connections for the mask alone: what it hides may have come in an earlier run.

    A keyring that is locked or silent is asked once, however many connections there are, and again only when one is
    asked for the first time: whoever leaves it locked is not to be asked with every prompt. Keys that lie elsewhere are
    known all the same. What another process enters is read anew: of its connections `elsewhere` tells, whose keys may
    also lie in variables, headers and addresses, of which the keyring knows nothing.
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
        """Let the mask know the keys of all connections: of answers it is not known any more who gave them."""
        async with self._reading:
            await self._look_elsewhere()
            for each in [*self._unread()]:
                await self._know(each)

    async def read_beside(self, asked: Connection, *, again: bool = True) -> None:
        """Let the mask know what this connection's server was sent over others: it may give that back here.

        Not `again` where it was done before and no key was changed since.
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
        """Those too that a policy forbids by now, or whose name the organisation has taken: they were asked before."""
        settings = self._settings()
        yield from settings.known
        yield from (each for each in settings.connections if each not in settings.known)
        yield from (each for each in self._others if each not in settings.connections)

    async def _look_elsewhere(self) -> None:
        """Begin anew where a process changed the keyring, which this one may be: then it is open, too.

        Where connections alone may have changed, what was read of the others holds.
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
        """What cannot be read is told by the connection's own requests."""
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
            # Another program may be about to enter one that is not there: that is told by `changed_at`, or by none
            is_read = key is not None or connection.auth is not Auth.KEY or bool(self._keys.changed_at)
        if is_read and connection not in self._read:
            self._read.append(connection)


def _has_secret(connection: Connection) -> bool:
    if connection.kind is Kind.EMBEDDED:
        return False
    held = connection.auth is Auth.KEY or connection.secret_headers or connection.headers
    return bool(held or query_secrets(connection.url))


def _one_machine(one: str, other: str) -> bool:
    """Whether two addresses may lead to one server, whatever its ports; this machine has several names."""
    try:
        hosts = {host_of(origin_of(each)) for each in (one, other)}
    except ProviderError:  # of one that is no address, or leads over the net in the clear, nothing is sent anyway
        return False
    return len(hosts) == 1 or all(map(is_loopback, hosts))
