"""Checks of the self-test that read and write files: attachments, and exports as DOCX and PDF."""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from pathlib import Path

from msgspec import structs

from desktop.domain.conversation_types import Message, ModelRef, Role, Status, new_id, now
from desktop.domain.message_parts import TextPart
from desktop.services import Services
from desktop.session.session import new_conversation
from desktop.settings.policy import EXPORT
from desktop.terminal.selftest_outcome import require
from desktop.terminal.selftest_samples import HEIC, WORD, page


async def attachments(services: Services) -> str:
    """Attach a photo, a PDF and a table, which a child process decodes with its libraries."""
    desk = services.attachments
    photo = await desk.take(HEIC, "photo.heic", keep=False)
    (picture,) = photo.decoded.pictures
    require((picture.width, picture.height) == (96, 128), "the photo has another size")
    document = await desk.take(page(), "page.pdf", keep=False)
    require(WORD in document.decoded.text, "the text of the PDF was not found")
    table = await desk.take(_table(), "table.xlsx", keep=False)
    require(WORD in table.decoded.text, "the text of the table was not found")
    return "a photo, a PDF and a table, from a child process"


async def exports(services: Services) -> str:
    """Export a conversation as DOCX and PDF, which a child process generates."""
    from desktop.transfer.export.export import ExportChoice, ExportFormat

    services.settings.policy.require(EXPORT)
    at, model = now(), ModelRef(connection="selftest", name="none")
    text = f"**{WORD}** is the capital of Australia: $a^2$."
    asked = Message(
        id=new_id(),
        parent=None,
        role=Role.USER,
        parts=(TextPart(text=text),),
        status=Status.COMPLETE,
        created_at=at,
    )
    answered = structs.replace(asked, id=new_id(), parent=asked.id, role=Role.ASSISTANT, model=model)
    conversation = structs.replace(new_conversation(model), title=WORD, messages=(asked, answered), current=answered.id)
    await (await services.store()).conversations.create(conversation)
    exporter = await services.exporter()
    choice = ExportChoice((conversation.id,), (conversation.title,))
    with tempfile.TemporaryDirectory(dir=services.paths.cache) as folder:
        document, paper = Path(folder, "chat.docx"), Path(folder, "chat.pdf")
        await exporter.export(choice, ExportFormat.DOCX, document)
        with zipfile.ZipFile(document) as parts:
            require(WORD.encode() in parts.read("word/document.xml"), "the DOCX does not contain the conversation")
        await exporter.export(choice, ExportFormat.PDF, paper)
        require(await asyncio.to_thread(_is_pdf, paper), "the PDF is no PDF")
    return "DOCX and PDF, from a child process"


def _is_pdf(path: Path) -> bool:
    return path.read_bytes().startswith(b"%PDF")


def _table() -> bytes:
    """Return a workbook with one cell."""
    from io import BytesIO

    from openpyxl import Workbook

    book, file = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append([WORD])
    book.save(file)
    return file.getvalue()
