"""OAuth sign-in for servers over HTTP; the browser and the keyring are with Paragone. Imported only by the host."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import pydantic
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from desktop.tools.host.host_wire import Failure, OAuthSpec, SignedIn
from desktop.tools.host.server_fault import ServerFault
from desktop.tools.host.server_http import require_address

_NOWHERE = "http://127.0.0.1/"
"""Address for the SDK, which requires one, where no browser is opened."""

_Model = TypeVar("_Model", bound=pydantic.BaseModel)


@dataclass(frozen=True, kw_only=True)
class SignInHandlers:
    """Parent's side of the sign-in: `browse` opens a page and waits for the return, `save` stores credentials."""

    browse: Callable[[str, str], Awaitable[SignedIn]]
    save: Callable[[str], None]


class _Saved(msgspec.Struct, kw_only=True):
    """Credentials as text for the keyring. `expires_at` is the access token's end in Unix time."""

    tokens: str = ""
    client: str = ""
    expires_at: float | None = None


class CredentialStorage:
    """Storage of the SDK whose content is in the keyring of Paragone."""

    def __init__(self, spec: OAuthSpec, save: Callable[[str], None]) -> None:
        self._spec = spec
        try:
            self._saved = msgspec.json.decode(spec.saved, type=_Saved) if spec.saved else _Saved()
        except msgspec.DecodeError:
            self._saved = _Saved()  # sign in again
        self._save = save

    @property
    def expires_at(self) -> float | None:
        """When the access token ends, in Unix time; None if the server did not say."""
        return self._saved.expires_at

    async def get_tokens(self) -> OAuthToken | None:
        """Return the saved tokens."""
        return _parsed(OAuthToken, self._saved.tokens)

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Save tokens."""
        self._saved.tokens = tokens.model_dump_json(exclude_none=True)
        self._saved.expires_at = None if tokens.expires_in is None else time.time() + tokens.expires_in
        self._store()

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Return the user's own registration at the authorization server, otherwise the saved one."""
        if self._spec.client_id:
            return OAuthClientInformationFull(
                client_id=self._spec.client_id,
                client_secret=self._spec.client_secret or None,
                token_endpoint_auth_method="client_secret_basic" if self._spec.client_secret else "none",
                redirect_uris=[pydantic.AnyUrl(self._spec.redirect_uri or _NOWHERE)],
            )
        return _parsed(OAuthClientInformationFull, self._saved.client)

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Save the registration, unless it was made for a sign-in that cannot happen."""
        if not self._spec.redirect_uri:
            return
        self._saved.client = client_info.model_dump_json(exclude_none=True)
        self._store()

    def _store(self) -> None:
        self._save(msgspec.json.encode(self._saved).decode())


class SignInGate:
    """Lets the user sign in only while a server is opened: a call that needs it fails, and the next opening asks."""

    def __init__(self) -> None:
        self.is_open = True
        self.fault: ServerFault | None = None


def new_auth(url: str, spec: OAuthSpec, handlers: SignInHandlers, gate: SignInGate) -> OAuthClientProvider:
    """Return the SDK's authentication with PKCE, resource indicators and a checked issuer."""
    answer: list[SignedIn] = []

    async def redirect(page: str) -> None:
        if not gate.is_open or not spec.redirect_uri:
            gate.fault = ServerFault(Failure.SIGN_IN)
            raise gate.fault
        require_address(page)
        answer[:] = [await handlers.browse(page, spec.redirect_uri)]

    async def callback() -> AuthorizationCodeResult:
        signed_in = answer.pop()
        if not signed_in.code:
            raise ServerFault(Failure.SIGN_IN, "canceled")
        return AuthorizationCodeResult(code=signed_in.code, state=signed_in.state or None, iss=signed_in.iss or None)

    storage = CredentialStorage(spec, handlers.save)
    metadata = OAuthClientMetadata(
        client_name="Paragone",
        redirect_uris=[pydantic.AnyUrl(spec.redirect_uri or _NOWHERE)],
        scope=spec.scope or None,
    )
    provider = OAuthClientProvider(url, metadata, storage, redirect_handler=redirect, callback_handler=callback)
    provider.context.token_expiry_time = storage.expires_at
    return provider


def _parsed(kind: type[_Model], text: str) -> _Model | None:
    try:
        return kind.model_validate_json(text) if text else None
    except pydantic.ValidationError:
        return None
