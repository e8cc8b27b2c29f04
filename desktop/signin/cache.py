"""Tokens and accounts, stored only in the keyring, never in a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from desktop.credentials.keys import KeyPlace, Keys
from desktop.errors import CredentialError, KeyringMissing
from desktop.net.origin import split
from desktop.signin.msal_library import TokenCache, merged, new_cache, without

ITEM = "sign-ins of Entra ID"
"""Name of the item in the keyring."""


class Account(msgspec.Struct, frozen=True):
    """A signed-in account. `id` is the authority's identifier, `name` is the user name (an email address).

    `authority` is the origin of the server that signed the user in, the only one that receives its tokens; older items
    lack it.
    """

    id: str
    name: str
    authority: str = ""

    def is_of(self, origin: str) -> bool:
        """Whether the server at `origin` signed the account in.

        For older items without an authority, any origin without a port matches, since one with a port may have changed.
        """
        return self.authority == origin if self.authority else bool(origin) and split(origin).port is None

    @property
    def shelf(self) -> str:
        """Key under which the account's tokens are stored."""
        return _shelf(self.authority)

    def has_tokens_of(self, other: Account) -> bool:
        """Whether two accounts are the same, with the same tokens."""
        return (self.id, self.shelf) == (other.id, other.shelf)


class _Item(msgspec.Struct):
    """Contents of the keyring item: MSAL's serialized caches, and the account of each place (connection and server).

    `tokens` is the cache of all authorities without a port, which MSAL distinguishes by host; `at_ports` has one cache
    for each other authority.
    """

    tokens: str = ""
    accounts: dict[str, Account] = {}
    at_ports: dict[str, str] = {}

    def tokens_on(self, shelf: str) -> str:
        """Return MSAL's cache under an authority's key; empty if there is none."""
        return self.at_ports.get(shelf, "") if shelf else self.tokens

    def with_tokens(self, shelf: str, text: str) -> _Item:
        """Return a copy with another cache under an authority's key."""
        if not shelf:
            return msgspec.structs.replace(self, tokens=text)
        return msgspec.structs.replace(self, at_ports={**self.at_ports, shelf: text})

    def renamed(self, older: str, place: str) -> _Item:
        """Return a copy in which the place `older` is renamed to `place`, unless that exists."""
        if older not in self.accounts:
            return self
        others = {at: each for at, each in self.accounts.items() if at != older}
        return msgspec.structs.replace(self, accounts={place: self.accounts[older], **others})

    def with_account(self, place: str, account: Account | None) -> _Item:
        """Return a copy with another account, or none, at a place. Tokens that no place uses any more are dropped."""
        before = self.accounts.get(place)
        others = {at: each for at, each in self.accounts.items() if at != place}
        accounts = others if account is None else {**others, place: account}
        return msgspec.structs.replace(self, accounts=accounts).without_unused(before)

    def without_unused(self, account: Account | None) -> _Item:
        """Return a copy without the tokens of accounts and authorities that no place uses."""
        kept = self
        if account is not None and not any(each.has_tokens_of(account) for each in self.accounts.values()):
            kept = self.with_tokens(account.shelf, without(self.tokens_on(account.shelf), account.id))
        used = {each.shelf for each in kept.accounts.values()}
        at_ports = {shelf: text for shelf, text in kept.at_ports.items() if shelf in used}
        return msgspec.structs.replace(kept, at_ports=at_ports)


