"""Receipt of a response: the request as sent, without the key, and the metadata returned with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from desktop.domain.conversation_types import Value

KEY = "$PARAGONE_KEY"
"""Placeholder for the key."""

MARK = "paragone:"
"""Default prefix of references within a text; another one is used if the request itself contains it."""

_NO_HEADERS: Mapping[str, str] = {}


class EarlierTry(Value, frozen=True, kw_only=True):
    """An attempt that failed before the successful request: the reason, and the seconds waited afterwards."""

    reason: str
    wait_s: float


class SentFileForm(StrEnum):
    """Form in which an attachment is sent. The values are stored with receipts and must not change."""

    BYTES = "bytes"  # the file itself, in base64
    PICTURE = "picture"  # an image made from the file, in base64
    TEXT = "text"  # the text of the file, below its name


class SentFile(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An attachment in a request, located by `digest`, the SHA-256 of its text in the request.

    `sha256` is the hash of the file, `name` is the name under which it was sent, and `picture` is the index of an
    image.
    """

    digest: str
    sha256: str
    media_type: str
    name: str
    form: SentFileForm
    picture: int = 0


class Receipt(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Stored beside a response and shown only to its user, because it contains the address.

    `body` is the JSON that was sent, with references instead of stored message texts and attachments; see `references`
    for these and for `mark`. `files` are the referenced attachments, `check` is the CRC-32 of the complete body.
    `headers` are request headers, `answered` are the response headers worth storing; all names are in lower case.
    `program` is the version of Paragone.
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
