"""The keys of connections: from the keyring, a named variable or this run's memory; never from or to a file."""

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
    """Where a key went: the keyring's name, or this run's memory only and why."""

    keyring: str | None
    problem: CredentialError | None = None


class Keys:
    """Keys by connection and origin, so that a changed address never gets the old address's key.

    `service` is the name under which the keyring shows our items. Each call to the keyring runs on a daemon thread
    of its own: one that hangs costs its time-out and no more. With `keyring_only` (a policy) keys are in the keyring or
    nowhere: neither in variables nor in this run's memory. Processes that change the items of one keyring lock
    `lock_file`, so that none comes between another's reading and writing. `written` has, by connection, the addresses
    that stand otherwise in the settings file: version 0.1 named its items after those.
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
        """The connection's key, None where it has none or needs none.

        Raises AddressInvalid or AddressInsecure where it is not known for which server, KeyringLocked, KeyringTimeout
        or SecretTorn; a machine without a keyring holds no key. With `keyring_only` raises PolicyForbids for a key in
        a variable.
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
        """Keep a key in the keyring, in place of all older ones; where that is away, locked or silent, for this run.

        With `keyring_only` raises CredentialError instead; AddressInvalid or AddressInsecure where there is no server.
        """
        account = account_of(connection)
        self.mask.add(key)
        older = [each for each in self._accounts(connection).all if each != account]

        def replace(backend: Backend) -> None:
            """The new one first; an older one that stays is never used."""
            long_secrets.keep(backend, self._service, account, key)
            for each in older:
                try:
                    long_secrets.erase(backend, self._service, each)
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
        """Remove a connection's key from this run and from the keyring, under older names as well.

        The key of its successor stays, also where it has the same name; one that signs in otherwise has none. A
        connection that signs in otherwise itself may have had a key before. Raises KeyringLocked or KeyringTimeout.
        """
        heir = successor if successor is not None and _has_item(successor) else None
        accounts = names_to_erase(connection, self.written.get(connection.name, ""), heir)
        for each in accounts:
            self._this_run.pop(each, None)
        await self._erase(connection, accounts, is_sure=_has_item(connection))

    async def headers(self, connection: Connection) -> dict[str, str]:
        """The values of a connection's headers that are in the keyring, by name; those that are not there are left out.

        Raises AddressInvalid or AddressInsecure, KeyringLocked, KeyringTimeout or SecretTorn.
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
        """Keep values of a connection's headers beside those that are there, as `keep` does with a key.

        Those named in `gone` are taken out. What another run put there meanwhile stays. Raises KeyringLocked,
        KeyringTimeout or SecretTorn where others of its headers' values are not known.
        """
        self.mask.add(*secret_values(values))
        account = headers_account_of(connection)
        held = self._this_run.get(account)
        is_whole = held is not None or {*connection.secret_headers} <= {*values}

        def merge(backend: Backend) -> None:
            """What is there now, what this run alone had, and what is new."""
            try:
                there = long_secrets.read(backend, self._service, account)
            except SecretTorn:
                if not is_whole:
                    raise
                there = None
            merged = _merged(_merged(_headers_in(there or ""), _headers_in(held or "")), values, gone)
            long_secrets.keep(backend, self._service, account, msgspec.json.encode(merged).decode())

        try:
            await self._change(merge)
        except CredentialError as error:
            if self.keyring_only or not (is_whole or isinstance(error, KeyringMissing)):
                raise
            merged = _merged(_headers_in(held or ""), values, gone)
            self._this_run[account] = msgspec.json.encode(merged).decode()
            return KeyPlace(None, error)
        self._this_run.pop(account, None)
        return KeyPlace(self._backend.name if self._backend else None)

    async def forget_headers(self, connection: Connection) -> None:
        """Remove the values of a connection's headers. Raises KeyringLocked or KeyringTimeout.

        Also where the settings name none any more: they may have been moved, or taken out of the file by hand.
        """
        try:
            account = headers_account_of(connection)
        except ProviderError:
            return  # without a server nothing was kept
        self._this_run.pop(account, None)
        is_sure = bool(connection.secret_headers or secret_values(connection.headers))
        await self._erase(connection, (account,), is_sure=is_sure)

    async def strays(self, connection: Connection) -> tuple[str, ...]:
        """Names of items that may be a connection's key or another server's: never used, erased with the connection.

        Raises KeyringLocked, KeyringTimeout or KeyringMissing.
        """
        if not _has_item(connection):
            return ()
        names = self._accounts(connection).uncertain
        return await self._call(
            lambda backend: tuple(each for each in names if backend.read(self._service, each) is not None)
        )

    async def secret(self, account: str) -> str | None:
        """What the keyring holds under a name of the program's own. Raises CredentialError."""
        return await self._call(lambda backend: long_secrets.read(backend, self._service, account))

    async def keep_secret(self, account: str, text: str) -> None:
        """Keep something under a name of the program's own: in the keyring or not at all. Raises CredentialError."""
        await self._change(lambda backend: long_secrets.keep(backend, self._service, account, text))

    async def change_secret(self, account: str, change: Callable[[str | None], str | None]) -> None:
        """Put what `change` makes of what is kept so in its place; None takes it out. Nobody else comes between.

        It is called on the keyring's thread. Raises CredentialError.
        """

        def work(backend: Backend) -> None:
            """What stays as it is is not written anew."""
            before = long_secrets.read(backend, self._service, account)
            after = change(before)
            if after is None:
                long_secrets.erase(backend, self._service, account)
            elif after != before:
                long_secrets.keep(backend, self._service, account, after)

        await self._change(work)

    async def forget_secret(self, account: str) -> None:
        """Remove what was kept so. Raises KeyringLocked or KeyringTimeout."""
        with contextlib.suppress(KeyringMissing):
            await self._change(lambda backend: long_secrets.erase(backend, self._service, account))

    @property
    def changed_at(self) -> int:
        """Another number once a process of those that share the keyring changed it; 0 where none can tell."""
        try:
            return 0 if self._lock_file is None else _sign(self._lock_file).stat().st_mtime_ns
        except OSError:
            return 0

    def only_this_run(self, connection: Connection) -> bool:
        """Whether a connection's key is held for this run only."""
        return self._accounts(connection).current in self._this_run

    async def keyring_found(self) -> str:
        """What the keyring is called, without asking it for anything: nobody is asked to unlock it.

        Raises KeyringMissing or KeyringTimeout.
        """
        return await self._call(lambda backend: backend.name)

    async def has_keyring(self) -> bool:
        """Whether one may be there, locked or silent; nobody is asked. Where a policy wants it, it counts as there."""
        try:
            return self.keyring_only or bool(await self.keyring_found())
        except KeyringMissing:
            return False
        except CredentialError:
            return True

    async def keyring_name(self) -> str:
        """What the keyring is called, once it answered. Raises KeyringMissing, KeyringLocked or KeyringTimeout."""
        await self._call(lambda backend: backend.read(self._service, "probe"))
        return self._backend.name if self._backend else ""

    def _known(self, key: str | None) -> str | None:
        if key:
            self.mask.add(key)
        return key

    def _accounts(self, connection: Connection) -> Accounts:
        return accounts_of(connection, self.written.get(connection.name, ""))

    async def _erase(self, connection: Connection, accounts: Iterable[str], *, is_sure: bool) -> None:
        """Erase items of a connection. A keyring that fails is told of in the log alone where there may be none."""
        if connection.kind is Kind.EMBEDDED:
            return

        def erase(backend: Backend) -> None:
            """All of them."""
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
        """As `_call`, while no other process changes what the keyring holds."""

        def alone(backend: Backend) -> T:
            """On the keyring's thread."""
            with self._locked():
                done = work(backend)
                if self._lock_file is not None:
                    with contextlib.suppress(OSError):  # a folder that takes no file
                        write_private(_sign(self._lock_file), "")
                return done

        return await self._call(alone)

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        """Hold the lock of changes; a folder that takes no lock file stops nobody. Raises KeyringTimeout."""
        if self._lock_file is None:
            yield
            return
        from filelock import Timeout  # what only reads needs no lock

        with contextlib.ExitStack() as held:
            try:
                held.enter_context(private_lock(self._lock_file, timeout_s=self._timeout_s))
            except Timeout:
                raise _silent(self._timeout_s) from None
            except (OSError, NotImplementedError) as error:
                _log.warning("the keyring is changed without a lock: %s", type(error).__name__)
            yield

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
            raise _silent(self._timeout_s) from None


def _sign(lock_file: Path) -> Path:
    """The file that is written anew with each change: on Windows that of a lock is there only while it is held."""
    return lock_file.with_suffix(".changed")


def _silent(timeout_s: float) -> KeyringTimeout:
    return KeyringTimeout(phrase("The keyring did not respond within {timeout_s} seconds.", timeout_s=f"{timeout_s:g}"))


def _merged(there: Mapping[str, str], values: Mapping[str, str], gone: Collection[str] = ()) -> dict[str, str]:
    """Headers with others in their place or beside them, whatever the case of their names, and without some."""
    own = {name.casefold() for name in (*values, *gone)}
    return {**{name: value for name, value in there.items() if name.casefold() not in own}, **values}


def _headers_in(text: str) -> dict[str, str]:
    """What an item of headers holds; nothing where it is none of ours."""
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def _has_key(connection: Connection) -> bool:
    return connection.auth is Auth.KEY and connection.kind is not Kind.EMBEDDED


def _has_item(connection: Connection) -> bool:
    """Whether a connection's key is in the keyring, rather than in a variable."""
    return _has_key(connection) and not connection.key_env
