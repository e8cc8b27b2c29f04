"""Child process that decodes attachments: no network, no secrets, little memory, and killed if it takes too long."""

from __future__ import annotations

import sys

import msgspec

from desktop.attachments.decode_wire import (
    MOST_FRAME,
    Decoded,
    DecodeProgress,
    DecodeRefusal,
    DecodeReply,
    DecodeRequest,
    NotDecoded,
    Reason,
    SoFar,
    encode,
    parse_request,
)
from desktop.attachments.media_kind import MediaKind
from desktop.system.child_bounds import serve, write_frame
from desktop.text.token_estimate import estimate_tokens


def main() -> int:
    """Serve requests until stdin closes. Returns the exit status."""
    return serve(parse_request, _reply, most=MOST_FRAME, writes_files=False)


def decode(request: DecodeRequest) -> Decoded:
    """Decode an attachment. Raises NotDecoded, and any error of the decoding libraries."""
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
                lambda done, of: write_frame(encode(DecodeProgress(done, of))),
                lambda decoded: write_frame(encode(SoFar(_counted(decoded)))),
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


def _reply(request: DecodeRequest) -> bytes:
    return encode(_decoded(request))


def _decoded(request: DecodeRequest) -> DecodeReply:
    try:
        return _counted(decode(request))
    except NotDecoded as error:
        return DecodeRefusal(error.reason, type(error.__cause__).__name__ if error.__cause__ else "")
    except MemoryError:
        return DecodeRefusal(Reason.TOO_LARGE)
    except Exception as error:  # noqa: BLE001 - no error of a library may end the child
        return DecodeRefusal(Reason.FAILED, type(error).__name__)


def _counted(decoded: Decoded) -> Decoded:
    return msgspec.structs.replace(decoded, tokens=estimate_tokens(decoded.text))


if __name__ == "__main__":
    sys.exit(main())
