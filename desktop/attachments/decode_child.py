"""What runs in the child that decodes files: one request after the other on stdin, replies on stdout, until it closes.

It has neither network nor secrets, no more memory than it needs, and is killed when it is late.
"""

from __future__ import annotations

import os
import sys

import msgspec

from desktop.attachments.decode_wire import (
    MOST_FRAME,
    READY,
    Decoded,
    DecodeProgress,
    DecodeRefusal,
    DecodeReply,
    DecodeRequest,
    NotDecoded,
    Reason,
    SoFar,
    framed,
    request_of,
)
from desktop.attachments.media_kind import MediaKind
from desktop.system import child_bounds
from desktop.text.token_estimate import estimate_tokens

ENDS_S = 30.0
"""A request that takes longer ends the child by itself, where nobody is left to end it."""


def main() -> int:
    """Serve until stdin closes; 0 then, 2 after what is no request."""
    child_bounds.bind(writes_files=False)
    _write(READY)
    while (data := _frame()) is not None:
        with child_bounds.ended_after(ENDS_S):
            try:
                request = request_of(data)
            except msgspec.DecodeError:
                return 2
            reply = _reply(request)
            del request, data
        _write(framed(reply))
    return 0


def decode(request: DecodeRequest) -> Decoded:
    """What comes of a file. Raises NotDecoded, and whatever the libraries do."""
    match request.kind:
        case MediaKind.OTHER:
            raise NotDecoded(Reason.DAMAGED)
        case MediaKind.PICTURE:
            from desktop.attachments.picture_decoder import picture

            return picture(request.data, request.side)
        case MediaKind.PDF if request.page >= 0:
            from desktop.attachments.pdf_decoder import pdf_page

            return pdf_page(request.data, request.page)
        case MediaKind.PDF:
            from desktop.attachments.pdf_decoder import pdf

            return pdf(
                request.data,
                lambda done, of: _write(framed(DecodeProgress(done, of))),
                lambda decoded: _write(framed(SoFar(_counted(decoded)))),
            )
        case MediaKind.OFFICE:
            from desktop.attachments.office_decoder import office

            return office(request.data)
        case MediaKind.TEXT:
            if request.media_type == "message/rfc822":
                from desktop.attachments.mail_decoder import mail

                return mail(request.data)
            from desktop.attachments.text_decoder import text

            return text(request.data)


def _reply(request: DecodeRequest) -> DecodeReply:
    try:
        return _counted(decode(request))
    except NotDecoded as error:
        return DecodeRefusal(error.reason, type(error.__cause__).__name__ if error.__cause__ else "")
    except MemoryError:
        return DecodeRefusal(Reason.TOO_LARGE)
    except Exception as error:  # noqa: BLE001 - a library's own error, whichever, must not end the child
        return DecodeRefusal(Reason.FAILED, type(error).__name__)


def _counted(decoded: Decoded) -> Decoded:
    return msgspec.structs.replace(decoded, tokens=estimate_tokens(decoded.text))


def _frame() -> bytes | None:
    """The next frame; None at the end, or where it is longer than any that is sent."""
    head = _read(4)
    size = int.from_bytes(head or b"", "big")
    if head is None or size > MOST_FRAME:
        return None
    return _read(size)


def _read(size: int) -> bytes | None:
    held = bytearray()
    while len(held) < size:
        data = os.read(0, min(size - len(held), 1 << 20))
        if not data:
            return None
        held += data
    return bytes(held)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    sys.exit(main())
