"""Text of PDFs, and images of scanned pages. Runs only in the child process."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from msgspec import structs
from PIL import Image

from desktop.attachments.decode_wire import Decoded, NotDecoded, PlainPicture, Reason
from desktop.attachments.picture_decoder import drawn, thumbnail

_pdfium: Any = import_module("pypdfium2")  # untyped
_raw: Any = import_module("pypdfium2.raw")

MOST_PAGES = 3_000
MOST_TEXT = 4_000_000
"""Maximum length of a file's text in characters."""

_SCANNED = 20
"""Average number of characters per page below which a file counts as scanned."""

_MOST_PICTURES = 20
_PAGE_SIDE = 1_536
_LARGEST_POINTS = 14_400
_PROGRESS_S = 0.2

Tell = Callable[[int, int], None]
"""Receives the number of pages read so far, and the total number of pages."""

Keep = Callable[[Decoded], None]
"""Receives the contents decoded so far, before pages are rendered."""


def pdf(data: bytes, tell: Tell, keep: Keep = lambda _: None) -> Decoded:
    """Return the text of all pages, and the first page as a thumbnail. Scripts and embedded files are ignored.

    Pages of scans are rendered as images. Raises NotDecoded.
    """
    document = _opened(data)
    try:
        pages = len(document)
        if pages == 0:
            raise NotDecoded(Reason.DAMAGED)
        texts, cut = _texts(document, min(pages, MOST_PAGES), tell)
        characters = sum(len(text.strip()) for text in texts)
        many = len(texts) > 1
        text = "\n\n".join(
            f"[Page {number}]\n{text.strip()}" if many else text.strip()
            for number, text in enumerate(texts, 1)
            if text.strip()
        )
        decoded = Decoded(text=text, pages=pages, cut=cut or pages > MOST_PAGES)
        is_scanned = characters < _SCANNED * len(texts)
        if not is_scanned:
            keep(decoded)
        scans = _pictures(document, min(pages, _MOST_PICTURES)) if is_scanned else ()
        first = _page(document, 0, 512)
        return structs.replace(
            decoded,
            pictures=scans,
            thumbnail=thumbnail(first) if first is not None else b"",
            cut=decoded.cut or (bool(scans) and pages > _MOST_PICTURES),
        )
    finally:
        document.close()


def pdf_page(data: bytes, number: int) -> Decoded:
    """Render one page for display. Raises NotDecoded."""
    document = _opened(data)
    try:
        image = _page(document, number, _PAGE_SIDE) if number < len(document) else None
        if image is None:
            raise NotDecoded(Reason.DAMAGED)
        return Decoded(pages=len(document), pictures=(drawn(image, photo=True),))
    finally:
        document.close()


def _opened(data: bytes) -> Any:  # noqa: ANN401 - untyped library
    try:
        return _pdfium.PdfDocument(data)
    except _pdfium.PdfiumError as error:
        locked = _raw.FPDF_GetLastError() == _raw.FPDF_ERR_PASSWORD or "assword" in str(error)
        raise NotDecoded(Reason.LOCKED if locked else Reason.DAMAGED) from error


def _texts(document: Any, pages: int, tell: Tell) -> tuple[list[str], bool]:  # noqa: ANN401 - untyped library
    """Return the text of each page, and whether it was cut. The text of an unreadable page is empty."""
    texts: list[str] = []
    room, last_report = MOST_TEXT, time.monotonic()
    for number in range(pages):
        try:
            page = document[number]
            words = page.get_textpage()
            text: str = words.get_text_bounded()
            words.close()
            page.close()
        except _pdfium.PdfiumError:
            text = ""
        text = text.replace("\r\n", "\n").replace("\0", "")[:room]
        room -= len(text)
        texts.append(text)
        if time.monotonic() - last_report > _PROGRESS_S:
            last_report = time.monotonic()
            tell(number + 1, pages)
        if room <= 0:
            return texts, True
    return texts, False


def _pictures(document: Any, pages: int) -> tuple[PlainPicture, ...]:  # noqa: ANN401 - untyped library
    images = (_page(document, number, _PAGE_SIDE) for number in range(pages))
    return tuple(drawn(image, photo=True) for image in images if image is not None)


def _page(document: Any, number: int, side: int) -> Image.Image | None:  # noqa: ANN401 - untyped library
    """Render a page whose longer side has `side` pixels, or return None if it cannot be rendered."""
    try:
        page = document[number]
        width, height = page.get_size()
        if not (0 < width <= _LARGEST_POINTS and 0 < height <= _LARGEST_POINTS):
            return None
        bitmap = page.render(scale=side / max(width, height), may_draw_forms=False)
        image: Image.Image = bitmap.to_pil().convert("RGB")
        bitmap.close()
        page.close()
    except _pdfium.PdfiumError:
        return None
    return image
