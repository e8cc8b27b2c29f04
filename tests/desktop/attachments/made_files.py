"""Files of all kinds that can be attached, made for a test."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
from PIL import Image

from desktop.terminal import selftest_samples

HEIC = selftest_samples.HEIC
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PLACE = b"Camera Works"
"""What a photo's metadata say and nobody is to be sent."""


def photo(width: int = 1200, height: int = 900, orientation: int = 1, kind: str = "JPEG") -> bytes:
    """A picture whose upper left quarter is red, with metadata, taken with the camera turned."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((220, 0, 0), (0, 0, width // 2, height // 2))
    exif = image.getexif()
    exif[0x0112], exif[0x010F] = orientation, PLACE.decode()
    made = io.BytesIO()
    image.save(made, kind, exif=exif)
    return made.getvalue()


def pdf(*pages: str, script: str = "") -> bytes:
    """A PDF with a line of text a page, and perhaps a script that would run when it is opened."""
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids: list[str] = []
    for text in pages:
        said = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET" if text else "72 72 200 200 re f"
        objects.append(f"<< /Length {len(said)} >>\nstream\n{said}\nendstream".encode())
        resources = "<< /Font << /F1 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R"
            f" /Resources {resources} >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    opened = f" /OpenAction << /S /JavaScript /JS ({script}) >>" if script else ""
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R{opened} >>".encode()
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    made = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return bytes(made) + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def packed(members: dict[str, str | bytes]) -> bytes:
    """A zip of members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def document(body: str, head: str = "") -> bytes:
    """A document of a word processor with a body of XML."""
    return packed({"word/document.xml": f'{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'})


def paragraph(text: str, style: str = "") -> str:
    """One paragraph."""
    said = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{said}<w:r><w:t>{text}</w:t></w:r></w:p>"


def sheet(rows: list[list[Any]]) -> bytes:
    """A spreadsheet with one sheet."""
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
