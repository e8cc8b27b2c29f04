"""A receipt: the request of an answer as it was sent, without the key, and what came back about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from desktop.domain.conversation_types import Value

KEY = "$PARAGONE_KEY"
"""What stands where the key stood."""

MARK = "paragone:"
"""What references within a text begin with, but where a request says that itself."""

_NO_HEADERS: Mapping[str, str] = {}


class EarlierTry(Value, frozen=True, kw_only=True):
    """A request that was refused before the one that was answered: why, and the seconds that were waited then."""

    reason: str
    wait_s: float


class SentFileForm(StrEnum):
    """What of an attached file stood in a request; the values are kept with receipts: they stay."""

    BYTES = "bytes"  # the file itself, in base64
    PICTURE = "picture"  # a picture that was made of it, in base64
    TEXT = "text"  # what it says, under its name


class SentFile(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An attached file of which something stood in a request: there its `digest` stands, the SHA-256 of that text.

    `sha256` is that of the file, `name` the one under which it was sent, `picture` the number of a picture, from 0.
    """

    digest: str
    sha256: str
    media_type: str
    name: str
    form: SentFileForm
    picture: int = 0


class Receipt(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Kept beside an answer, and shown to nobody but its user: it has the address.

    `body` is the JSON that was sent, in which texts of messages that are kept and what is attached to them stand by
    reference: see references for that and for `mark`. `files` are those that it refers to, `check` is the CRC-32 of the
    whole.
    `headers` are those that were sent, `answered` those of the reply that are worth keeping; in lower case. `program`
    is the version that sent it.
    """

    at: datetime
    program: str = ""
    wire: str
    url: str
    headers: Mapping[str, str] = _NO_HEADERS
    body: str
    mark: str = MARK
    check: int | None = None
    files: tuple[SentFile, ...] = ()
    tries: tuple[EarlierTry, ...] = ()
    answered: Mapping[str, str] = _NO_HEADERS
    server_model: str = ""
    fingerprint: str = ""
