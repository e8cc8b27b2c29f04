"""Sign-in with Entra ID by browser or device code, and tokens for connections, renewed automatically."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from msgspec import Struct

from desktop.credentials.accounts import Accounts, account_of, accounts_of, names_to_erase
from desktop.credentials.keys import KeyPlace, Keys
from desktop.domain.conversation_types import Auth, Connection
from desktop.errors import (
    AccessConditional,
    ApplicationWrong,
    ConsentMissing,
    CredentialError,
    ParagoneError,
    ProviderError,
    SignInFailed,
    SignInRequired,
    TenantWrong,
)
from desktop.net.addresses import repair
from desktop.net.options import NetworkOptions, Secret, TokenSource
from desktop.net.origin import origin_of, server_of
from desktop.net.redirect import landing
from desktop.providers.masked_events import masked_errors
from desktop.providers.scopes import is_azure, scope_of
from desktop.providers.wire.error_bodies import plain
from desktop.settings.policy import ENTRA_TENANT
from desktop.settings.schema import ENTRA_AUTHORITY, ENTRA_CLIENT
from desktop.settings.values import Settings, check_tenant
from desktop.signin.authority_http import AuthorityHttp, require_https
from desktop.signin.cache import Account, KeptTokens
from desktop.signin.msal_library import Json, MsalApplication, new_application
from desktop.system.log import logger
from desktop.text.phrases import Phrase, phrase

_NUMBER = re.compile(r"AADSTS(\d{4,8})")
_LONGEST = 300
_PAGE = re.compile(r"[!-\[\]^-~]+")
"""Printable ASCII without a backslash, which browsers treat as a slash."""
_HOST = re.compile(r"[a-z0-9.:-]+")

_CONSENT = frozenset({50105, 65001, 65004, 90094, 900941, 240002})
_TENANT = frozenset({50020, 50034, 50059, 51004, 90002, 90072, 900021, 900023, 500011, 500202, 50128})
_CONDITIONAL = frozenset(
    {50005, 50097, 50131, 53000, 53001, 53002, 53003, 53009, 53011, 530002, 530003, 530021, 530032}
)
_APPLICATION = frozenset({50011, 50194, 500113, 700016, 7000218})
_AGAIN = frozenset(
    {50058, 50072, 50074, 50076, 50078, 50079, 50132, 50133, 50158, 50173, 54005, 70008, 70043, 700082, 700084}
)
"""Microsoft's numbers of sign-in errors, in sets that differ in what the user can do about them."""


def refusal(answer: Mapping[str, object], *, renewing: bool = False) -> SignInFailed | SignInRequired:
    """Return the error for a reply without a token. `renewing` is whether the request needed no user.

    The message ends with the authority's own, whose error number administrators need.
    """
    error, description = _text(answer, "error"), _text(answer, "error_description")
    numbers = _numbers(answer, description)
    detail = _said(description or error)
    if numbers & _CONSENT or error == "consent_required" or _text(answer, "suberror") == "consent_required":
        return ConsentMissing(phrase("Your organization has not approved Paragone for this sign-in{said}", said=detail))
    if numbers & _CONDITIONAL:
        return AccessConditional(
            phrase("Your organization's Conditional Access policy blocked this sign-in{said}", said=detail)
        )
    if numbers & _APPLICATION or error in ("unauthorized_client", "invalid_client"):
        return ApplicationWrong(phrase("The application that Paragone uses to sign in was rejected{said}", said=detail))
    if numbers & _TENANT or error == "invalid_resource":
        return TenantWrong(phrase("The account does not belong to this tenant{said}", said=detail))
    if error in ("access_denied", "authorization_declined"):
        return SignInFailed(phrase("The sign-in was declined{said}", said=detail))
    if error in ("expired_token", "code_expired"):
        return SignInFailed(phrase("The code has expired."), hint=phrase("Sign in again to get a new code."))
    if renewing or numbers & _AGAIN or error in ("invalid_grant", "interaction_required", "login_required"):
        return SignInRequired(phrase("The sign-in has expired{said}", said=detail))
    return SignInFailed(phrase("The sign-in was rejected{said}", said=detail))


