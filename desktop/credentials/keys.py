"""The keys of connections: from the keyring, a named variable or this run's memory; never from or to a file."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from desktop.credentials import chunks
from desktop.credentials.backends import Backend, find_backend
from desktop.domain import Auth, Connection
from desktop.errors import CredentialError, KeyringMissing, KeyringTimeout, PolicyForbids
from desktop.phrases import phrase

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a key went: the keyring's name, or this run's memory only and why."""

    keyring: str | None
    problem: CredentialError | None = None


class Keys:
    """Keys by connection and origin, so that a changed address never gets the old address's key.

    `service` is the name under which the keyring shows our items. Each call to the keyring runs on a daemon thread
    of its own: one that hangs costs its time-out and no more. With `keyring_only` (a policy) keys are in the keyring or
    nowhere: neither in variables nor in this run's memory.
    """

    def __init__(
        self,
        *,
        service: str,
        environ: Mapping[str, str],
        timeout_s: float = 30.0,
        keyring_only: bool = False,
        find: Callable[[], Backend] = find_backend,
    ) -> None:
        self._service = service
        self._environ = environ
        self._timeout_s = timeout_s
        self.keyring_only = keyring_only
        self._find = find
        self._backend: Backend | None = None
        self._this_run: dict[str, str] = {}

    async def get(self, connection: Connection) -> str | None:
        """The connection's key, None where it has none or needs none.

        Raises KeyringLocked, KeyringTimeout or SecretTorn; a machine without a keyring holds no key. With
        `keyring_only` raises PolicyForbids for a key in a variable.
        """
        if connection.auth is not Auth.KEY:
            return None
        if connection.key_env:
            if self.keyring_only:
                raise PolicyForbids(phrase("Keys must be in the keyring here, not in a variable."))
            return self._environ.get(connection.key_env, "").strip() or None
        account = account_of(connection)
        if account in self._this_run:
            return self._this_run[account]
        try:
            return await self._call(lambda backend: chunks.read(backend, self._service, account))
        except KeyringMissing:
            return None

    async def keep(self, connection: Connection, key: str) -> Kept:
        """Keep a key in the keyring; where that is not there, locked or silent, for this run only.

        With `keyring_only` raises CredentialError instead.
        """
        account = account_of(connection)
        try:
            await self._call(lambda backend: chunks.write(backend, self._service, account, key))
        except CredentialError as error:
            if self.keyring_only:
                raise
            self._this_run[account] = key
            return Kept(None, error)
        self._this_run.pop(account, None)
        return Kept(self._backend.name if self._backend else None)

    async def forget(self, connection: Connection) -> None:
        """Remove a connection's key from this run and from the keyring. Raises KeyringLocked or KeyringTimeout."""
        account = account_of(connection)
        self._this_run.pop(account, None)
        if connection.auth is not Auth.KEY or connection.key_env:
            return
        with contextlib.suppress(KeyringMissing):
            await self._call(lambda backend: chunks.erase(backend, self._service, account))

    async def secret(self, account: str) -> str | None:
        """What the keyring holds under a name of the program's own. Raises CredentialError."""
        return await self._call(lambda backend: chunks.read(backend, self._service, account))

    async def keep_secret(self, account: str, text: str) -> None:
        """Keep something under a name of the program's own: in the keyring or not at all. Raises CredentialError."""
        await self._call(lambda backend: chunks.write(backend, self._service, account, text))

    async def forget_secret(self, account: str) -> None:
        """Remove what was kept so. Raises KeyringLocked or KeyringTimeout."""
        with contextlib.suppress(KeyringMissing):
            await self._call(lambda backend: chunks.erase(backend, self._service, account))

    def only_this_run(self, connection: Connection) -> bool:
        """Whether a connection's key is held for this run only."""
        return account_of(connection) in self._this_run

    async def keyring_found(self) -> str:
        """What the keyring is called, without asking it for anything: nobody is asked to unlock it.

        Raises KeyringMissing or KeyringTimeout.
        """
        return await self._call(lambda backend: backend.name)

    async def keyring_name(self) -> str:
        """What the keyring is called, once it answered. Raises KeyringMissing, KeyringLocked or KeyringTimeout."""
        await self._call(lambda backend: backend.read(self._service, "probe"))
        return self._backend.name if self._backend else ""

    async def _call(self, work: Callable[[Backend], T]) -> T:
        """The result of work on the backend, on a thread. Raises KeyringTimeout, and what the work raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: Exception | None) -> None:
            """On the loop, which may have given up waiting by now."""
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # pyright: ignore[reportArgumentType] - None only beside an error

        def run() -> None:
            """On a thread of its own, which may hang for as long as the keyring does."""
            result, failure = None, None
            try:
                if self._backend is None:
                    self._backend = self._find()
                result = work(self._backend)
            except Exception as error:  # noqa: BLE001 - carried to the caller whole, whatever a keyring raises
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop ended before the keyring answered
                loop.call_soon_threadsafe(settle, result, failure)

        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await done
        except TimeoutError:
            raise KeyringTimeout(
                phrase("The keyring did not answer within {timeout_s} seconds.", timeout_s=f"{self._timeout_s:g}")
            ) from None


def account_of(connection: Connection) -> str:
    """The name of a connection's item in the keyring: with the origin, to which alone the key may go."""
    parts = urlsplit(connection.url)
    return f"{connection.name} at {parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
