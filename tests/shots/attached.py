"""The pictures of attached files: tiles, what each model gets, and the viewer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.domain.comparison import PaneState, new_comparison
from tests.desktop.attachments import made_files
from tests.shots.compared import GPT, LLAMA
from tests.shots.pictures import open_first, picture
from tests.shots.stage import Stage
from ui.attachments.file_viewer import FileViewer
from ui.attachments.tile_row import AttachmentTile

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment

NOTES = "# Harbour tour\n\n- Meet at the lighthouse at nine\n- Tickets: 14 each, children half\n\n" + "\n".join(
    f"{hour:02}:00  Boat {hour - 8} leaves from pier {hour % 3 + 1}" for hour in range(9, 19)
)


def _photo() -> bytes:
    """A harbour in the evening, by a few shapes."""
    image = Image.new("RGB", (2400, 1600))
    draw = ImageDraw.Draw(image)
    for y in range(1600):
        at = y / 1600
        draw.line((0, y, 2400, y), (int(250 - 120 * at), int(170 - 60 * at), int(110 + 90 * at)))
    draw.ellipse((1500, 620, 1860, 980), (255, 226, 160))
    draw.rectangle((0, 900, 2400, 1600), (38, 72, 110))
    for left, size in ((260, 300), (900, 220), (1900, 260)):
        draw.polygon([(left, 960), (left + size, 960), (left + size - 50, 1040), (left + 50, 1040)], (60, 36, 30))
        draw.polygon([(left + size // 2, 940), (left + size // 2, 940 - size), (left + size, 940)], (244, 240, 228))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=90)
    return made.getvalue()


async def _files(stage: Stage) -> list[Attachment]:
    """A photo, a scan and a text, as they are attached."""
    scan = made_files.pdf("", "", "", "")
    named = ((_photo(), "harbour.jpg"), (scan, "tickets.pdf"), (NOTES.encode(), "tour.md"))
    return [await stage.services.attachments.take(data, name) for data, name in named]


async def _typed(stage: Stage) -> list[AttachmentTile]:
    """The files as tiles of a prompt that is being typed."""
    await open_first(stage, "Debounce")
    for each in await _files(stage):
        stage.window.pane.composer.attached.attach(each)
    await stage.type("Message", "What does the harbour tour cost for four?")
    tiles = stage.window.findChildren(AttachmentTile)
    await stage.until(lambda: len([each for each in tiles if each.isVisible()]) == 3)
    return tiles


async def _view(stage: Stage, place: int) -> None:
    tile = (await _typed(stage))[place]
    tile.setFocus()
    QTest.keyClick(tile, Qt.Key.Key_Return)
    await stage.until(lambda: any(each.is_ready for each in stage.window.findChildren(FileViewer)))


@picture("attached")
@picture("attached-dark", theme="dark")
async def attached(stage: Stage) -> None:
    await _typed(stage)


@picture("attached-compared", size=(1600, 1300))
async def attached_compared(stage: Stage) -> None:
    states = tuple(PaneState(conversation="", model=model) for model in (GPT, LLAMA))
    stage.window.workspace.show_comparison(new_comparison(states), {})
    for each in await _files(stage):
        stage.window.workspace.composer.attached.attach(each)
    await stage.ask("What does the harbour tour cost for four?")
    await stage.until(lambda: stage.window.workspace.is_answering)
    await stage.until(lambda: not stage.window.workspace.is_answering)
    stage.window.workspace.composer.attached.attach((await _files(stage))[0])


@picture("viewer")
@picture("viewer-dark", theme="dark")
@picture("viewer-150-percent", scale=1.5, size=(1280, 800))
async def viewer(stage: Stage) -> None:
    await _view(stage, 0)


@picture("viewer-text")
async def viewer_text(stage: Stage) -> None:
    await _view(stage, 2)


@picture("viewer-pages")
async def viewer_pages(stage: Stage) -> None:
    await _view(stage, 1)


@picture("viewer-right-to-left", language="ar")
async def viewer_right_to_left(stage: Stage) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    files = await _files(stage)
    for each in files:
        stage.window.pane.composer.attached.attach(each)
    tiles = stage.window.findChildren(AttachmentTile)
    await stage.until(lambda: len([each for each in tiles if each.isVisible()]) == 3)
    tiles[1].setFocus()
    QTest.keyClick(tiles[1], Qt.Key.Key_Return)
    await stage.until(lambda: any(each.is_ready for each in stage.window.findChildren(FileViewer)))


@picture("drop-target")
@picture("drop-target-dark", theme="dark")
async def drop_target(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/harbour.jpg")])
    onto = stage.window.pane
    none = Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(onto.rect().center(), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(onto, event)