def tenant_unknown(tenant: str, authority: str) -> TenantWrong:
    """Return the error for a tenant that does not exist at the authority."""
    return TenantWrong(
        phrase("{authority} does not recognize the tenant “{tenant}”.", authority=authority, tenant=tenant)
    )


def page_of(answer: Mapping[str, object], name: str) -> str:
    """Return the page that the authority asks the user to open. Raises SignInFailed unless its address is safe."""
    page = _text(answer, name)
    try:
        parts = urlsplit(page)
        sound = parts.scheme == "https" and parts.username is None and _HOST.fullmatch(parts.hostname or "") is not None
        sound = sound and (parts.port is None or parts.port > 0)
        # Browsers interpret a numeric host as an IP address
        sound = sound and not (parts.hostname or "").rstrip(".").rpartition(".")[2].startswith(tuple("0123456789"))
    except ValueError:
        sound = False
    if not sound or not _PAGE.fullmatch(page):
        raise SignInFailed(phrase("The sign-in server redirected to a page that does not use HTTPS."))
    return page


def _numbers(answer: Mapping[str, object], description: str) -> frozenset[int]:
    codes = answer.get("error_codes")
    listed = cast("list[object]", codes) if isinstance(codes, list) else []
    found = {code for code in listed if isinstance(code, int)}
    return frozenset(found | {int(number) for number in _NUMBER.findall(description)})


def _text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _said(text: str) -> Phrase | str:
    """Return the authority's message without trace ids, as the end of Paragone's own message."""
    first = plain(re.split(r"\s*(?:Trace ID|Correlation ID|\r?\n)", text, maxsplit=1)[0], _LONGEST).rstrip(" .")
    return f": {first}." if first else "."


T = TypeVar("T")

OWN_TENANT = "organizations"
"""Tenant that stands for the one of whichever account signs in."""

BROWSER_WITHIN_S = 300.0
"""Time limit in seconds for the sign-in in the browser."""

_CODE_LASTS_S = 900.0
_INTERVAL_S, _LEAST_INTERVAL_S, _LONGEST_INTERVAL_S = 5.0, 1.0, 60.0
"""Seconds between two polls for a device code: the default, the minimum and the maximum."""

_WAITING = "authorization_pending"

_log = logger("signin.entra")

OpenPage = Callable[[str], Awaitable[bool]]
"""Opens a page in the user's browser and returns whether that succeeded."""


class Code(Struct, frozen=True, kw_only=True):
    """A device code to enter at `page` on any device."""

    code: str
    page: str


