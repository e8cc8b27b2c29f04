"""From what aiohttp and azure-core raise to the exact error, each with a sentence that names the host."""

from __future__ import annotations

import asyncio
import errno
import ssl

from desktop.errors import (
    AddressInvalid,
    AnswerUnreadable,
    ConnectFailed,
    ConnectTimeout,
    Interrupted,
    NameNotResolved,
    ProviderError,
    ProxyFailed,
    TlsFailed,
)
from desktop.phrases import phrase

_REASONS = {
    errno.ECONNREFUSED: phrase("nothing listens there"),
    errno.EHOSTUNREACH: phrase("there is no route to it"),
    errno.ENETUNREACH: phrase("the network cannot be reached"),
    errno.ECONNRESET: phrase("it closed the connection"),
    errno.ETIMEDOUT: phrase("it does not answer"),
}
_CERTIFICATE_HINTS = {  # by OpenSSL's codes; of an unknown authority the error's own hint speaks
    9: phrase("It is not valid yet: check this computer's clock."),
    10: phrase("It has expired: check this computer's clock; else whoever runs the server must renew it."),
    62: phrase("It is for another host: check the address for a slip, and do not go on if it is right."),
    64: phrase("It is for another address: check it for a slip, and do not go on if it is right."),
}
_WINDOWS_REASONS = {
    10061: phrase("nothing listens there"),
    10065: phrase("there is no route to it"),
    10051: phrase("the network is down"),
}


def connect_error(error: BaseException, host: str, proxy: str = "") -> ProviderError:
    """The error for a request that got no response. `proxy` is the host of the proxy on the way, if any."""
    import aiohttp

    error = _innermost(error)
    if isinstance(error, (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)):
        return _proxy_error(error, host, proxy)
    tls = _tls_error(error)
    if tls is not None:
        return _tls_failed(tls, host)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        if proxy:
            return ProxyFailed(phrase("The proxy {proxy} cannot be found.", proxy=proxy))
        return NameNotResolved(phrase("The host {host} cannot be found.", host=host))
    if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
        return AddressInvalid(phrase("{host} is not an address of a server.", host=host))
    if isinstance(error, asyncio.TimeoutError):
        return ConnectTimeout(phrase("{host} did not take the connection in time.", host=host))
    if isinstance(error, aiohttp.ClientResponseError):
        return AnswerUnreadable(
            phrase("{host} does not answer in HTTP.", host=host), hint=phrase("Check the address and its port.")
        )
    if isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError)) and not (
        isinstance(error, aiohttp.ClientConnectorError)
    ):
        return ConnectFailed(phrase("{host} closed the connection before it answered.", host=host))
    return ConnectFailed(phrase("{host} cannot be reached: {reason}.", host=host, reason=reason(error)))


def body_error(error: BaseException, host: str) -> ProviderError:
    """The error for a connection that broke while the body was read."""
    import aiohttp

    error = _innermost(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return AnswerUnreadable(phrase("{host} broke the rules of HTTP in its answer.", host=host))
    return Interrupted(phrase("The connection to {host} broke in the middle of the answer.", host=host))


def _innermost(error: BaseException) -> BaseException:
    """What azure-core's own errors wrap."""
    inner = getattr(error, "inner_exception", None)
    return inner if isinstance(inner, BaseException) else error


def _tls_error(error: BaseException) -> BaseException | None:
    import aiohttp

    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return error
    return error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else None


def _tls_failed(error: BaseException, host: str) -> TlsFailed:
    # aiohttp's own errors are SSLErrors too, but only what they wrap tells why
    inner = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(inner, ssl.CertificateError):
        reason = getattr(inner, "verify_message", "") or "it cannot be verified"
        return TlsFailed(
            phrase("The certificate of {host} was refused: {reason}.", host=host, reason=reason.rstrip(".")),
            hint=_CERTIFICATE_HINTS.get(getattr(inner, "verify_code", 0), ""),
        )
    if getattr(inner, "reason", "") in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
        return TlsFailed(
            phrase("{host} does not speak TLS on this port.", host=host), hint=phrase("Check the address's port.")
        )
    return TlsFailed(phrase("No secure connection to {host} could be made.", host=host))


def _proxy_error(error: BaseException, host: str, proxy: str) -> ProxyFailed:
    status = getattr(error, "status", None)
    named = f"The proxy {proxy}" if proxy else "The proxy"
    if status == 407:
        return ProxyFailed(phrase("{named} asks for a sign-in (407).", named=named), status=407)
    if isinstance(status, int):
        return ProxyFailed(
            phrase(
                "{named} does not pass the connection to {host} on ({status}).", named=named, host=host, status=status
            ),
            status=status,
        )
    return ProxyFailed(phrase("{named} cannot be reached: {reason}.", named=named, reason=reason(error)))


def reason(error: BaseException) -> str:
    """Why a connection could not be made, in a few words."""
    number = getattr(error, "errno", None)
    if not isinstance(number, int):
        return "the connection failed"
    return _REASONS.get(number) or _WINDOWS_REASONS.get(number) or f"the connection failed (error {number})"
