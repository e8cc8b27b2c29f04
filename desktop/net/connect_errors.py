"""Conversion of errors of aiohttp and azure-core to Paragone's errors, with messages that name the host."""

from __future__ import annotations

import asyncio
import errno
import ssl

from msgspec import Struct

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
from desktop.net.origin import host_of, is_loopback
from desktop.net.proxies import not_passed_on, sign_in_wanted
from desktop.system import process_resources
from desktop.text.phrases import NOTHING, Phrase, phrase


class Fault(Struct, frozen=True):
    """A certificate error and its hint; an empty hint stands for the hint of the error class."""

    message: Phrase
    hint: Phrase = NOTHING


NOT_YET = Fault(phrase("The certificate for {host} is not valid yet."), phrase("Check this computer's clock."))
EXPIRED = Fault(
    phrase("The certificate for {host} has expired."),
    phrase(
        "Check this computer's clock. If the clock is correct, ask the server's administrator to renew the certificate."
    ),
)
ANOTHERS = Fault(
    phrase("{host} presented a certificate for another host."),
    phrase("Check the spelling of the address. If the address is correct, do not continue."),
)
SELF_SIGNED = Fault(
    phrase("The certificate for {host} is self-signed."),
    phrase("If this is your own server, set `network.ca_file` to its certificate. Otherwise, do not continue."),
)
UNKNOWN = Fault(phrase("The certificate for {host} was issued by an authority that this computer does not trust."))
REVOKED = Fault(
    phrase("The certificate for {host} has been revoked."),
    phrase("Do not continue: the server's administrator must replace the certificate."),
)

# OpenSSL: x509_vfy.h. Windows: winerror.h (CERT_E_…). macOS: SecBase.h (errSec…).
_FAULTS = {
    **dict.fromkeys((9, -67819), NOT_YET),
    **dict.fromkeys((10, 0x800B0101, -67818), EXPIRED),
    **dict.fromkeys((62, 64, 0x800B010F, -67602), ANOTHERS),
    **dict.fromkeys((18,), SELF_SIGNED),
    **dict.fromkeys((2, 19, 20, 21, 0x800B0109, 0x800B010A, 0x800B0112, -67843), UNKNOWN),
    **dict.fromkeys((23, 0x800B010C, 0x80092010, -67820), REVOKED),
}


def certificate_refused(error: ssl.CertificateError, host: str) -> TlsFailed:
    """Return the error for the rejected certificate of a host."""
    fault = _FAULTS.get(getattr(error, "verify_code", 0))
    if fault is not None:
        return TlsFailed(phrase(fault.message.template, host=host), hint=fault.hint)
    reason = getattr(error, "verify_message", "") or phrase("it cannot be verified")
    return TlsFailed(phrase("The certificate for {host} was rejected: {reason}.", host=host, reason=reason.rstrip(".")))


_REASONS = {
    errno.ECONNREFUSED: phrase("nothing is listening on this port"),
    errno.EHOSTUNREACH: phrase("there is no route to the host"),
    errno.ENETUNREACH: phrase("the network is not reachable"),
    errno.ECONNRESET: phrase("the server closed the connection"),
    errno.ETIMEDOUT: phrase("no response"),
}
_WINDOWS_REASONS = {
    10061: phrase("nothing is listening on this port"),
    10065: phrase("there is no route to the host"),
    10051: phrase("the network is down"),
}