class Entra:
    """All sign-ins of one run. Belongs to one event loop; its creator closes it.

    Tokens are bound to the connection and server that the user signed in for, and to the authority that issued them. An
    Azure server without an account of its own uses the only account, if there is exactly one, so that one sign-in is
    enough.
    """

    def __init__(self, keys: Keys, settings: Callable[[], Settings], options: NetworkOptions) -> None:
        self._settings = settings
        self._keys = keys
        self._tokens = KeptTokens(keys)
        self._wire = AuthorityHttp(options, keys.mask)
        self._applications: dict[tuple[str, str], MsalApplication] = {}
        self._lock = asyncio.Lock()
        self._read_at: int | None = None

    @property
    def kept(self) -> KeyPlace:
        """Where the last sign-in's tokens are stored: the keyring's name, or this run only and the reason."""
        return self._tokens.kept

    def tenant(self, connection: Connection) -> str:
        """Return a connection's tenant: the policy's, otherwise its own, otherwise the account's.

        Raises UsageError for an invalid tenant.
        """
        return check_tenant(self._settings().policy.get(ENTRA_TENANT) or connection.tenant) or OWN_TENANT

    async def account(self, connection: Connection) -> Account | None:
        """Return the account of a connection; None if nobody is signed in. Makes no request. Raises CredentialError."""
        async with self._lock:
            await self._read_changed()
            return self._account(connection)

    async def by_browser(
        self, connection: Connection, open_page: OpenPage, *, done: str = "", failed: str = ""
    ) -> Account:
        """Sign in with the browser; cancel the task to abort. The browser then shows the text `done` or `failed`.

        Raises:
            SignInFailed: If the sign-in fails (subclasses say why).
            ProviderError: If the authority cannot be reached.
            CredentialError: If the keyring fails.
        """
        scopes, authority = _scopes(connection), self._authority
        async with landing(done, failed) as landing_page:
            application = await self._ready(connection)
            flow = await self._ask(
                lambda: application.initiate_auth_code_flow(
                    scopes, redirect_uri=landing_page.address, prompt="select_account", response_mode="form_post"
                )
            )
            landing_page.state = str(flow["state"])
            if not await open_page(page_of(flow, "auth_uri")):
                hint = phrase("Sign in with a code instead (--device-code).")
                raise SignInFailed(phrase("No browser could be opened."), hint=hint)
            answer = await _within(landing_page.answer(), BROWSER_WITHIN_S)
        async with self._lock:
            await self._tokens.read()
            ended = await self._ask(lambda: application.acquire_token_by_auth_code_flow(flow, answer, scopes=scopes))
            return await self._signed_in(connection, ended, authority)

    async def by_code(self, connection: Connection, show: Callable[[Code], None]) -> Account:
        """Sign in with a code on any device; cancel the task to abort. Raises the same errors as `by_browser`."""
        authority = self._authority
        application = await self._ready(connection)
        flow = await self._ask(lambda: application.initiate_device_flow(_scopes(connection)))
        if "user_code" not in flow:
            raise self._refusal(flow)
        ends = _number(flow.get("expires_at"), time.time() + _CODE_LASTS_S)
        wait = _number(flow.get("interval"), _INTERVAL_S)
        show(Code(code=str(flow["user_code"]), page=page_of(flow, "verification_uri")))
        while time.time() < ends:
            await asyncio.sleep(min(max(wait, _LEAST_INTERVAL_S), _LONGEST_INTERVAL_S))
            async with self._lock:
                await self._tokens.read()
                # A single poll each time, because MSAL's own loop could not be canceled
                ended = await self._ask(
                    lambda: application.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
                )
                if ended.get("error") not in (_WAITING, "slow_down"):
                    return await self._signed_in(connection, ended, authority)
            if ended.get("error") == "slow_down":
                wait += _INTERVAL_S
        raise refusal({"error": "expired_token"})

    async def sign_out(self, connection: Connection) -> Account | None:
        """Remove a connection's account and its tokens everywhere, and return the account. Raises CredentialError."""
        async with self._lock:
            await self._tokens.read()
            account = self._account(connection)
            if account is not None:
                await self._tokens.forget(account)
            return account

    async def adopt(self, old: Connection, new: Connection) -> None:
        """Move a connection's account to its new name. Raises CredentialError."""
        async with self._lock:
            await self._tokens.read()
            account = self._own(old)
            if account is not None and account_of(new) != account_of(old):
                await self._tokens.assign(account_of(new), account)
                await self._tokens.leave(account_of(old))

    async def leave(self, connection: Connection, successor: Connection | None = None) -> None:
        """Remove the account of a connection that was deleted or whose address changed. Raises CredentialError.

        The account is not removed if a successor of the same name signs in with Entra ID.
        """
        heir = successor if successor is not None and successor.auth is Auth.ENTRA else None
        places = names_to_erase(connection, self._keys.written.get(connection.name, ""), heir)
        async with self._lock:
            await self._tokens.read()
            for place in places:
                if self._tokens.account(place) is not None:
                    await self._tokens.leave(place)

    async def strays(self, connection: Connection) -> tuple[str, ...]:
        """Return the places with accounts that may belong to another connection or server. Raises CredentialError."""
        async with self._lock:
            await self._read_changed()
            return tuple(each for each in self._places(connection).uncertain if self._tokens.account(each) is not None)

    def source(self, connection: Connection) -> TokenSource:
        """Return a source of fresh tokens for a connection's provider."""
        return partial(self.token, connection)

    async def token(self, connection: Connection) -> Secret:
        """Return a valid token, renewed if necessary.

        Raises:
            SignInRequired: If the user must sign in.
            SignInFailed: If the token cannot be renewed (subclasses say why).
            ProviderError: If the authority cannot be reached.
            CredentialError: If the keyring fails.
        """
        async with self._lock:
            await self._read_changed()
            answer = await self._silent(connection)
            if answer is None or "access_token" not in answer or not await self._keep_renewed(connection):
                # Another run may have signed in, signed out or renewed since
                await self._tokens.read()
                answer = await self._silent(connection)
                if answer is not None and not await self._keep_renewed(connection):
                    answer = None
            if answer is None:
                raise SignInRequired(phrase("Nobody is signed in to “{name}”.", name=connection.name))
            if "access_token" not in answer:
                raise self._refusal(answer, renewing=True)
            token = str(answer["access_token"])
            self._keys.mask.add_passing(token)
            return Secret(token)

    async def aclose(self) -> None:
        """Cancel all requests to the authority. Safe to call more than once."""
        self._wire.give_up()

    async def _silent(self, connection: Connection) -> Json | None:
        """Request a token without the user. Return None if nobody is signed in, `error` if renewal is rejected."""
        account = self._account(connection)
        if account is None:
            return None
        application = await self._application(connection)
        known = next((each for each in application.get_accounts() if each["home_account_id"] == account.id), None)
        if known is None:
            return None
        scopes = _scopes(connection)
        found = await self._ask(lambda: application.acquire_token_silent_with_error(scopes, account=known) or {})
        return found or None

    async def _keep_renewed(self, connection: Connection) -> bool:
        """Store renewed tokens of a connection, and return whether it still has the same account."""
        account = self._account(connection)
        if account is None or not self._tokens.cache(self._authority).has_state_changed:
            return True
        still = await self._tokens.keep_renewed(account)
        now = self._account(connection)
        return still and now is not None and now.has_tokens_of(account)

    async def _signed_in(self, connection: Connection, ended: Json, authority: str) -> Account:
        if "access_token" not in ended:
            raise self._refusal(ended)
        claims = cast("Mapping[str, Any]", claimed if isinstance(claimed := ended.get("id_token_claims"), dict) else {})
        name = next((str(claims[key]) for key in ("preferred_username", "upn", "name") if claims.get(key)), "")
        account = Account(_home(ended) or str(claims.get("sub", "")), name, authority)
        if not account.id:
            raise SignInFailed(phrase("The sign-in server did not return an account."))
        await self._tokens.assign(account_of(connection), account)
        return account

    def _account(self, connection: Connection) -> Account | None:
        own = self._own(connection)
        if own is not None and own.is_of(self._authority):
            return own
        return self._tokens.only(self._authority) if is_azure(repair(connection.kind, connection.url)) else None

    @property
    def _authority(self) -> str:
        """Return the origin of the server that signs users in; empty if its address is invalid."""
        try:
            return origin_of(self._settings().get(ENTRA_AUTHORITY))
        except ProviderError:
            return ""

    def _places(self, connection: Connection) -> Accounts:
        return accounts_of(connection, self._keys.written.get(connection.name, ""))

    def _own(self, connection: Connection) -> Account | None:
        """Return the account of the connection itself, stored under its current name from now on.

        Raises ProviderError.
        """
        place = account_of(connection)
        for older in self._places(connection).certain:
            self._tokens.rename(older, place)
        return self._tokens.account(place)

    async def _ready(self, connection: Connection) -> MsalApplication:
        async with self._lock:
            await self._read_changed()
            return await self._application(connection)

    async def _application(self, connection: Connection) -> MsalApplication:
        """Return MSAL's application for a connection. On first use it requests the authority's endpoints."""
        settings = self._settings()
        client, base, tenant = settings.get(ENTRA_CLIENT), settings.get(ENTRA_AUTHORITY), self.tenant(connection)
        require_https(base)
        authority = f"{base.rstrip('/')}/{tenant}"
        application = self._applications.get((client, authority))
        if application is None:
            self._wire.loop = asyncio.get_running_loop()
            try:
                cache = self._tokens.cache(self._authority)
                application = await self._on_thread(lambda: new_application(client, authority, cache, self._wire))
            except json.JSONDecodeError:
                raise self._not_understood() from None
            except ValueError as error:
                raise tenant_unknown(tenant, server_of(base)) from error
            self._applications[client, authority] = application
        return application

    async def _read_changed(self) -> None:
        """Read the stored accounts if another run may have changed them, for example by signing out.

        If rereading fails, the known accounts stay valid, and it is not tried again. Raises CredentialError.
        """
        changed_at, read_at = self._keys.changed_at, self._read_at
        if changed_at == read_at:
            return
        try:
            await self._tokens.read()
        except CredentialError as error:
            if read_at is None:
                raise
            _log.warning("who signed in or out elsewhere is not known: %s", type(error).__name__)
        self._read_at = changed_at

    def _refusal(self, answer: Json, *, renewing: bool = False) -> SignInFailed | SignInRequired:
        """Return the error for a reply without a token, with secrets redacted, since replies may quote tokens."""
        return refusal(cast("Json", self._keys.mask.hide_within(answer)), renewing=renewing)

    async def _ask(self, work: Callable[[], object]) -> Json:
        """Call the authority through MSAL. Raises SignInFailed unless the reply is valid JSON."""
        try:
            answer = await self._on_thread(work)
        except ValueError:
            raise self._not_understood() from None
        if not isinstance(answer, dict):
            raise self._not_understood()
        return cast("Json", answer)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        """Run a method of MSAL; canceling the task also cancels MSAL's requests.

        MSAL's errors quote requests and replies with tokens, so their text is not shown.

        Raises:
            SignInFailed: If MSAL raises an error of its own.
            ParagoneError: If the request fails.
            ValueError: If MSAL raises one.
        """
        try:
            with masked_errors(self._keys.mask):
                return await asyncio.to_thread(work)
        except asyncio.CancelledError:
            self._wire.give_up()
            raise
        except (ParagoneError, ValueError):
            raise
        except Exception as error:  # noqa: BLE001 - what an authority answers may break MSAL anywhere
            _log.warning("the authority's answer is not understood: %s", type(error).__name__)
            raise self._not_understood() from None

    def _not_understood(self) -> SignInFailed:
        host = server_of(self._settings().get(ENTRA_AUTHORITY))
        return SignInFailed(
            phrase(
                "The sign-in server {host} is unavailable, or something on the network is responding in its place.",
                host=host,
            ),
            hint=phrase("Try again in a few minutes. You may have to sign in to the network first."),
        )


def _scopes(connection: Connection) -> list[str]:
    return [scope_of(repair(connection.kind, connection.url))]


def _number(value: object, otherwise: float) -> float:
    """Return a number of seconds from the authority, or a default if the value is not a number."""
    try:
        found = float(cast("float", value))
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return found if math.isfinite(found) else otherwise


def _home(ended: Json) -> str:
    """Return the authority's identifier of the account that signed in, as MSAL stores it."""
    raw = str(ended.get("client_info") or "")
    try:
        info = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        return f"{info['uid']}.{info['utid']}"
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        return ""


async def _within(work: Awaitable[T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        minutes = f"{seconds / 60:g}"
        raise SignInFailed(
            phrase("The sign-in in the browser was not completed within {minutes} minutes.", minutes=minutes)
        ) from None
