"""A receipt: the request of an answer as it was sent, without the key, and what came back about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from desktop.domain import Value

KEY = "$PARAGONE_KEY"
"""What stands where the key stood."""

_NO_HEADERS: Mapping[str, str] = {}


class EarlierTry(Value, frozen=True, kw_only=True):
    """A request that was refused before the one that was answered: why, and the seconds that were waited then."""

    reason: str
    wait_s: float


class Receipt(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Kept beside an answer, and shown to nobody but its user: it has the address.

    `body` is the JSON that was sent, in which texts of messages that are kept stand by reference (see references), but
    where it is `whole`.
    `headers` are those that were sent, `answered` those of the reply that are worth keeping; in lower case. `program`
    is the version that sent it.
    """

    at: datetime
    program: str = ""
    wire: str
    url: str
    headers: Mapping[str, str] = _NO_HEADERS
    body: str
    whole: bool = False
    tries: tuple[EarlierTry, ...] = ()
    answered: Mapping[str, str] = _NO_HEADERS
    server_model: str = ""
    fingerprint: str = ""
