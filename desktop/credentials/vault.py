"""The keyring as the store sees it: keys of encrypted databases, each by its own name."""

from __future__ import annotations

from collections.abc import Callable

from desktop.credentials.keys import Keys
from desktop.errors import CredentialError, KeyringMissing


class KeyringVault:
    """Keeps keys in the keyring; one that came by a recovery code may be held for this run only."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys
        self._this_run: dict[str, str] = {}

    async def read(self, key_id: str) -> str | None:
        """A key; None where there is none, or no keyring. Raises KeyringLocked or KeyringTimeout."""
        if key_id in self._this_run:
            return self._this_run[key_id]
        try:
            return await self._keys().secret(_account(key_id))
        except KeyringMissing:
            return None

    async def write(self, key_id: str, text: str) -> None:
        """Keep a key, and see that it is there. Raises CredentialError."""
        await self._keys().keep_secret(_account(key_id), text)

    async def hold(self, key_id: str, text: str) -> bool:
        """Keep a key where that is possible, else have it for this run; whether it is kept."""
        self._this_run[key_id] = text
        try:
            await self.write(key_id, text)
        except CredentialError:
            return False
        return True

    async def erase(self, key_id: str) -> None:
        """Forget a key. Raises KeyringLocked or KeyringTimeout."""
        self._this_run.pop(key_id, None)
        await self._keys().forget_secret(_account(key_id))


def _account(key_id: str) -> str:
    return f"conversations {key_id}"
