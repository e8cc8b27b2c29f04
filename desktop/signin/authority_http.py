"""HTTP client for MSAL that uses the program's own proxies, certificates and limits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future

from msgspec import Struct

from desktop.errors import ProviderError, ServerFailed, SignInFailed
from desktop.net.options import NetworkOptions
from desktop.net.origin import origin_of
from desktop.net.small_request import small_request
from desktop.redaction.redactor import Mask
from desktop.text.phrases import phrase

_SECRET = ("code", "code_verifier", "device_code", "refresh_token")
"""Form fields that contain credentials."""


class WireResponse(Struct, frozen=True):
    """A response in the form that MSAL reads."""

    status_code: int
    headers: Mapping[str, str]
    text: str
    host: str

    def raise_for_status(self) -> None:
        """Raise ServerFailed if the status is an error."""
        if self.status_code >= 400:
            raise ServerFailed(
                phrase("{host} returned an error ({status}).", host=self.host, status=self.status_code),
                status=self.status_code,
            )


class AuthorityHttp:
    """MSAL's `http_client`. Called on worker threads; its requests run on `loop`.

    Redirects are not followed, and TLS is required. Each request has its own session, so that nothing stays open.
    Tokens and codes in requests are redacted from then on, because the authority or a proxy may repeat them in an
    error.
    """

    def __init__(self, options: NetworkOptions, mask: Mask) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._options = options
        self._mask = mask
        self._asked: set[Future[WireResponse]] = set()

    def give_up(self) -> None:
        """Cancel all requests. Threads that wait for one get a CancelledError."""
        for future in tuple(self._asked):
            future.cancel()

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> WireResponse:
        """Send a GET request. Raises ProviderError."""
        return self._wait("GET", url, params, None, headers)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> WireResponse:
        """Send a form in a POST request. Raises ProviderError."""
        return self._wait("POST", url, params, data, headers)

    def close(self) -> None:
        """Do nothing, since nothing stays open."""

    def _wait(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: Mapping[str, str | None] | None,
        headers: Mapping[str, str] | None,
    ) -> WireResponse:
        assert self.loop is not None
        future = asyncio.run_coroutine_threadsafe(self._ask(method, url, params, data, headers), self.loop)
        self._asked.add(future)
        try:
            return future.result()
        finally:
            self._asked.discard(future)

    async def _ask(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: Mapping[str, str | None] | None,
        headers: Mapping[str, str] | None,
    ) -> WireResponse:
        require_https(url)  # an authority's list of its addresses may name others
        sent = {name: value for name, value in (data or {}).items() if value is not None}  # MSAL leaves claims unset
        self._mask.add_passing(*(sent[name] for name in _SECRET if name in sent))
        form = sent if method == "POST" else None
        response = await small_request(method, url, self._options, params=params, form=form, headers=headers)
        return WireResponse(response.status, response.headers, response.body.decode("utf-8", "replace"), response.host)


def require_https(base: str) -> None:
    """Check that an address uses HTTPS, so that it may receive a sign-in. Raises SignInFailed."""
    try:
        secure = origin_of(base).startswith("https://") and base.strip().casefold().startswith("https://")
    except ProviderError:
        secure = False
    if not secure:
        raise SignInFailed(
            phrase("The sign-in server's address must begin with https://."),
            hint=phrase("Correct the `entra.authority` setting."),
        )
