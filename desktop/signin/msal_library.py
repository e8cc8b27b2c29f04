"""Typed interface of MSAL's application and cache; MSAL is imported when the user signs in."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from desktop.net.origin import host_of
from desktop.signin.authority_http import AuthorityHttp

Json = dict[str, Any]


class TokenCache(Protocol):
    """Interface of MSAL's SerializableTokenCache."""

    has_state_changed: bool

    def serialize(self) -> str:
        """Return the whole cache as text, and reset `has_state_changed`."""
        ...

    def deserialize(self, state: str | None) -> None:
        """Replace the contents with a serialized cache."""
        ...


class MsalApplication(Protocol):
    """Interface of MSAL's PublicClientApplication. Its methods block, so call them on a thread."""

    def initiate_auth_code_flow(
        self, scopes: Sequence[str], *, redirect_uri: str, prompt: str, response_mode: str
    ) -> Json:
        """Start a sign-in by browser: `auth_uri` is the page to open, the reply must repeat `state`."""
        ...

    def acquire_token_by_auth_code_flow(
        self, auth_code_flow: Json, auth_response: Mapping[str, str], scopes: Sequence[str]
    ) -> Json:
        """Complete a sign-in by browser. Return tokens, or `error`."""
        ...

    def initiate_device_flow(self, scopes: Sequence[str]) -> Json:
        """Start a sign-in by code. Return `user_code` and `verification_uri`, or `error`."""
        ...

    def acquire_token_by_device_flow(self, flow: Json, *, exit_condition: Callable[[Json], bool]) -> Json:
        """Poll whether the user has entered the code. Return tokens, or `error`."""
        ...

    def acquire_token_silent_with_error(self, scopes: Sequence[str], account: Json) -> Json | None:
        """Return a cached or renewed token; None if the account has no tokens, `error` if renewal is rejected."""
        ...

    def get_accounts(self) -> list[Json]:
        """Return the accounts with tokens in the cache."""
        ...


def new_cache() -> TokenCache:
    """Return an empty cache. Takes 150 ms the first time, so call it on a thread."""
    return cast("TokenCache", importlib.import_module("msal").SerializableTokenCache())


def new_application(client: str, authority: str, cache: TokenCache, wire: AuthorityHttp) -> MsalApplication:
    """Return MSAL's application, which requests the authority's endpoints.

    Raises:
        ValueError: If the tenant is unknown.
        ProviderError: If the authority cannot be reached.
    """
    well_known = importlib.import_module("msal.authority").WELL_KNOWN_AUTHORITY_HOSTS
    application = importlib.import_module("msal").PublicClientApplication(
        client,
        authority=authority,
        token_cache=cache,
        http_client=wire,
        # Microsoft's instance discovery does not know a custom authority
        instance_discovery=None if host_of(authority) in well_known else False,
        enable_pii_log=False,
    )
    return cast("MsalApplication", application)


def without(state: str, account_id: str) -> str:
    """Return a serialized cache without the entries of an account."""
    kept = {
        kind: {name: each for name, each in entries.items() if each.get("home_account_id") != account_id}
        for kind, entries in _sections(state).items()
    }
    return json.dumps(kept)


def merged(state: str, newer: str, account_id: str) -> str:
    """Return a serialized cache with another cache's entries of one account; other accounts are unchanged."""
    theirs, ours = _sections(state), _sections(newer)
    for kind, entries in ours.items():
        own = {name: each for name, each in entries.items() if each.get("home_account_id", account_id) == account_id}
        theirs[kind] = {**theirs.get(kind, {}), **own}
    return json.dumps(theirs)


def _sections(state: str) -> dict[str, dict[str, Json]]:
    """Return the entries of a serialized cache by type and name; empty for an empty text."""
    return cast("dict[str, dict[str, Json]]", json.loads(state)) if state else {}
