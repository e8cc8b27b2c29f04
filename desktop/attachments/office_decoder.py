"""Text of documents, spreadsheets and presentations, within limits. Runs only in the child process."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from desktop.attachments.decode_wire import Decoded, NotDecoded, Reason

MOST_TEXT = 4_000_000
MOST_UNPACKED = 200 << 20
"""Maximum bytes of uncompressed XML that are read."""

_MOST_MEMBERS = 5_000
_MOST_CELLS = 500_000
_MOST_REPEATED = 1_000
"""Maximum number of rows or spaces that one element may represent."""

_SLIDE = re.compile(r"ppt/slides/slide([0-9]{1,5})\.xml")
_HEADING = re.compile(r"(?i)heading ?([1-6])$")


def office(data: bytes) -> Decoded:
    """Return paragraphs, table and sheet rows, and slides, one per line. Macros and links are ignored.

    Raises NotDecoded.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _bounded(_lines(archive, data))
    except NotDecoded:
        raise
    except MemoryError:
        raise NotDecoded(Reason.TOO_LARGE) from None
    except RuntimeError:  # raised by zipfile if a member requires a password
        raise NotDecoded(Reason.LOCKED) from None
    except (zipfile.BadZipFile, ParseError, DefusedXmlException, OSError, ValueError, KeyError, EOFError) as error:
        raise NotDecoded(Reason.DAMAGED) from error


def _lines(archive: zipfile.ZipFile, data: bytes) -> Iterator[str]:
    names = archive.namelist()
    if len(names) > _MOST_MEMBERS or _unpacked(archive) > MOST_UNPACKED:
        raise NotDecoded(Reason.TOO_LARGE)
    if "word/document.xml" in names:
        return _document(archive, names)
    if "xl/workbook.xml" in names:
        return _sheets(data)
    if slides := sorted((int(found[1]), name) for name in names if (found := _SLIDE.fullmatch(name))):
        return _slides(archive, [name for _, name in slides])
    if "content.xml" in names:
        return _open_document(archive)
    raise NotDecoded(Reason.DAMAGED)


def _unpacked(archive: zipfile.ZipFile) -> int:
    """Return the declared size of the XML members in bytes. The zipfile module reads no more than declared."""
    return sum(each.file_size for each in archive.infolist() if each.filename.endswith((".xml", ".rels")))


def _bounded(lines: Iterator[str]) -> Decoded:
    lines_so_far: list[str] = []
    room = MOST_TEXT
    for line in lines:
        lines_so_far.append(line[:room])
        room -= len(line) + 1
        if room <= 0:
            return Decoded(text="\n".join(lines_so_far), cut=True)
    text = "\n".join(lines_so_far).strip("\n")
    if not text.strip():
        raise NotDecoded(Reason.NO_TEXT)
    return Decoded(text=text)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _elements(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[str, Element]]:
    """Yield the start and the end of each element. The caller clears elements once they have ended."""
    with archive.open(member) as stream:
        yield from iterparse(stream, ("start", "end"))


def _paragraphs(archive: zipfile.ZipFile, member: str) -> Iterator[str]:
    """Yield the paragraphs of a document or slide. Headings, lists and table rows are written as Markdown."""
    rows: list[list[str]] = []
    """Current row of each open table, the innermost last."""
    cells: list[list[str]] = []
    for event, element in _elements(archive, member):
        name = _local(element)
        if event == "start":
            if name == "tr":
                rows.append([])
            elif name == "tc":
                cells.append([])
            continue
        if name == "p":
            line = _paragraph(element)
            if cells:
                cells[-1].append(line)
            else:
                yield line
            element.clear()
        elif name == "tc" and rows and cells:
            rows[-1].append(" ".join(filter(None, cells.pop())))
        elif name == "tr" and rows:
            line = "\t".join(rows.pop())
            if cells:
                cells[-1].append(line.replace("\t", " | "))
            else:
                yield line
            element.clear()


def _document(archive: zipfile.ZipFile, names: Sequence[str]) -> Iterator[str]:
    """Yield a document's body, footnotes, endnotes and comments, headers and footers."""
    yield from _paragraphs(archive, "word/document.xml")
    for title in ("Footnotes", "Endnotes", "Comments"):
        if (member := f"word/{title.lower()}.xml") in names:
            notes = [each for each in _paragraphs(archive, member) if each.strip()]
            yield from (["", f"## {title}", *notes] if notes else [])


def _paragraph(element: Element) -> str:
    pieces: list[str] = []
    level, listed = 0, False
    for child in element.iter():
        name = _local(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name == "tab":
            pieces.append("\t")
        elif name == "br":
            pieces.append("\n")
        elif name == "pStyle" and (found := _HEADING.match(_attribute(child, "val"))):
            level = int(found[1])
        elif name == "numPr":
            listed = True
    text = "".join(pieces)
    if level and text.strip():
        return f"{'#' * level} {text.strip()}"
    return f"- {text}" if listed and text.strip() else text


def _slides(archive: zipfile.ZipFile, members: list[str]) -> Iterator[str]:
    for number, member in enumerate(members, 1):
        yield f"## Slide {number}"
        yield from filter(str.strip, _paragraphs(archive, member))
        yield ""


def _sheets(data: bytes) -> Iterator[str]:
    """Yield each sheet under its name, with cells separated by tabs. Formulas are replaced by their stored results."""
    os.environ["OPENPYXL_LXML"] = "False"  # untrusted files are only parsed by defusedxml, even if lxml is installed
    openpyxl: Any = import_module("openpyxl")  # imported late because it is slow; has no types
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        cells = 0
        for sheet in book.worksheets:
            yield f"## {sheet.title}"
            sheet.reset_dimensions()  # the size that a file declares may be wrong
            for row in sheet.iter_rows(values_only=True):
                cells += len(row)
                if cells > _MOST_CELLS:
                    return
                line = "\t".join("" if value is None else str(value) for value in row).rstrip("\t")
                if line:
                    yield line
            yield ""
    finally:
        book.close()


def _open_document(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield the paragraphs, headings and rows of an OpenDocument file."""
    row: list[str] | None = None
    cell: list[str] = []
    for event, element in _elements(archive, "content.xml"):
        name = _local(element)
        if event == "start":
            if name == "table-row":
                row = []
            continue
        if name in {"p", "h"}:
            text = _open_text(element)
            if row is not None:
                cell.append(text)
            elif name == "h":
                yield f"{'#' * min(_number(_attribute(element, 'outline-level'), 1), 6)} {text}"
            else:
                yield text
            element.clear()
        elif name == "table-cell" and row is not None:
            # An empty cell may be repeated a million times: a few keep later cells in their columns
            row += [" ".join(cell)] * min(_number(_attribute(element, "number-columns-repeated"), 1), 50)
            cell = []
        elif name == "table-row" and row is not None:
            line = "\t".join(row).rstrip("\t")
            if line:
                times = min(_number(_attribute(element, "number-rows-repeated"), 1), _MOST_REPEATED)
                yield from [line] * times
            row = None
            element.clear()


def _open_text(element: Element) -> str:
    """Return a paragraph's text, including spaces, tabs and line breaks, which are elements of their own."""
    pieces = [element.text or ""]
    for child in element:
        match _local(child):
            case "s":
                pieces.append(" " * min(_number(_attribute(child, "c"), 1), _MOST_REPEATED))
            case "tab":
                pieces.append("\t")
            case "line-break":
                pieces.append("\n")
            case "annotation" | "note-citation":
                pass
            case _:
                pieces.append(_open_text(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _number(said: str, otherwise: int) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 8 else otherwise
