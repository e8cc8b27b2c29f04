"""Secrets and sign-ins of tool servers: in the keyring, or without one in memory until Paragone quits."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from desktop.credentials.keys import KeyPlace, Keys
from desktop.domain.tool_types import ToolAuth, ToolServer
from desktop.errors import CredentialError, KeyringMissing

KEY = "key"
"""Name of the secret that is sent as a bearer token."""


class _SignIn(Struct, frozen=True):
    """Item of the keyring: credentials as the tool host saves them, and the address for which they hold."""

    url: str
    saved: str


class _Saved(Struct, frozen=True):
    """The part of saved credentials that is read here; see desktop/tools/host/server_oauth.py."""

    tokens: str = ""
    expires_at: float | None = None


class _Tokens(Struct, frozen=True):
    access_token: str = ""
    refresh_token: str | None = None


class ServerSecrets:
    """Secrets by server. Credentials of a sign-in are never used for another address than the one they came from.

    Belongs to one event loop. Everything that is read or stored is redacted from logs and errors.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._this_run: dict[str, str] = {}

    def only_this_run(self, name: str) -> bool:
        """Whether a server's secrets or sign-in are only in memory."""
        return _account(name) in self._this_run or _sign_in_account(name) in self._this_run

    async def values(self, server: ToolServer) -> dict[str, str]:
        """Return environment variables, headers and the key of a server by name; missing ones are left out.

        Raises:
            CredentialError: If the keyring fails.
        """
        if not (server.secret_env or server.secret_headers or server.auth is ToolAuth.KEY):
            return {}
        try:
            found = msgspec.json.decode(await self._read(_account(server.name)) or "{}", type=dict[str, str])
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            found = dict[str, str]()
        self._keys.mask.add(*found.values())
        return found

    async def keep_values(self, name: str, values: Mapping[str, str]) -> KeyPlace | None:
        """Store environment variables, headers and the key of a server, and return where; none deletes them.

        Raises:
            CredentialError: If the keyring is unavailable and a policy requires it.
        """
        if not values:
            await self._delete(_account(name))
            return None
        self._keys.mask.add(*values.values())
        return await self._keep(_account(name), msgspec.json.encode(dict(values)).decode())

    async def sign_in(self, server: ToolServer) -> str:
        """Return the saved credentials of a server; empty if nobody is signed in at its address.

        Raises:
            CredentialError: If the keyring fails.
        """
        if server.auth is not ToolAuth.OAUTH:
            return ""
        try:
            found = msgspec.json.decode(await self._read(_sign_in_account(server.name)) or "{}", type=_SignIn)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return ""
        tokens = _tokens(found.saved)
        self._mask(tokens)
        return found.saved if found.url == server.url and tokens.access_token else ""

    async def keep_sign_in(self, server: ToolServer, saved: str) -> KeyPlace:
        """Store the credentials of a sign-in.

        Raises:
            CredentialError: If the keyring is unavailable and a policy requires it.
        """
        self._mask(_tokens(saved))
        text = msgspec.json.encode(_SignIn(url=server.url, saved=saved)).decode()
        return await self._keep(_sign_in_account(server.name), text)

    async def sign_out(self, name: str) -> None:
        """Delete the credentials of a server's sign-in.

        Raises:
            CredentialError: If the keyring cannot be changed.
        """
        await self._delete(_sign_in_account(name))

    async def forget(self, name: str) -> None:
        """Delete everything of a server.

        Raises:
            CredentialError: If the keyring cannot be changed.
        """
        await self._delete(_account(name))
        await self.sign_out(name)

    def _mask(self, tokens: _Tokens) -> None:
        self._keys.mask.add_passing(*(each for each in (tokens.access_token, tokens.refresh_token) if each))

    async def _read(self, account: str) -> str | None:
        if account in self._this_run:
            return self._this_run[account]
        try:
            return await self._keys.secret(account)
        except KeyringMissing:
            return None

    async def _keep(self, account: str, text: str) -> KeyPlace:
        """Store a text in the keyring, otherwise in memory."""
        try:
            await self._keys.keep_secret(account, text)
        except CredentialError as error:
            if self._keys.keyring_only:
                raise
            self._this_run[account] = text
            return KeyPlace(None, error)
        self._this_run.pop(account, None)
        return KeyPlace(await self._keys.keyring_found())

    async def _delete(self, account: str) -> None:
        self._this_run.pop(account, None)
        await self._keys.forget_secret(account)


def is_usable(saved: str) -> bool:
    """Whether saved credentials contain a token that has not expired, or can be renewed."""
    tokens, expires_at = _tokens(saved), _parsed(saved).expires_at
    return bool(tokens.access_token) and (bool(tokens.refresh_token) or expires_at is None or expires_at > time.time())


def with_expired_token(saved: str) -> str:
    """Return credentials whose token is renewed before it is used; empty if it cannot be renewed."""
    if not _tokens(saved).refresh_token:
        return ""
    return msgspec.json.encode({**msgspec.json.decode(saved, type=dict[str, object]), "expires_at": 1.0}).decode()


def _parsed(saved: str) -> _Saved:
    try:
        return msgspec.json.decode(saved or "{}", type=_Saved)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _Saved()


def _tokens(saved: str) -> _Tokens:
    try:
        return msgspec.json.decode(_parsed(saved).tokens or "{}", type=_Tokens)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _Tokens()


def _account(name: str) -> str:
    return f"tools {name}"


def _sign_in_account(name: str) -> str:
    return f"tools-sign-in {name}"
