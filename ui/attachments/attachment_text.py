"""Text for attachments: size, pages, and what each model receives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop.catalog.catalog_entry import Entry
from desktop.domain.message_parts import FilePart, ImagePart
from ui.attachments.files_asked import GivenForm, GivenModel
from ui.base.strings import decimal, files_text, number_text, tr, trn

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment
    from desktop.attachments.sent_forms import Taken
    from ui.attachments.attached_looks import AttachedLook

ICONS = {"image": "image", "text": "file-text", "application": "file-text", "message": "mail"}


def size_text(size: int) -> str:
    """Format a file size, such as "640 kB"."""
    if size < 1_000:
        return trn("{n} byte", "{n} bytes", size)
    if size < 1_000_000:
        return tr("{n} kB", n=number_text(round(size / 1_000)))
    return tr("{n} MB", n=decimal(size / 1_000_000, 1))


def facts_text(part: ImagePart | FilePart, look: AttachedLook | None) -> str:
    """Return a file's size and number of pages, or a note that the file is missing."""
    attachment = look.attachment if look is not None else None
    if look is not None and attachment is None:
        return tr("cannot be read right now") if look.unread else tr("no longer exists")
    pages = attachment.decoded.pages if attachment is not None else 0
    said = [size_text(part.size)] if part.size else []
    if pages > 1:
        said.append(trn("{n} page", "{n} pages", pages))
    if attachment is not None and attachment.decoded.cut:
        said.append(tr("truncated"))
    return " · ".join(said)


def icon_name(part: ImagePart | FilePart) -> str:
    """Return the name of the icon for a file that has no preview image."""
    return ICONS.get(part.media_type.partition("/")[0], "file-text")


def given_text(attachments: Sequence[Attachment], taken: Taken) -> tuple[str, bool]:
    """Describe what a model receives of files, and return whether it receives nothing of any of them."""
    from desktop.attachments.sent_forms import SentAs, sent_as  # late: most prompts have no files

    words = {
        SentAs.PICTURE: tr("sees {names}"),
        SentAs.PAGES: tr("sees the pages of {names}"),
        SentAs.FILE: tr("receives {names} as a file"),
        SentAs.TEXT: tr("receives the text of {names}"),
        SentAs.NOTHING: tr("cannot read {names}: not sent"),
    }
    by_form: dict[SentAs, list[str]] = {}
    for each in attachments:
        by_form.setdefault(sent_as(each, taken), []).append(each.name)
    if len(by_form.get(SentAs.FILE, ())) > 1:
        words[SentAs.FILE] = tr("receives {names} unchanged")
    said = [words[form].format(names=files_text(names)) for form, names in by_form.items()]
    return " · ".join(said), SentAs.NOTHING in by_form


def given_form(attachment: Attachment, models: Sequence[GivenModel]) -> GivenForm:
    """Describe what models receive of a file, grouped by equal descriptions."""
    by_text: dict[str, list[str]] = {}
    lacks, most = False, 0
    for model in models:
        said, nothing = given_text([attachment], model.taken)
        by_text.setdefault(said, []).append(model.name)
        lacks = lacks or nothing
        most = max(most, tokens_of([attachment], model.entry))
    if len(by_text) == 1:
        return GivenForm(next(iter(by_text)), lacks, most)
    named = (f"{', '.join(dict.fromkeys(names))}: {text}." for text, names in by_text.items())
    return GivenForm(" ".join(named), lacks, most)


def tokens_of(attachments: Sequence[Attachment], entry: Entry) -> int:
    """Estimate the tokens of files for a model."""
    from desktop.attachments.sent_forms import Taken, sent_as, tokens

    taken = Taken(entry.vision, entry.files, entry.wire)
    name = entry.id or entry.name
    return sum(tokens(each, sent_as(each, taken), name) for each in attachments)
