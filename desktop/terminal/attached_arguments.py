"""Attachments named on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop.attachments.attachment import Attachment
from desktop.attachments.sent_forms import SentAs, Taken, sent_as
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import UsageError
from desktop.terminal.console_services import ConsoleServices
from desktop.text.phrases import english

_SAID = {
    SentAs.PICTURE: "sees it",
    SentAs.PAGES: "sees its pages",
    SentAs.FILE: "receives the file",
    SentAs.TEXT: "receives its text",
    SentAs.NOTHING: "cannot read it: not sent",
}


async def attached(services: ConsoleServices, names: Sequence[str], *, keep: bool) -> list[ImagePart | FilePart]:
    """Return the attachments of a prompt, in order.

    Raises:
        AttachmentRefused: If a file cannot be attached.
        UsageError: If there are too many or they are too large.
        StoreError: If a file cannot be stored.
    """
    require_room(services, len(names), 0)
    attachments = [await read(services, name, keep=keep) for name in names]
    require_room(services, len(attachments), sum(each.size for each in attachments))
    return [each.part for each in attachments]


def require_room(services: ConsoleServices, files: int, size: int) -> None:
    """Check that a prompt may have this many files and bytes.

    Raises:
        UsageError: If there are too many files or bytes.
    """
    limits = services.attachments.limits()
    if files > limits.files:
        raise UsageError(english(f"A prompt can have at most {limits.files} files."))
    if size > limits.prompt_bytes:
        raise UsageError(english(f"The files of a prompt can have {limits.prompt_bytes >> 20} MB in total."))


async def read(services: ConsoleServices, name: str, *, keep: bool) -> Attachment:
    """Return one attachment. On a terminal, show progress by page while reading."""

    def tell(done: int, of: int) -> None:
        """Show the page that is being read."""
        if services.console.fancy:
            services.console.status(f"reading {name}, page {done} of {of}")

    return await services.attachments.read(Path(name), tell, keep=keep)


def described(attachment: Attachment, taken: Taken) -> str:
    """Return a description of a file, and of the content that a model receives."""
    pages = f", {attachment.decoded.pages} pages" if attachment.decoded.pages > 1 else ""
    cut = ", cut" if attachment.decoded.cut else ""
    size = f"{attachment.size / 1000:,.0f} kB" if attachment.size >= 1000 else f"{attachment.size} bytes"
    return f"{attachment.name} ({size}{pages}{cut}): the model {_SAID[sent_as(attachment, taken)]}"
