"""A desk whose child decodes for real, over a keeper in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop.attachments.attachment import Attachment
from desktop.attachments.attachment_desk import AttachmentDesk
from desktop.attachments.decoder import Decoder
from desktop.domain.message_parts import FilePart, ImagePart
from main import DECODE_SWITCH, child_command


class MemoryKeeper:
    """Keeps files in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Attachment, bytes]] = {}
        self.brought: dict[str, bytes] = {}

    async def keep(self, attachment: Attachment, data: bytes) -> None:
        self.kept[attachment.sha256] = (attachment, data)

    async def find(self, part: ImagePart | FilePart) -> Attachment | None:
        return self.kept[part.sha256][0] if part.sha256 in self.kept else None

    async def describe(self, attachment: Attachment) -> None:
        self.kept[attachment.sha256] = (attachment, self.brought[attachment.sha256])

    async def data(self, sha256: str) -> bytes | None:
        return self.kept[sha256][1] if sha256 in self.kept else self.brought.get(sha256)


@pytest.fixture
def keeper() -> MemoryKeeper:
    return MemoryKeeper()


@pytest.fixture
async def desk(keeper: MemoryKeeper) -> AsyncIterator[AttachmentDesk]:
    async def kept() -> MemoryKeeper:
        return keeper

    made = AttachmentDesk(Decoder(child_command(DECODE_SWITCH)), kept)
    yield made
    await made.aclose()