def connect_error(error: BaseException, host: str, proxy: str = "") -> ProviderError:
    """Return the error for a request without a response.

    Args:
        error: Exception raised by the HTTP library.
        host: The server, for the message.
        proxy: The host of the proxy, if any.
    """
    import aiohttp

    error = _innermost(error)
    by_name = isinstance(error, aiohttp.ClientConnectorDNSError)
    if process_resources.are_spent(error) or (by_name and process_resources.none_is_left()):
        return nothing_to_open(host)
    if isinstance(error, (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)):
        return _proxy_error(error, host, proxy)
    tls = _tls_error(error)
    if tls is not None:
        return _tls_failed(tls, proxy if proxy and _is_about(tls, proxy) else host)
    if by_name:
        if proxy:
            return ProxyFailed(phrase("The proxy {proxy} was not found.", proxy=proxy))
        return NameNotResolved(phrase("The host {host} was not found.", host=host))
    if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
        return AddressInvalid(phrase("{host} is not a valid server address.", host=host))
    if isinstance(error, asyncio.TimeoutError):
        if proxy:
            return ConnectTimeout(
                phrase("The proxy {proxy} did not connect to {host} in time.", proxy=proxy, host=host)
            )
        return ConnectTimeout(phrase("{host} did not accept the connection in time.", host=host))
    if isinstance(error, aiohttp.ClientResponseError):
        return AnswerUnreadable(
            phrase("{host} does not speak HTTP.", host=host), hint=phrase("Check the address and the port.")
        )
    if isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError)) and not (
        isinstance(error, aiohttp.ClientConnectorError)
    ):
        if proxy:
            return ConnectFailed(
                phrase(
                    "The connection through the proxy {proxy} was closed before {host} responded.",
                    proxy=proxy,
                    host=host,
                )
            )
        return ConnectFailed(phrase("{host} closed the connection before responding.", host=host))
    return _unreachable(error, host)


def _unreachable(error: BaseException, host: str) -> ConnectFailed:
    if getattr(error, "errno", None) == errno.ENETUNREACH and is_loopback(host_of(f"http://{host}")):
        return ConnectFailed(
            phrase("{host} is not reachable: this computer's loopback network is down.", host=host),
            hint=phrase("The embedded model and servers on this computer need it. Turn on the interface lo."),
        )
    return ConnectFailed(phrase("{host} is not reachable: {reason}.", host=host, reason=reason(error)))


def nothing_to_open(host: str) -> ConnectFailed:
    """Return the error for a connection that cannot be opened because too many files are open."""
    return ConnectFailed(
        phrase("{host} is not reachable: too many files and connections are open.", host=host),
        hint=phrase("Close panes or other programs, or raise the system's limit (`ulimit -n` shows it)."),
    )


def body_error(error: BaseException, host: str) -> ProviderError:
    """Return the error for a connection that was lost while the body was being read."""
    import aiohttp

    error = _innermost(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return AnswerUnreadable(phrase("{host} sent an invalid HTTP response.", host=host))
    return Interrupted(phrase("The connection to {host} was lost in the middle of the response.", host=host))


def _innermost(error: BaseException) -> BaseException:
    """Return the exception wrapped by an azure-core error; return any other exception unchanged."""
    inner = getattr(error, "inner_exception", None)
    return inner if isinstance(inner, BaseException) else error


def _tls_error(error: BaseException) -> BaseException | None:
    import aiohttp

    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return error
    return error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else None


def _is_about(error: BaseException, proxy: str) -> bool:
    """Whether an error concerns the certificate of an HTTPS proxy itself."""
    host, port = getattr(error, "host", None), getattr(error, "port", None)
    return proxy in {host, f"{host}:{port}", f"[{host}]:{port}"}


def _tls_failed(error: BaseException, host: str) -> TlsFailed:
    # aiohttp's own errors are SSLErrors too, but only the wrapped one has the reason
    inner = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(inner, ssl.CertificateError):
        return certificate_refused(inner, host)
    if getattr(inner, "reason", "") in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
        return TlsFailed(
            phrase("{host} does not speak TLS on this port.", host=host), hint=phrase("Check the port in the address.")
        )
    return TlsFailed(phrase("A secure connection to {host} could not be established.", host=host))


def _proxy_error(error: BaseException, host: str, proxy: str) -> ProxyFailed:
    import aiohttp

    if not isinstance(error, aiohttp.ClientHttpProxyError):
        return ProxyFailed(phrase("The proxy {proxy} is not reachable: {reason}.", proxy=proxy, reason=reason(error)))
    if error.status == 407:
        challenges = error.headers.getall("Proxy-Authenticate", ()) if error.headers else ()
        return sign_in_wanted(proxy, challenges, signed_in="Proxy-Authorization" in error.request_info.headers)
    return not_passed_on(proxy, host, error.status)


def reason(error: BaseException) -> str:
    """Return a short reason why a connection failed."""
    number = getattr(error, "errno", None)
    if not isinstance(number, int):
        return phrase("the connection failed")
    known = _REASONS.get(number) or _WINDOWS_REASONS.get(number)
    return known or phrase("the connection failed (error {number})", number=number)
