"""Limits of attachments: size, number and kinds, and the size to which images are scaled down."""

from __future__ import annotations

from msgspec import Struct

from desktop.attachments.media_kind import MediaKind
from desktop.errors import PolicyForbids
from desktop.settings.policy import ATTACHMENT_KINDS, ATTACHMENTS
from desktop.settings.schema import (
    LARGEST_ATTACHMENT,
    LONGEST_PICTURE_SIDE,
    MOST_ATTACHED,
    MOST_ATTACHMENTS,
)
from desktop.settings.values import Settings
from desktop.text.phrases import Phrase, phrase

MOST_BYTES = 50 << 20
"""Maximum size of one file, which no setting can exceed."""

MOST_FILES = 100
"""Maximum number of files in one prompt."""

MOST_PROMPT_BYTES = 512 << 20
"""Maximum total size of the files in one prompt."""

LONGEST_SIDE = 2_048
"""Default for the longer side of images sent to models, in pixels."""

_KINDS = {
    "pictures": MediaKind.PICTURE,
    "pdf": MediaKind.PDF,
    "documents": MediaKind.OFFICE,
    "text": MediaKind.TEXT,
}
"""Names of file kinds in policies."""

_NOT_ALLOWED = {
    MediaKind.PICTURE: phrase("Your organization does not allow attaching images."),
    MediaKind.PDF: phrase("Your organization does not allow attaching PDFs."),
    MediaKind.OFFICE: phrase("Your organization does not allow attaching documents, spreadsheets or presentations."),
    MediaKind.TEXT: phrase("Your organization does not allow attaching text files."),
}


class AttachmentLimits(Struct, frozen=True):
    """Limits in effect, in bytes and pixels. `kinds` are the ones that may be attached and sent, or None for all."""

    file_bytes: int = MOST_BYTES
    files: int = MOST_FILES
    prompt_bytes: int = MOST_PROMPT_BYTES
    side: int = LONGEST_SIDE
    kinds: tuple[MediaKind, ...] | None = None
    who: Phrase = phrase("Ask your administrator.")
    """Who restricts the kinds, as a hint for the user."""

    def require(self, kind: MediaKind | None = None) -> None:
        """Check that a kind may be attached, or any kind at all if None. Raises PolicyForbids."""
        if self.kinds is None or (kind is None and self.kinds) or kind in self.kinds:
            return
        said = _NOT_ALLOWED.get(kind) if kind is not None and self.kinds else None
        raise PolicyForbids(said or phrase("Your organization does not allow attaching files."), hint=self.who)


def limits_of(settings: Settings) -> AttachmentLimits:
    """Return the limits from the settings and the organization's policy."""
    policy = settings.policy
    named = policy.get(ATTACHMENT_KINDS)
    kinds = None if named is None else tuple(kind for name, kind in _KINDS.items() if name in named)
    is_off = not policy.get(ATTACHMENTS)
    return AttachmentLimits(
        file_bytes=settings.get(LARGEST_ATTACHMENT) << 20,
        files=settings.get(MOST_ATTACHMENTS),
        prompt_bytes=settings.get(MOST_ATTACHED) << 20,
        side=settings.get(LONGEST_PICTURE_SIDE),
        kinds=() if is_off else kinds,
        who=policy.who_says(ATTACHMENTS) if is_off else policy.who_says(ATTACHMENT_KINDS),
    )
