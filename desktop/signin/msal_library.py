"""MSAL as this room uses it: its application and its cache, typed, imported when somebody signs in."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from desktop.net.origin import host_of
from desktop.signin.authority_http import AuthorityHttp

Json = dict[str, Any]


class TokenCache(Protocol):
    """MSAL's SerializableTokenCache."""

    has_state_changed: bool

    def serialize(self) -> str:
        """All of it as text; what was changed until now counts as kept."""
        ...

    def deserialize(self, state: str | None) -> None:
        """Take a text's place."""
        ...


class MsalApplication(Protocol):
    """MSAL's PublicClientApplication. Its methods block: they are called on a thread."""

    def initiate_auth_code_flow(
        self, scopes: Sequence[str], *, redirect_uri: str, prompt: str, response_mode: str
    ) -> Json:
        """Begin a sign-in by browser: `auth_uri` is the page, `state` what must come back."""
        ...

    def acquire_token_by_auth_code_flow(
        self, auth_code_flow: Json, auth_response: Mapping[str, str], scopes: Sequence[str]
    ) -> Json:
        """End it: tokens, or `error`."""
        ...

    def initiate_device_flow(self, scopes: Sequence[str]) -> Json:
        """Begin a sign-in by code: `user_code`, `verification_uri`, or `error`."""
        ...

    def acquire_token_by_device_flow(self, flow: Json, *, exit_condition: Callable[[Json], bool]) -> Json:
        """Ask whether the code was typed: tokens, or `error`."""
        ...

    def acquire_token_silent_with_error(self, scopes: Sequence[str], account: Json) -> Json | None:
        """A token from the cache or by renewal; None without tokens of the account, `error` where it is refused."""
        ...

    def get_accounts(self) -> list[Json]:
        """Who has tokens in the cache."""
        ...


def new_cache() -> TokenCache:
    """An empty cache. Takes 150 ms the first time: call it on a thread."""
    return cast("TokenCache", importlib.import_module("msal").SerializableTokenCache())


def new_application(client: str, authority: str, cache: TokenCache, wire: AuthorityHttp) -> MsalApplication:
    """MSAL's application; asks the authority for its addresses.

    Raises ValueError where the authority does not know the tenant, ProviderError where it is not reached.
    """
    well_known = importlib.import_module("msal.authority").WELL_KNOWN_AUTHORITY_HOSTS
    made = importlib.import_module("msal").PublicClientApplication(
        client,
        authority=authority,
        token_cache=cache,
        http_client=wire,
        # Of an authority that IT named Microsoft knows nothing
        instance_discovery=None if host_of(authority) in well_known else False,
        enable_pii_log=False,
    )
    return cast("MsalApplication", made)


def without(state: str, account_id: str) -> str:
    """A cache's text without anything of an account."""
    kept = {
        kind: {name: each for name, each in entries.items() if each.get("home_account_id") != account_id}
        for kind, entries in _sections(state).items()
    }
    return json.dumps(kept)


def merged(state: str, newer: str, account_id: str) -> str:
    """A cache's text with what another one holds of an account put into it; of the other accounts nothing changes."""
    theirs, ours = _sections(state), _sections(newer)
    for kind, entries in ours.items():
        own = {name: each for name, each in entries.items() if each.get("home_account_id", account_id) == account_id}
        theirs[kind] = {**theirs.get(kind, {}), **own}
    return json.dumps(theirs)


def _sections(state: str) -> dict[str, dict[str, Json]]:
    """The entries of a cache's text by type and name; none where it holds nothing."""
    return cast("dict[str, dict[str, Json]]", json.loads(state)) if state else {}
