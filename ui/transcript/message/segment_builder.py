"""Builds segments from Markdown blocks and updates growing ones. Imports slow modules on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary, ref

from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget

from ui.transcript.message.section_segment import SectionSegment
from ui.transcript.message.segment_chain import ColumnsPart, SegmentChain
from ui.transcript.message.segments import CodeSegment, HiddenSegment, Segment, TableSegment
from ui.transcript.text.look import Look

if TYPE_CHECKING:
    from desktop.domain.message_parts import FilePart, ImagePart
    from desktop.markdown.blocks import Block, Definitions
    from desktop.markdown.splitter import Splitter
    from ui.attachments.attached_looks import AttachedLook, AttachedLooks
    from ui.transcript.text.document_writer import DocumentWriter
    from ui.transcript.text.drawings import Drawings
    from ui.transcript.text.formats import Formats

_HEADING_GAP, _ITEM_GAP = 20, 4


class Holder(Protocol):
    """Container of segments, which is laid out again when one of them changes its height."""

    def changed(self) -> None:
        """Request a new layout of the container."""
        ...


class SegmentBuilder:
    """Builds the segments of all rows of a transcript. `ratio` is the device pixel ratio."""

    def __init__(self, look: Look, ratio: float = 1.0, drawings: Drawings | None = None) -> None:
        self.look = look
        self.coloured: Callable[[], None] = lambda: None
        """Called when words of code have their colours, which nobody has drawn yet."""
        self.redraw: Callable[[Holder, Callable[[], None]], None] = lambda _holder, write: write()
        """Called with what holds a segment whose formulas are to be drawn, and what draws them: it is higher then."""
        self.is_seen: Callable[[Holder], bool] = lambda _holder: True
        """Whether something that holds segments is in view: what is not waits until it is laid out next."""
        self._drawings = drawings
        self._looks: AttachedLooks | None = None
        self._make_looks: tuple[Callable[[], AttachedLooks], QWidget] | None = None
        self._holders: WeakKeyDictionary[QTextDocument, ref[Holder]] = WeakKeyDictionary()
        self._ratio = ratio
        self._writer: DocumentWriter | None = None
        self.wanted: dict[str, None] = {}
        """Ids of messages of which more is looked at than has been cut into slabs."""

    def know_files(self, looks: Callable[[], AttachedLooks] | None, drawn: QWidget) -> None:
        """Set the source of attachment previews, and the widget to repaint when a preview is loaded."""
        self._make_looks = (looks, drawn) if looks is not None else None

    def file_look(self, part: ImagePart | FilePart) -> AttachedLook | None:
        """Return the preview of an attachment, or None until it is loaded."""
        if self._looks is None and self._make_looks is not None:
            make, drawn = self._make_looks
            self._looks = make()
            self._looks.redrawn(drawn)
        return self._looks.look(part) if self._looks is not None else None

    @property
    def ratio(self) -> float:
        """The device pixel ratio."""
        return self._ratio

    @property
    def formats(self) -> Formats:
        """Text formats of the look."""
        return self._made_writer().formats

    def restyle(self, look: Look, ratio: float = 1.0) -> None:
        """Use another look for all segments that are built from now on."""
        self.look, self._ratio, self._writer = look, ratio, None

    def splitter(self) -> Splitter:
        """Return the parser for a growing response."""
        from desktop.markdown.splitter import Splitter

        return Splitter()

    def definitions(self, text: str) -> Definitions:
        """Return the link definitions of a stored message."""
        from desktop.markdown.text_segments import definitions

        return definitions(text)

    def blocks(self, source: str, known: Definitions) -> Sequence[Block]:
        """Return the blocks of a piece of text."""
        from desktop.markdown.text_segments import blocks

        return blocks(source, known)

    def plain(self, text: str, known: Definitions) -> str:
        """Return the text of a message without Markdown syntax."""
        from desktop.markdown.text import plain_text

        return "\n".join(filter(None, map(plain_text, self.blocks(text, known))))

    def spoken(self, text: str, known: Definitions) -> str:
        """Return the text of a message for screen readers: without Markdown syntax, and with formulas in words."""
        from desktop.markdown.text import plain_text
        from ui.transcript.text.formula_speech import spoken_formula

        return "\n".join(filter(None, (plain_text(block, spoken_formula) for block in self.blocks(text, known))))

    def held_by(self, segment: Segment, holder: Holder) -> None:
        """Register the slab that contains a segment."""
        self._holders[segment.laid.document] = ref(holder)

    def segment(self, block: Block, chain: SegmentChain | None = None, start: int = 0) -> Segment:
        """Return a segment for a block.

        `chain` is shared by the parts of a table or code block, and `start` is the block's offset in the
        message.
        """
        from desktop.markdown.blocks import BlockKind

        writer = self._made_writer()
        if block.is_hidden:
            return HiddenSegment(block.source)
        if block.kind is BlockKind.TABLE:
            chain = chain or SegmentChain()
            known = () if block.open and not block.continued else chain.widths
            rtl = chain.rtl if block.continued else None
            document = writer.document(block, known, rtl=rtl, measured=start in chain.measured)
            if not block.open:
                chain.measured.add(start)
            if not block.continued:
                chain.rtl = writer.is_rtl(document)
            columns = writer.table(document)
            table = TableSegment(document, block.source, chain, columns=columns, continued=block.continued)
            chain.parts.add(table)
            if known:
                self._share_widths(chain, document)
            elif not block.open and not chain.widths:
                table.height(1)
                if writer.widen_columns(document, block.widest):
                    table.measure()
                chain.widths = writer.column_widths(document)
            return table
        if block.kind is BlockKind.CODE:
            return self._code(block, chain or SegmentChain(), start)
        document = writer.document(block)
        kind = SectionSegment if block.kind is BlockKind.SECTION else Segment
        segment = kind(document, block.source)
        segment.holds(block)
        if block.continued:
            segment.gap = _ITEM_GAP if block.kind is BlockKind.LIST else 0
        elif block.kind is BlockKind.HEADING:
            segment.gap = _HEADING_GAP
        return segment

    def update(self, segment: Segment, old: Block, new: Block) -> bool:
        """Change a segment from one state of its block to another. Returns whether that was possible."""
        if old.is_hidden or new.is_hidden or not self._made_writer().update(segment.laid.document, old, new):
            return False
        segment.source = new.source
        segment.holds(new)
        if isinstance(segment, CodeSegment):
            segment.grown(new.content)
            if old.open and not new.open:
                self._finish(segment)
        elif isinstance(segment, TableSegment):
            segment.measure()
            if segment.continued and segment.chain.widths:
                self._share_widths(segment.chain, segment.laid.document)
            elif not new.open and not segment.chain.widths:
                segment.height(1)
                segment.chain.widths = self._made_writer().column_widths(segment.laid.document)
        return True

    def _share_widths(self, chain: SegmentChain, document: QTextDocument) -> None:
        """Schedule applying the column widths of one part of a table to its other parts."""
        own = self._made_writer().column_widths(document)
        # A part that is not visible may still have narrower columns.
        widths = tuple(map(max, own, chain.widths)) if len(own) == len(chain.widths) else own
        if widths != chain.widths:
            chain.widths = widths
            QTimer.singleShot(0, partial(self._widen, chain, widths))

    def _widen(self, chain: SegmentChain, widths: tuple[float, ...]) -> None:
        """Lay out the visible parts of a table again with these column widths."""
        seen: dict[Holder, list[ColumnsPart]] = {}
        for part in tuple(chain.parts) if widths == chain.widths else ():
            document = part.laid.document
            if self._made_writer().column_widths(document) == widths:
                continue
            holder = self._holder(document)
            if holder is not None and self.is_seen(holder):
                seen.setdefault(holder, []).append(part)
            else:
                part.outgrow()
                if holder is not None:
                    holder.changed()
        for holder, parts in seen.items():
            self.redraw(holder, partial(_outgrow, parts))

    def _code(self, block: Block, chain: SegmentChain, start: int) -> CodeSegment:
        document = self._made_writer().document(block, state=lambda: chain.states.get(start, ()))
        from desktop.markdown.parser import title_of

        title = title_of(block.tokens[0].info) if block.tokens else ""
        segment = CodeSegment(
            document,
            block.source,
            chain,
            language=block.language,
            title=title,
            code=block.content,
            continued=block.continued,
        )
        segment.start = start
        if not block.open:
            self._finish(segment)
        return segment

    def _finish(self, segment: CodeSegment) -> None:
        """Store the highlighter's state at the end of a part of a code block, where the next part begins."""
        states, end = segment.chain.states, segment.start + len(segment.source)
        self._made_writer().when_coloured(segment.laid.document, lambda state: states.__setitem__(end, state))

    def _tell_coloured(self) -> None:
        self.coloured()

    def _redraw(self, document: QTextDocument, write: Callable[[], None]) -> None:
        holder = self._holder(document)
        if holder is not None:
            self.redraw(holder, write)
        else:
            write()

    def _holder(self, document: QTextDocument) -> Holder | None:
        """Return the slab that contains the segment of a document, or None if the slab no longer exists."""
        return found() if (found := self._holders.get(document)) is not None else None

    def _made_writer(self) -> DocumentWriter:
        if self._writer is None:
            from ui.transcript.text.document_writer import DocumentWriter

            self._writer = DocumentWriter(
                self.look,
                self._ratio,
                drawings=self._drawings,
                coloured=self._tell_coloured,
                redraw=self._redraw,
            )
        return self._writer


def _outgrow(parts: Sequence[ColumnsPart]) -> None:
    for part in parts:
        part.outgrow()
