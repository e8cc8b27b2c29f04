"""Keys of connections, from the keyring, an environment variable or memory; never from or to a file."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from desktop.credentials import long_secrets
from desktop.credentials.accounts import Accounts, account_of, accounts_of, headers_account_of, names_to_erase, settle
from desktop.credentials.backends import Backend, find_backend
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import CredentialError, KeyringMissing, KeyringTimeout, PolicyForbids, ProviderError, SecretTorn
from desktop.net.headers import secret_values
from desktop.redaction.redactor import Mask
from desktop.system.log import logger
from desktop.system.private_files import private_lock, write_private
from desktop.text.phrases import phrase

T = TypeVar("T")

_log = logger("credentials")


class KeyPlace(Struct, frozen=True):
    """Where a key is stored: the name of the keyring, or None (only in memory for this run) and the reason."""

    keyring: str | None
    problem: CredentialError | None = None


class Keys:
    """Keys by connection and origin, so that a changed address never receives the key of the old address.

    Each keyring call runs on its own daemon thread, so that a call that hangs only costs its timeout.

    Args:
        service: Name under which the keyring shows Paragone's items.
        keyring_only: Whether a policy forbids keys in environment variables and in memory.
        lock_file: File that processes lock while changing items in the keyring, so that changes are atomic.
        written: Addresses by connection that differ in the settings file. Version 0.1 named its items after those.
    """

    def __init__(
        self,
        *,
        service: str,
        environ: Mapping[str, str],
        timeout_s: float = 30.0,
        keyring_only: bool = False,
        find: Callable[[], Backend] = find_backend,
        mask: Mask | None = None,
        lock_file: Path | None = None,
    ) -> None:
        self._service = service
        self._environ = environ
        self._timeout_s = timeout_s
        self.keyring_only = keyring_only
        self._find = find
        self._lock_file = lock_file
        self._backend: Backend | None = None
        self._this_run: dict[str, str] = {}
        self._settled: set[str] = set()
        self.written: Mapping[str, str] = {}
        self.mask = mask or Mask()
        """Hides every key that was read or entered."""

    async def get(self, connection: Connection) -> str | None:
        """Return the connection's key, or None if it has no key, needs none, or there is no keyring.

        Raises:
            AddressInvalid: If the connection's address is invalid.
            AddressInsecure: If the address is not encrypted.
            KeyringLocked: If the keyring is locked.
            KeyringTimeout: If the keyring does not respond.
            SecretTorn: If the key was stored incompletely.
            PolicyForbids: If the key is in an environment variable despite `keyring_only`.
        """
        if not _has_key(connection):
            return None
        account = account_of(connection)
        if connection.key_env:
            if self.keyring_only:
                raise PolicyForbids(
                    phrase(
                        "Your organization requires keys to be stored in the keyring, not in an environment variable."
                    )
                )
            return self._known(self._environ.get(connection.key_env, "").strip() or None)
        if account in self._this_run:
            return self._this_run[account]
        older = () if account in self._settled else self._accounts(connection).certain
        ask = self._change if older else self._call
        try:
            found = await ask(lambda backend: settle(backend, self._service, account, older))
        except KeyringMissing:
            return None
        self._settled.add(account)
        return self._known(found)

    async def keep(self, connection: Connection, key: str) -> KeyPlace:
        """Store a key in the keyring, replacing all older ones, or only in memory if there is no keyring.

        Raises:
            CredentialError: If the keyring is unavailable and `keyring_only` is set.
            AddressInvalid: If the connection's address is invalid.
            AddressInsecure: If the address is not encrypted.
        """
        account = account_of(connection)
        self.mask.add(key)
        older = [older_account for older_account in self._accounts(connection).all if older_account != account]

        def replace(backend: Backend) -> None:
            """Write the new key first. An older key that remains is never used."""
            long_secrets.keep(backend, self._service, account, key)
            for older_account in older:
                try:
                    long_secrets.erase(backend, self._service, older_account)
                except CredentialError as error:
                    _log.warning("an item with an older name stays in the keyring: %s", type(error).__name__)

        try:
            await self._change(replace)
        except CredentialError as error:
            if self.keyring_only:
                raise
            self._this_run[account] = key
            return KeyPlace(None, error)
        self._this_run.pop(account, None)
        return KeyPlace(self._backend.name if self._backend else None)

    async def forget(self, connection: Connection, successor: Connection | None = None) -> None:
        """Remove a connection's key from memory and from the keyring, including older names.

        A successor's key remains even if it has the same name, unless the successor signs in differently. Connections
        that sign in differently are included, because they may have had a key earlier.

        Raises:
            KeyringLocked: If the keyring cannot be changed.
            KeyringTimeout: If the keyring does not respond.
        """
        heir = successor if successor is not None and _has_item(successor) else None
        accounts = names_to_erase(connection, self.written.get(connection.name, ""), heir)
        for each in accounts:
            self._this_run.pop(each, None)
        await self._erase(connection, accounts, is_sure=_has_item(connection))

    async def headers(self, connection: Connection) -> dict[str, str]:
        """Return the values of those headers of a connection that are in the keyring, by name.

        Raises:
            AddressInvalid: If the connection's address is invalid.
            AddressInsecure: If the address is not encrypted.
            KeyringLocked: If the keyring is locked.
            KeyringTimeout: If the keyring does not respond.
            SecretTorn: If the values were stored incompletely.
        """
        if not connection.secret_headers:
            return {}
        account = headers_account_of(connection)
        text = self._this_run.get(account)
        if text is None:
            with contextlib.suppress(KeyringMissing):
                text = await self._call(lambda backend: long_secrets.read(backend, self._service, account))
        values = _headers_in(text or "")
        found = {name: values[name] for name in connection.secret_headers if values.get(name)}
        self.mask.add(*secret_values(found))
        return found

    async def keep_headers(
        self, connection: Connection, values: Mapping[str, str], *, gone: Collection[str] = ()
    ) -> KeyPlace:
        """Store values of a connection's headers in addition to existing ones, like `keep` does for a key.

        Values that another process has stored in the meantime are preserved.

        Args:
            gone: Names of headers to remove.

        Raises:
            KeyringLocked: If the keyring is locked and other header values are unknown.
            KeyringTimeout: If the keyring does not respond and other header values are unknown.
            SecretTorn: If the other values were stored incompletely.
        """
        self.mask.add(*secret_values(values))
        account = headers_account_of(connection)
        memory_text = self._this_run.get(account)
        is_whole = memory_text is not None or {*connection.secret_headers} <= {*values}

        def merge(backend: Backend) -> None:
            """Merge the headers in the keyring, those only in memory, and the new ones."""
            try:
                there = long_secrets.read(backend, self._service, account)
            except SecretTorn:
                if not is_whole:
                    raise
                there = None
            merged = _merged(_merged(_headers_in(there or ""), _headers_in(memory_text or "")), values, gone)
            long_secrets.keep(backend, self._service, account, msgspec.json.encode(merged).decode())

        try:
            await self._change(merge)
        except CredentialError as error:
            if self.keyring_only or not (is_whole or isinstance(error, KeyringMissing)):
                raise
            merged = _merged(_headers_in(memory_text or ""), values, gone)
            self._this_run[account] = msgspec.json.encode(merged).decode()
            return KeyPlace(None, error)
        self._this_run.pop(account, None)
        return KeyPlace(self._backend.name if self._backend else None)

    async def forget_headers(self, connection: Connection) -> None:
        """Remove the values of a connection's headers, even if the settings no longer name any.

        They may have been moved or removed from the file manually.

        Raises:
            KeyringLocked: If the keyring cannot be changed.
            KeyringTimeout: If the keyring does not respond.
        """
        try:
            account = headers_account_of(connection)
        except ProviderError:
            return  # nothing is stored without a server
        self._this_run.pop(account, None)
        is_sure = bool(connection.secret_headers or secret_values(connection.headers))
        await self._erase(connection, (account,), is_sure=is_sure)

    async def strays(self, connection: Connection) -> tuple[str, ...]:
        """Return the names of items that may contain another server's key.

        These items are never used, and they are deleted with the connection.

        Raises:
            KeyringLocked: If the keyring is locked.
            KeyringTimeout: If the keyring does not respond.
            KeyringMissing: If there is no keyring.
        """
        if not _has_item(connection):
            return ()
        names = self._accounts(connection).uncertain
        return await self._call(
            lambda backend: tuple(each for each in names if backend.read(self._service, each) is not None)
        )

    async def secret(self, account: str) -> str | None:
        """Return the secret with one of Paragone's own names, or None.

        Raises:
            CredentialError: If the keyring cannot be read.
        """
        return await self._call(lambda backend: long_secrets.read(backend, self._service, account))

    async def keep_secret(self, account: str, text: str) -> None:
        """Store a secret with one of Paragone's own names, only in the keyring.

        Raises:
            CredentialError: If the secret cannot be stored.
        """
        await self._change(lambda backend: long_secrets.keep(backend, self._service, account, text))

    async def change_secret(self, account: str, change: Callable[[str | None], str | None]) -> None:
        """Replace a secret atomically with the result of `change`. If that is None, the secret is deleted.

        `change` is called on the keyring's thread.

        Raises:
            CredentialError: If the keyring cannot be read or changed.
        """

        def work(backend: Backend) -> None:
            """Write the secret only if it has changed."""
            before = long_secrets.read(backend, self._service, account)
            after = change(before)
            if after is None:
                long_secrets.erase(backend, self._service, account)
            elif after != before:
                long_secrets.keep(backend, self._service, account, after)

        await self._change(work)

    async def forget_secret(self, account: str) -> None:
        """Delete the secret with one of Paragone's own names.

        Raises:
            KeyringLocked: If the keyring cannot be changed.
            KeyringTimeout: If the keyring does not respond.
        """
        with contextlib.suppress(KeyringMissing):
            await self._change(lambda backend: long_secrets.erase(backend, self._service, account))

    @property
    def changed_at(self) -> int:
        """Number that changes whenever a process sharing the keyring has changed it, or 0 if unknown."""
        try:
            return 0 if self._lock_file is None else _sign(self._lock_file).stat().st_mtime_ns
        except OSError:
            return 0

    def only_this_run(self, connection: Connection) -> bool:
        """Whether a connection's key is only in memory for this run."""
        return self._accounts(connection).current in self._this_run

    async def keyring_found(self) -> str:
        """Return the keyring's name without asking the user to unlock it.

        Raises:
            KeyringMissing: If there is no keyring.
            KeyringTimeout: If the keyring does not respond.
        """
        return await self._call(lambda backend: backend.name)

    async def has_keyring(self) -> bool:
        """Whether there may be a keyring, even one that is locked or does not respond. Does not ask the user.

        True if a policy requires a keyring.
        """
        try:
            return self.keyring_only or bool(await self.keyring_found())
        except KeyringMissing:
            return False
        except CredentialError:
            return True

    async def keyring_name(self) -> str:
        """Return the keyring's name once the keyring has responded.

        Raises:
            KeyringMissing: If there is no keyring.
            KeyringLocked: If the keyring is locked.
            KeyringTimeout: If the keyring does not respond.
        """
        await self._call(lambda backend: backend.read(self._service, "probe"))
        return self._backend.name if self._backend else ""

    def _known(self, key: str | None) -> str | None:
        if key:
            self.mask.add(key)
        return key

    def _accounts(self, connection: Connection) -> Accounts:
        return accounts_of(connection, self.written.get(connection.name, ""))

    async def _erase(self, connection: Connection, accounts: Iterable[str], *, is_sure: bool) -> None:
        """Delete items of a connection. Unless `is_sure` that they exist, errors are only logged."""
        if connection.kind is Kind.EMBEDDED:
            return

        def erase(backend: Backend) -> None:
            """Delete all of the items."""
            for each in accounts:
                long_secrets.erase(backend, self._service, each)

        try:
            await self._change(erase)
        except KeyringMissing:
            return
        except CredentialError as error:
            if is_sure:
                raise
            _log.warning("an earlier item of a connection may stay in the keyring: %s", type(error).__name__)

    async def _change(self, work: Callable[[Backend], T]) -> T:
        """Call `work` like `_call`, while no other process changes the keyring."""

        def alone(backend: Backend) -> T:
            """Hold the lock during the work. Runs on the keyring's thread."""
            with self._locked():
                done = work(backend)
                if self._lock_file is not None:
                    with contextlib.suppress(OSError):  # the folder may not be writable
                        write_private(_sign(self._lock_file), "")
                return done

        return await self._call(alone)

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        """Hold the lock for changes. Without a writable folder for the lock file, changes are not locked.

        Raises:
            KeyringTimeout: If another process holds the lock for too long.
        """
        if self._lock_file is None:
            yield
            return
        from filelock import Timeout  # imported late, because reading needs no lock

        with contextlib.ExitStack() as held:
            try:
                held.enter_context(private_lock(self._lock_file, timeout_s=self._timeout_s))
            except Timeout:
                raise _silent(self._timeout_s) from None
            except (OSError, NotImplementedError) as error:
                _log.warning("the keyring is changed without a lock: %s", type(error).__name__)
            yield

    async def _call(self, work: Callable[[Backend], T]) -> T:
        """Return the result of calling `work` with the keyring on a thread.

        Raises:
            KeyringTimeout: If the call takes too long. Errors in `work` propagate.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: Exception | None) -> None:
            """Set the result. Runs on the event loop, where no one may be waiting any longer."""
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # pyright: ignore[reportArgumentType] - None only beside an error

        def run() -> None:
            """Call `work`. Runs on its own thread, which hangs as long as the keyring does."""
            result, failure = None, None
            try:
                if self._backend is None:
                    self._backend = self._find()
                result = work(self._backend)
            except Exception as error:  # noqa: BLE001 - carried to the caller whole, whatever a keyring raises
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop ended before the keyring responded
                loop.call_soon_threadsafe(settle, result, failure)

        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await done
        except TimeoutError:
            raise _silent(self._timeout_s) from None


def _sign(lock_file: Path) -> Path:
    """Return the file that is rewritten with each change.

    On Windows, a lock file exists only while the lock is held.
    """
    return lock_file.with_suffix(".changed")


def _silent(timeout_s: float) -> KeyringTimeout:
    return KeyringTimeout(phrase("The keyring did not respond within {timeout_s} seconds.", timeout_s=f"{timeout_s:g}"))


def _merged(there: Mapping[str, str], values: Mapping[str, str], gone: Collection[str] = ()) -> dict[str, str]:
    """Return headers with values replaced or added, ignoring the case of names, and some headers removed."""
    own = {name.casefold() for name in (*values, *gone)}
    return {**{name: value for name, value in there.items() if name.casefold() not in own}, **values}


def _headers_in(text: str) -> dict[str, str]:
    """Return the headers in a keyring item, or none if Paragone did not write the item."""
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def _has_key(connection: Connection) -> bool:
    return connection.auth is Auth.KEY and connection.kind is not Kind.EMBEDDED


def _has_item(connection: Connection) -> bool:
    """Whether a connection's key is in the keyring and not in an environment variable."""
    return _has_key(connection) and not connection.key_env
