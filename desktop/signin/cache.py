"""Tokens and who signed in where, kept in the keyring: whole or in pieces, never in a file."""

from __future__ import annotations

import asyncio

import msgspec

from desktop.credentials.keys import KeyPlace, Keys
from desktop.errors import CredentialError, KeyringMissing
from desktop.origin import split
from desktop.signin.msal_library import TokenCache, drop, new_cache

ITEM = "sign-ins of Entra ID"
"""The name of the item in the keyring."""


class Account(msgspec.Struct, frozen=True):
    """Somebody who signed in. `id` is the authority's name for them, `name` their own (an e-mail address).

    `authority` is the origin of the server that signed them in, to which alone their tokens go; older items lack it.
    """

    id: str
    name: str
    authority: str = ""

    def is_of(self, origin: str) -> bool:
        """Whether a server signed them in; one whose address has a port may be another than the one of old."""
        return self.authority == origin if self.authority else bool(origin) and split(origin).port is None


class _Item(msgspec.Struct):
    """What the item holds: MSAL's own text, and the account of each connection and server."""

    tokens: str = ""
    accounts: dict[str, Account] = {}


class KeptTokens:
    """The tokens of all sign-ins, and which account each place (a connection with its server) uses.

    Several programs may run: whoever changes something reads the keyring first, since another one may have, too.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._cache: TokenCache | None = None
        self._accounts: dict[str, Account] = {}
        self._kept = KeyPlace(None)

    @property
    def cache(self) -> TokenCache:
        """MSAL's cache; there after `read`."""
        assert self._cache is not None
        return self._cache

    @property
    def kept(self) -> KeyPlace:
        """Where the tokens were put last."""
        return self._kept

    def only(self, authority: str) -> Account | None:
        """The one account of an authority that there is; None for none or several."""
        ids = {account.id: account for account in self._accounts.values() if account.is_of(authority)}
        return next(iter(ids.values())) if len(ids) == 1 else None

    def account(self, place: str) -> Account | None:
        """Who signed in for a place."""
        return self._accounts.get(place)

    def rename(self, older: str, place: str) -> None:
        """Have a place go by another name; who has that name already stays. Kept with the next change."""
        account = self._accounts.pop(older, None)
        if account is not None:
            self._accounts.setdefault(place, account)

    async def read(self) -> None:
        """Take what the keyring holds, unless this run's tokens could not be kept there. Raises CredentialError."""
        if self._cache is None:
            self._cache = await asyncio.to_thread(new_cache)
        if self._kept.problem is not None:
            return
        try:
            text = await self._keys.secret(ITEM)
        except KeyringMissing:
            return
        item = _decode(text) if text else _Item()
        self._cache.deserialize(item.tokens)
        self._accounts = item.accounts

    async def assign(self, place: str, account: Account) -> None:
        """Say who uses a place from now on, and keep it. Raises CredentialError where only the keyring will do.

        MSAL tells servers apart by their hosts alone: whom another authority knows by the same id is forgotten.
        """
        if account.authority:
            known = self._accounts.items()
            self._accounts = {at: each for at, each in known if each.id != account.id or each.is_of(account.authority)}
        self._accounts[place] = account
        await self.write()

    async def leave(self, place: str) -> None:
        """Nobody uses a place any more; an account without a place is forgotten. Raises CredentialError."""
        account = self._accounts.pop(place, None)
        if account is not None and account not in self._accounts.values():
            drop(self.cache, account.id)
        await self.write()

    async def forget(self, account: Account) -> None:
        """Forget an account with its tokens, at all places. Raises CredentialError."""
        self._accounts = {place: each for place, each in self._accounts.items() if each.id != account.id}
        drop(self.cache, account.id)
        await self.write()

    async def write(self) -> None:
        """Keep everything in the keyring; where that is not there, for this run, unless a policy wants it kept.

        Raises CredentialError where a policy wants it kept, and where what is to be forgotten stays.
        """
        if not self._accounts:
            await self._keys.forget_secret(ITEM)
            return
        text = msgspec.json.encode(_Item(self.cache.serialize(), self._accounts)).decode()
        try:
            await self._keys.keep_secret(ITEM, text)
            self._kept = KeyPlace(await self._keys.keyring_found())
        except CredentialError as error:
            if self._keys.keyring_only:
                raise
            self._kept = KeyPlace(None, error)


def _decode(text: str) -> _Item:
    """What an item holds; nothing where it cannot be read: signing in again mends that."""
    try:
        return msgspec.json.decode(text, type=_Item)
    except msgspec.DecodeError:
        return _Item()