class KeptTokens:
    """Tokens of all sign-ins, and the account of each place (a connection and its server).

    Several programs may run, so each change is applied to the current contents of the keyring.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._texts: dict[str, str] = {}
        self._caches: dict[str, TokenCache] = {}
        self._accounts: dict[str, Account] = {}
        self._renamed: dict[str, str] = {}
        self._kept = KeyPlace(None)

    def cache(self, authority: str) -> TokenCache:
        """Return MSAL's cache for an authority, without tokens of other authorities on the same host.

        Call `read` first.
        """
        return self._cache(_shelf(authority))

    @property
    def kept(self) -> KeyPlace:
        """Where the tokens were stored at the last change."""
        return self._kept

    def only(self, authority: str) -> Account | None:
        """Return an authority's only account; None if there are none or several."""
        ids = {account.id: account for account in self._accounts.values() if account.is_of(authority)}
        return next(iter(ids.values())) if len(ids) == 1 else None

    def account(self, place: str) -> Account | None:
        """Return a place's account."""
        return self._accounts.get(place)

    def rename(self, older: str, place: str) -> None:
        """Rename a place, unless the new name exists. The change is stored with the next one."""
        self._renamed[older] = place
        self._accounts = _Item(accounts=self._accounts).renamed(older, place).accounts

    async def read(self) -> None:
        """Read the keyring, unless this run's tokens could not be stored there. Raises CredentialError."""
        if not self._caches:
            self._caches[""] = await asyncio.to_thread(new_cache)  # MSAL is imported
        if self._kept.problem is not None:
            return
        try:
            text = await self._keys.secret(ITEM)
        except KeyringMissing:
            return
        self._take(_decode(text))

    async def keep_renewed(self, account: Account) -> bool:
        """Store renewed tokens without undoing other programs' changes; return whether the account still exists.

        Tokens of an account that another program signed out are dropped. Raises CredentialError if a policy requires
        the keyring and it fails.
        """
        if self._kept.problem is not None:  # what is in the keyring is not this run's
            await self.write()
            return True
        renewed = self.cache(account.authority).serialize()
        item = _Item()

        def put_in(text: str | None) -> str | None:
            """Merge on the keyring's thread."""
            nonlocal item
            item = _decode(text)
            if not any(each.has_tokens_of(account) for each in item.accounts.values()):
                return text
            item = item.with_tokens(account.shelf, merged(item.tokens_on(account.shelf), renewed, account.id))
            return msgspec.json.encode(item).decode()

        try:
            await self._keys.change_secret(ITEM, put_in)
        except CredentialError as error:
            if self._keys.keyring_only:
                raise
            self._kept = KeyPlace(None, error)
            return True
        self._take(item)
        return any(each.has_tokens_of(account) for each in item.accounts.values())

    async def assign(self, place: str, account: Account) -> None:
        """Set a place's account and store it. Raises CredentialError if a policy requires the keyring and it fails."""
        new = self.cache(account.authority).serialize()

        def put_in(item: _Item) -> _Item:
            """Add the new tokens."""
            changed = item.with_account(place, account)
            return changed.with_tokens(account.shelf, merged(changed.tokens_on(account.shelf), new, account.id))

        await self._change(put_in)

    async def leave(self, place: str) -> None:
        """Remove a place's account, and its tokens if no other place uses them. Raises CredentialError."""
        await self._change(lambda item: item.with_account(self._renamed.get(place, place), None), forgets=True)

    async def forget(self, account: Account) -> None:
        """Remove an account with its tokens from all places. Raises CredentialError."""

        def take_out(item: _Item) -> _Item:
            """Remove the account everywhere."""
            others = {at: each for at, each in item.accounts.items() if not each.has_tokens_of(account)}
            return msgspec.structs.replace(item, accounts=others).without_unused(account)

        await self._change(take_out, forgets=True)

    async def write(self) -> None:
        """Store everything in the keyring, or for this run only if there is no keyring and no policy forbids that.

        Raises CredentialError if a policy requires the keyring, or if something to be removed is still stored.
        """
        if not self._accounts:
            await self._keys.forget_secret(ITEM)
            return
        text = msgspec.json.encode(self._item()).decode()
        try:
            await self._keys.keep_secret(ITEM, text)
            self._kept = KeyPlace(await self._keys.keyring_found())
        except CredentialError as error:
            if self._keys.keyring_only:
                raise
            self._kept = KeyPlace(None, error)

    async def _change(self, change: Callable[[_Item], _Item], *, forgets: bool = False) -> None:
        """Change the keyring's current contents. If tokens exist only in this run, change and store those as a whole.

        Raises CredentialError if a policy requires the keyring, or if something to be removed is still stored.
        """
        if self._kept.problem is not None:
            self._take(change(self._item()))
            await self.write()
            return
        item = _Item()

        def put_in(text: str | None) -> str | None:
            """Update on the keyring's thread."""
            nonlocal item
            item = _decode(text)
            for older, place in self._renamed.items():
                item = item.renamed(older, place)
            item = change(item)
            return msgspec.json.encode(item).decode() if item.accounts else None

        try:
            await self._keys.change_secret(ITEM, put_in)
            self._kept = KeyPlace(await self._keys.keyring_found())
        except CredentialError as error:
            if self._keys.keyring_only or (forgets and not isinstance(error, KeyringMissing)):
                raise
            item, self._kept = change(self._item()), KeyPlace(None, error)
        self._take(item)

    def _item(self) -> _Item:
        """Return the contents of this run as an item."""
        self._texts |= {shelf: cache.serialize() for shelf, cache in self._caches.items()}
        used = {account.shelf for account in self._accounts.values()}
        at_ports = {shelf: text for shelf, text in self._texts.items() if shelf and shelf in used}
        return _Item(self._texts.get("", ""), self._accounts, at_ports)

    def _take(self, item: _Item) -> None:
        """Replace the contents of this run with those of an item."""
        self._accounts, self._texts = item.accounts, {"": item.tokens, **item.at_ports}
        for shelf, cache in self._caches.items():
            cache.deserialize(self._texts.get(shelf, ""))

    def _cache(self, shelf: str) -> TokenCache:
        if shelf not in self._caches:
            self._caches[shelf] = new_cache()
            self._caches[shelf].deserialize(self._texts.get(shelf, ""))
        return self._caches[shelf]


def _shelf(authority: str) -> str:
    """Return the key under which an authority's tokens are stored.

    Only a port needs a key, since MSAL distinguishes hosts.
    """
    return authority if authority and split(authority).port is not None else ""


def _decode(text: str | None) -> _Item:
    """Parse an item; return an empty one if the text is empty or invalid, which signing in again repairs."""
    if not text:
        return _Item()
    try:
        return msgspec.json.decode(text, type=_Item)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _Item()
