"""Keyrings of the operating systems, constructed by name. No file or environment variable can select another one."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Protocol, cast

from desktop.errors import KeyringLocked, KeyringMissing, KeyringTimeout
from desktop.system.log import logger
from desktop.text.phrases import phrase

_log = logger("credentials")

_SERVICES = {"gnome-keyring": "GNOME Keyring", "kwalletd": "KWallet", "ksecretd": "KWallet", "keepassxc": "KeePassXC"}
"""Display names of Secret Service programs, by the beginning of their process name."""

WINDOWS_LIMIT = 1200
"""Maximum characters of a secret in Windows Credential Manager: 2,560 bytes of UTF-16, minus a margin."""


class Backend(Protocol):
    """A keyring. Every call may block, for instance to prompt the user, so call it on a separate thread.

    `name` is for display. `limit` is the maximum number of characters of a secret, or None if there is no limit.
    """

    name: str
    limit: int | None

    def read(self, service: str, account: str) -> str | None:
        """Return the secret of an account, or None.

        Raises:
            KeyringLocked: If the keyring is locked.
            KeyringMissing: If the keyring cannot be used.
        """
        ...

    def write(self, service: str, account: str, secret: str) -> None:
        """Store a secret, replacing the previous one.

        Raises:
            KeyringLocked: If the keyring is locked.
            KeyringMissing: If the keyring cannot be used.
        """
        ...

    def erase(self, service: str, account: str) -> None:
        """Delete the secret of an account, if there is one.

        Raises:
            KeyringLocked: If the keyring is locked.
            KeyringMissing: If the keyring cannot be used.
        """
        ...


class _Library(Protocol):
    """Common interface of the keyring package's backends."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret of an account, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a secret, replacing the previous one."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Delete a secret.

        Raises:
            PasswordDeleteError: If there is no secret.
        """
        ...


class SystemKeyring:
    """Wrapper for one of the keyring package's backends that converts its errors to Paragone's."""

    def __init__(self, library: _Library, name: str, limit: int | None = None) -> None:
        self._library = library
        self.name = name
        self.limit = limit

    def read(self, service: str, account: str) -> str | None:
        """Return the secret of an account, as described in Backend."""
        with _own_words(self.name):
            return self._library.get_password(service, account)

    def write(self, service: str, account: str, secret: str) -> None:
        """Store a secret, as described in Backend."""
        with _own_words(self.name):
            self._library.set_password(service, account, secret)

    def erase(self, service: str, account: str) -> None:
        """Delete the secret of an account, as described in Backend."""
        from keyring.errors import PasswordDeleteError

        with _own_words(self.name):
            try:
                self._library.delete_password(service, account)
            except PasswordDeleteError:
                _log.info("nothing to erase in %s", self.name)


class SecretServiceKeyring(SystemKeyring):
    """Secret Service on D-Bus: GNOME Keyring, KWallet and others.

    The package leaves its connection open if the collection stays locked, and it writes and deletes only one item
    although several may have the same name. Therefore, this class implements all three methods itself.
    """

    def __init__(self, library: _Library, name: str, limit: int | None = None) -> None:
        super().__init__(library, name, limit)
        cast("Any", library).get_preferred_collection = self._collection

    def write(self, service: str, account: str, secret: str) -> None:
        """Store a secret, and delete other items with the same name, because they might be read instead."""
        with self._items(service, account) as (collection, attributes):
            beside = {"application": cast("Any", self._library).appid}
            label = f"Password for '{account}' on '{service}'"
            collection.create_item(label, {**attributes, **beside}, secret.encode(), replace=True)
            for item in list(collection.search_items(attributes)):
                if item.get_secret() != secret.encode():
                    item.delete()

    def erase(self, service: str, account: str) -> None:
        """Delete all items of an account. The package would delete only one.

        There are several if programs that copy or merge keyrings have added other attributes.
        """
        with self._items(service, account) as (collection, attributes):
            for item in list(collection.search_items(attributes)):
                item.delete()

    @contextmanager
    def _items(self, service: str, account: str) -> Generator[tuple[Any, dict[str, str]]]:
        """Yield the collection and the attributes of an account's items. The connection is closed on exit."""
        with _own_words(self.name):
            collection = cast("Any", self._collection())
            with closing(collection.connection):
                yield collection, {"service": service, "username": account}

    def _collection(self) -> object:
        """Return the default collection, unlocked, on its own connection.

        Raises:
            KeyringLocked: If the collection stays locked.
        """
        import secretstorage

        with ExitStack() as stack:
            bus = stack.enter_context(closing(secretstorage.dbus_init()))
            collection = secretstorage.get_default_collection(bus)
            if collection.is_locked():
                collection.unlock()
                if collection.is_locked():
                    raise KeyringLocked(phrase("The keyring ({name}) is locked.", name=self.name))
            stack.pop_all()
            return collection


