"""Files that are named in the terminal to go with a prompt."""

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
    """Files that go with a prompt, in order. Raises AttachmentRefused, UsageError, StoreError."""
    require_room(services, len(names), 0)
    found = [await read(services, name, keep=keep) for name in names]
    require_room(services, len(found), sum(each.size for each in found))
    return [each.part for each in found]


def require_room(services: ConsoleServices, files: int, size: int) -> None:
    """Go on where a prompt takes so many files of so many bytes. Raises UsageError."""
    limits = services.attachments.limits()
    if files > limits.files:
        raise UsageError(english(f"A prompt can have at most {limits.files} files."))
    if size > limits.prompt_bytes:
        raise UsageError(english(f"The files of a prompt can have {limits.prompt_bytes >> 20} MB in total."))


async def read(services: ConsoleServices, name: str, *, keep: bool) -> Attachment:
    """One file, with its pages counted on a terminal as they are read."""

    def tell(done: int, of: int) -> None:
        """Pages that are read."""
        if services.console.fancy:
            services.console.status(f"reading {name}, page {done} of {of}")

    return await services.attachments.read(Path(name), tell, keep=keep)


def described(attachment: Attachment, taken: Taken) -> str:
    """A file, and what a model gets of it."""
    pages = f", {attachment.decoded.pages} pages" if attachment.decoded.pages > 1 else ""
    cut = ", cut" if attachment.decoded.cut else ""
    size = f"{attachment.size / 1000:,.0f} kB" if attachment.size >= 1000 else f"{attachment.size} bytes"
    return f"{attachment.name} ({size}{pages}{cut}): the model {_SAID[sent_as(attachment, taken)]}"
