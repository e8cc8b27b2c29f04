"""Form in which a model receives an attachment: image, file, text, or not at all. Pure functions."""

from __future__ import annotations

import math
import re
from enum import StrEnum

from msgspec import Struct

from desktop.attachments.attachment import Attachment
from desktop.attachments.media_kind import MediaKind
from desktop.domain.conversation_types import Wire

_TILE, _BASE, _EACH = 512, 85, 170
_SHORT, _LONG = 768, 2_048


def picture_tokens(width: int, height: int, model: str) -> int:
    """Return the number of tokens for an image of this size in pixels."""
    if "claude" in model.casefold():
        return _by_area(width, height)
    if model.casefold().startswith(("gpt", "o1", "o3", "o4")):
        return _by_tiles(width, height)
    return _by_area(width, height)


def _by_area(width: int, height: int) -> int:
    """Return Anthropic's count: one token per 750 pixels of the image, after scaling it down to 1,568 pixels."""
    scale = min(1.0, 1_568 / max(width, height, 1))
    return math.ceil(width * scale * height * scale / 750)


def _by_tiles(width: int, height: int) -> int:
    """Return OpenAI's count of tiles of 512 after scaling: into a square of 2,048, then the shorter side to 768."""
    scale = min(1.0, _LONG / max(width, height, 1))
    scale *= min(1.0, _SHORT / max(min(width, height) * scale, 1))
    across, down = (math.ceil(max(side * scale, 1) / _TILE) for side in (width, height))
    return _BASE + _EACH * across * down


_TICKS = re.compile("`+")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#-]{1,20}")


class SentAs(StrEnum):
    """Forms in which a model receives an attachment."""

    PICTURE = "picture"
    PAGES = "pages"  # the pages of a scan, as images
    FILE = "file"
    TEXT = "text"
    NOTHING = "nothing"


class Taken(Struct, frozen=True):
    """Abilities of a model: whether it accepts images and files (None if unknown), and its API format.

    `kinds` are the file kinds that may be sent at all, or None for all of them.
    """

    vision: bool | None = None
    files: bool | None = None
    wire: Wire = Wire.CHAT
    kinds: tuple[MediaKind, ...] | None = None


def sent_as(attachment: Attachment, abilities: Taken) -> SentAs:
    """Return the form in which a model receives an attachment.

    If an ability is unknown, the model counts as having it.
    """
    decoded = attachment.decoded
    if abilities.kinds is not None and attachment.media.kind not in abilities.kinds:
        return SentAs.NOTHING
    sees = abilities.vision is not False
    if attachment.media.kind is MediaKind.PICTURE:
        return SentAs.PICTURE if sees and decoded.pictures else SentAs.NOTHING
    if attachment.media.kind is MediaKind.PDF:
        if abilities.wire in (Wire.RESPONSES, Wire.MESSAGES) and abilities.files is not False:
            return SentAs.FILE
        if decoded.text.strip():
            return SentAs.TEXT
        return SentAs.PAGES if sees and decoded.pictures else SentAs.NOTHING
    return SentAs.TEXT if decoded.text.strip() else SentAs.NOTHING


def fenced(name: str, text: str) -> str:
    """Return an attachment's text for a prompt: under its name, in a fence that nothing in the text can close."""
    longest = max((len(found[0]) for found in _TICKS.finditer(text)), default=0)
    fence = "`" * max(3, longest + 1)
    suffix = name.rpartition(".")[2] if "." in name else ""
    language = suffix if _LANGUAGE.fullmatch(suffix) else ""
    return f"{name}\n{fence}{language}\n{text.rstrip()}\n{fence}"


def tokens(attachment: Attachment, form: SentAs, model: str) -> int:
    """Return an estimate of the tokens of an attachment in the given form."""
    decoded = attachment.decoded
    if form in (SentAs.PICTURE, SentAs.PAGES):
        return sum(picture_tokens(each.width, each.height, model) for each in decoded.pictures)
    if form is SentAs.NOTHING:
        return 0
    return decoded.tokens + (0 if form is SentAs.TEXT else 258 * decoded.pages)