class _own_words:  # noqa: N801 - reads as a statement
    """Context that converts errors of keyring libraries to KeyringLocked, KeyringTimeout and KeyringMissing."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, KeyringLocked):
            return
        if _was_silent(error):
            raise KeyringTimeout(phrase("The keyring ({name}) did not respond.", name=self._name)) from error
        from keyring.errors import InitError, KeyringError
        from keyring.errors import KeyringLocked as LibraryLocked

        _log.warning("%s: %s", self._name, type(error).__name__)
        words = f"{type(error).__name__} {error}".casefold()
        if isinstance(error, LibraryLocked) or "locked" in words or "dismissed" in words:
            raise KeyringLocked(phrase("The keyring ({name}) is locked.", name=self._name)) from error
        if isinstance(error, (InitError, KeyringError, OSError)) or type(error).__module__.partition(".")[0] in (
            "secretstorage",
            "jeepney",
            "dbus",
        ):
            raise KeyringMissing(phrase("The keyring ({name}) is not reachable.", name=self._name)) from error


def untouched(kind: type[Any]) -> _Library:
    """Return one of the package's backends without running its initializer, which uses KEYRING_PROPERTY_* variables."""
    return cast("_Library", object.__new__(kind))


def _was_silent(error: BaseException | None) -> bool:
    """Whether an error was caused by a service that did not respond in time, and which may therefore exist."""
    while error is not None:
        if isinstance(error, TimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


def find_backend(platform: str = sys.platform) -> Backend:
    """Return this system's keyring. May block on D-Bus.

    Raises:
        KeyringMissing: If there is no safe keyring.
        KeyringTimeout: If D-Bus does not respond, so that it is unknown whether there is a keyring.
    """
    if platform == "darwin":
        from keyring.backends.macOS import Keyring as MacKeyring

        return SystemKeyring(untouched(MacKeyring), "macOS Keychain")
    if platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring

        return SystemKeyring(untouched(WinVaultKeyring), "Windows Credential Manager", WINDOWS_LIMIT)
    return _find_on_linux()


def _find_on_linux() -> Backend:
    from keyring.backends import SecretService, kwallet

    for library, ours, name in (
        (SecretService.Keyring, SecretServiceKeyring, "Secret Service"),
        (kwallet.DBusKeyring, SystemKeyring, "KWallet"),
    ):
        try:
            _ = library.priority  # checks whether its service exists
        except (RuntimeError, OSError, KeyError, ValueError) as error:
            _log.info("%s is not there: %s", name, error)
            if _was_silent(error):
                raise KeyringTimeout(phrase("The keyring ({name}) did not respond.", name=name)) from error
            continue
        return ours(untouched(library), _service_name() if ours is SecretServiceKeyring else name)
    raise KeyringMissing(phrase("This computer has no keyring that stores keys securely."))


def _service_name() -> str:
    """Return the display name of the program that provides the Secret Service, or a generic name."""
    from pathlib import Path

    import secretstorage
    from jeepney.bus_messages import message_bus
    from jeepney.wrappers import DBusErrorResponse, unwrap_msg
    from secretstorage.exceptions import SecretServiceNotAvailableException

    try:
        with closing(secretstorage.dbus_init()) as bus:
            asked = cast("Any", message_bus).GetConnectionUnixProcessID("org.freedesktop.secrets")
            (process,) = cast("tuple[int]", unwrap_msg(cast("Any", bus).send_and_get_reply(asked)))
        comm = Path(f"/proc/{process}/comm").read_text("utf-8", "replace").strip()
    except (OSError, DBusErrorResponse, SecretServiceNotAvailableException) as error:
        _log.info("the Secret Service's program is not known: %s", type(error).__name__)
        comm = ""
    return next((name for start, name in _SERVICES.items() if comm.startswith(start)), "Secret Service")
