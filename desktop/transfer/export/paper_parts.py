"""What is put on paper, part by part, and how it is sent to the child that makes a PDF or a DOCX of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from desktop.renderer.render_wire import FormulaReply, FormulaRequest

READY = b"paragone-paper\n"
"""The child's first line."""

MOST_FRAME = 64 << 20
"""Bytes of one part."""


class PaperForm(Struct, frozen=True, kw_only=True, tag="form"):
    """What is made, and how its pages look: `suffix` is pdf or docx. So many `columns` stand side by side.

    `letter` is the paper of North America, else A4. Text has `points`.
    """

    suffix: str
    title: str
    columns: int = 1
    is_rtl: bool = False
    letter: bool = False
    points: float = 10.0
    language: str = "en"


class PlacedFormula(Struct, frozen=True):
    """A formula's drawing, which stands in the text under a name."""

    request: FormulaRequest
    reply: FormulaReply


class PaperBlock(Struct, frozen=True, kw_only=True, tag="block"):
    """Text over the whole width, as HTML; on a new page where less than `keep` dots are left below it.

    `ruled`: a line stands above it. `page`: it begins one.
    """

    html: str
    keep: float = 0.0
    ruled: bool = False
    page: bool = False
    formulas: Mapping[str, PlacedFormula] = {}


class PaperColumns(Struct, frozen=True, kw_only=True, tag="columns"):
    """Texts side by side below their heads, as HTML."""

    heads: tuple[str, ...]
    cells: tuple[str, ...]
    formulas: Mapping[str, PlacedFormula] = {}


class PaperEnd(Struct, frozen=True, tag="end"):
    """No part follows."""


PaperPart = PaperBlock | PaperColumns
PaperFrame = PaperForm | PaperBlock | PaperColumns | PaperEnd

_frames: msgspec.msgpack.Decoder[PaperFrame] = msgspec.msgpack.Decoder(PaperFrame)


class FormulaNames:
    """Gives drawn formulas names that stand for them in a text; each is sent once, with the part that has it first."""

    def __init__(self) -> None:
        self._count = 0
        self._new: dict[str, PlacedFormula] = {}

    def placed(self, request: FormulaRequest, reply: FormulaReply) -> str:
        """What stands in the text for a formula."""
        self._count += 1
        name = f"formula:{self._count}"
        self._new[name] = PlacedFormula(request, reply)
        return f'<img src="{name}">'

    def taken(self) -> dict[str, PlacedFormula]:
        """Those that were placed since this was asked last."""
        taken, self._new = self._new, {}
        return taken


def framed(value: PaperFrame) -> bytes:
    """A frame: four bytes of length, then the value. Halves of surrogate pairs become unknown characters."""
    data = msgspec.msgpack.encode(value)
    return len(data).to_bytes(4, "big") + data


def sound(text: str) -> str:
    """A text that can be sent, whatever is in it."""
    return text.encode("utf-8", "replace").decode()


def frame_of(data: bytes) -> PaperFrame:
    """The value in a frame. Raises msgspec.DecodeError."""
    return _frames.decode(data)
