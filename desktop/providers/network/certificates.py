"""Why a server's certificate was refused, in a sentence with its cure; by the codes of OpenSSL, Windows and macOS."""

from __future__ import annotations

import ssl

from msgspec import Struct

from desktop.errors import TlsFailed
from desktop.phrases import NOTHING, Phrase, phrase


class Fault(Struct, frozen=True):
    """What is wrong with a certificate, and what to do. An empty hint stands for the error's own."""

    message: Phrase
    hint: Phrase = NOTHING


NOT_YET = Fault(phrase("The certificate of {host} is not valid yet."), phrase("Check this computer's clock."))
EXPIRED = Fault(
    phrase("The certificate of {host} has expired."),
    phrase("Check this computer's clock. If it is right, ask the server's administrator to renew the certificate."),
)
ANOTHERS = Fault(
    phrase("The certificate of {host} is for another host."),
    phrase("Check the spelling of the address. If it is right, do not continue."),
)
SELF_SIGNED = Fault(
    phrase("The certificate of {host} is self-signed."),
    phrase("If the server is your own, set `network.ca_file` to its certificate. Otherwise do not continue."),
)
UNKNOWN = Fault(phrase("The certificate of {host} is from an authority that this computer does not trust."))
REVOKED = Fault(
    phrase("The certificate of {host} has been revoked."),
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
    """The error for a certificate that was refused, `host` being whose it should be."""
    fault = _FAULTS.get(getattr(error, "verify_code", 0))
    if fault is not None:
        return TlsFailed(phrase(fault.message.template, host=host), hint=fault.hint)
    reason = getattr(error, "verify_message", "") or phrase("it cannot be verified")
    return TlsFailed(phrase("The certificate of {host} was refused: {reason}.", host=host, reason=reason.rstrip(".")))
