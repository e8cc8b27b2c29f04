"""Blocks of Markdown written to documents, and what grows at their ends; no markup is ever handed to Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from weakref import WeakKeyDictionary, ref

from PySide6.QtCore import QPointF, QUrl
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QPainter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
    QTextOption,
)

from desktop.markdown.blocks import Block, Kind
from desktop.renderer.highlight import Word, plain_lines
from desktop.renderer.render_wire import CodeReply, CodeRequest
from ui.transcript.code import CodeText, State
from ui.transcript.code_colours import CodeColours
from ui.transcript.documents import FORMULA
from ui.transcript.formats import Formats
from ui.transcript.look import Look
from ui.transcript.mathematics import Formula, Mathematics
from ui.transcript.paragraphs import PLAIN, Paragraph, Run, Shape, after, common, paragraphs, units
from ui.transcript.tables import TableText, rows
from ui.widgets.tips import plain_tip


@dataclass(slots=True)
class _Written:
    """What a document was last written from."""

    paragraphs: list[Paragraph] = field(default_factory=list[Paragraph])
    table: TableText | None = None
    code: CodeText | None = None
    formulas: set[str] = field(default_factory=set[str])
    block: Block | None = None


class Writer:
    """Writes documents in one look. Formulas are drawn for a screen with `ratio` real pixels a pixel.

    Whether they are drawn is settled when it is made: a document counts its positions by it. `formulas` says whether.
    """

    def __init__(
        self,
        look: Look,
        ratio: float = 1.0,
        *,
        formulas: bool = True,
        colours: CodeColours | None = None,
        coloured: Callable[[], None] = lambda: None,
    ) -> None:
        self.formats = Formats(look)
        self._mathematics = Mathematics(ratio, ready=formulas)
        self._colours = colours or CodeColours()
        self._coloured = coloured
        self._set = lru_cache(256)(_on_the_line)
        self._written: WeakKeyDictionary[QTextDocument, _Written] = WeakKeyDictionary()

    @property
    def missed_formulas(self) -> bool:
        """Whether formulas stand there as their source, for want of the library that draws them."""
        return self._mathematics.missed

    def document(
        self,
        block: Block,
        widths: Sequence[float] = (),
        state: Callable[[], State] = tuple,
        *,
        rtl: bool | None = None,
    ) -> QTextDocument:
        """A document that shows a block. What goes on takes a table's widths and its direction, a code's state.

        Code has its colours at once where they are known, else when they come.
        """
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        code = block.kind is Kind.CODE
        document.setDefaultFont(self.formats.look.fonts.code if code else self.formats.look.fonts.body)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap if code else QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        written = _Written()
        self._written[document] = written
        if code:
            written.code = self._code(document, block, state)
        elif block.kind is Kind.TABLE:
            written.table = TableText(document, self.formats, self.insert, rows(block), widths, rtl=rtl)
        else:
            self._write_block(document, written, block)
        return document

    def update(self, document: QTextDocument, old: Block, new: Block) -> bool:
        """Make a document that shows `old` show `new`, touching only what differs; whether that was possible."""
        written = self._written.get(document)
        if written is None or old.kind is not new.kind or old.continued != new.continued:
            return False
        if old.kind is Kind.CODE:
            grows = old.language == new.language and new.content.startswith(old.content) and old.open
            if grows and written.code is not None:
                written.code.grow(new.content, is_open=new.open)
                self._colours.want(written.code)
            return grows
        if old.kind is Kind.TABLE:
            return written.table is not None and written.table.update(rows(new))
        self._write_block(document, written, new)
        return True

    def column_widths(self, document: QTextDocument) -> tuple[float, ...]:
        """Pixels of a table's columns as they are laid out, for the part that goes on with it."""
        written = self._written.get(document)
        return written.table.widths() if written is not None and written.table is not None else ()

    def is_rtl(self, document: QTextDocument) -> bool:
        """Whether a table's columns run from right to left."""
        written = self._written.get(document)
        return written is not None and written.table is not None and written.table.rtl

    def when_coloured(self, document: QTextDocument, ended: Callable[[State], None]) -> None:
        """Call somebody with what a document's code leaves open, once all of it has its colours."""
        written = self._written.get(document)
        if written is not None and written.code is not None:
            written.code.ended = ended
            if written.code.left is not None:
                ended(written.code.left)

    def write_again(self, document: QTextDocument, block: Block) -> None:
        """Words of code within a block came: write it in their colours, if it is still what is shown."""
        written = self._written.get(document)
        if written is not None and written.block is block:
            self._write_block(document, written, block)
            self._coloured()

    def insert(self, cursor: QTextCursor, runs: Sequence[Run], heading: int = 0) -> None:
        """Write runs at a cursor; formulas as pictures where they can be drawn."""
        formats = self.formats
        for text, style in runs:
            form = formats.heading(style, heading) if heading else formats.char(style)
            if style.formula and self._insert_formula(cursor, text, form, display=style.formula == "display"):
                continue
            cursor.insertText(text, form)

    def _code(self, document: QTextDocument, block: Block, state: Callable[[], State]) -> CodeText:
        """Code in a document of its own."""
        made = CodeText(
            document, self.formats, block.language, state, continued=block.continued, changed=self._coloured
        )
        request = CodeRequest(language=block.language, text=block.content, state=state(), whole=not block.continued)
        reply = None if block.open or not block.language else self._colours.known(request)
        made.grow(block.content, is_open=block.open, told=reply.lines if reply is not None else ())
        if reply is not None:
            made.take(request, reply)
        else:
            self._colours.want(made)
        return made

    def _write_block(self, document: QTextDocument, written: _Written, block: Block) -> None:
        """Write a block's paragraphs; the words of code in it are told apart once it is closed."""
        written.block = block
        missing: list[CodeRequest] = []

        def tell(language: str, code: str) -> Sequence[Sequence[Word]]:
            """The words that are known; without any, the lines as they are."""
            request = CodeRequest(language=language, text=code, whole=True)
            reply = self._colours.known(request) if language else None
            if reply is None and language:
                missing.append(request)
            return reply.lines if reply is not None and reply.lines else plain_lines(code)

        self._write(document, written, paragraphs(block, None if block.open else tell))
        for request in missing:
            self._colours.want(_InnerCode(self, document, block, request))

    def _write(self, document: QTextDocument, written: _Written, wanted: list[Paragraph]) -> None:
        """Bring a document from what was written to what is wanted, from the first difference on."""
        had = written.paragraphs
        same = 0
        for one, other in zip(had, wanted, strict=False):
            if one != other:
                break
            same += 1
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        empty = not had  # a document begins with an empty paragraph
        if same < len(had):
            alike = same < len(wanted) and wanted[same].shape == had[same].shape
            grown = wanted[same].runs if alike else ()
            kept = self._cut_back(cursor, same, had[same].runs, grown)
            if alike:
                if not kept:  # what stood at the end left its format here
                    cursor.setBlockFormat(self.formats.block(wanted[same].shape))
                self.insert(cursor, after(grown, kept), wanted[same].shape.level)
                same += 1
            elif same < len(wanted):
                empty = True
            elif same:
                cursor.deletePreviousChar()
                cursor.setBlockFormat(self.formats.block(wanted[-1].shape))
            else:
                cursor.setBlockFormat(QTextBlockFormat())
                empty = True
        cursor.setPosition(document.characterCount() - 1)
        for paragraph in wanted[same:]:
            self._begin(cursor, paragraph.shape, empty=empty)
            self.insert(cursor, paragraph.runs, paragraph.shape.level)
            empty = False
        cursor.endEditBlock()
        written.paragraphs = wanted

    def _begin(self, cursor: QTextCursor, shape: Shape, *, empty: bool) -> None:
        """A new paragraph, or the empty one that stands there already."""
        form, char = self.formats.block(shape), self.formats.char(PLAIN)
        if empty:
            cursor.setBlockFormat(form)
            cursor.setBlockCharFormat(char)
        else:
            cursor.insertBlock(form, char)

    def _cut_back(self, cursor: QTextCursor, number: int, had: Sequence[Run], wanted: Sequence[Run]) -> int:
        """Remove all from the first difference in a paragraph on; how many of its characters stay."""
        document = cursor.document()
        block = document.findBlockByNumber(number)
        kept = common(had, wanted)
        at = block.position() + self._length(had, kept)
        cursor.setPosition(at)
        cursor.setPosition(document.characterCount() - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        return kept

    def _length(self, runs: Sequence[Run], kept: int) -> int:
        """Positions that the first characters of runs take in a document: a formula's picture takes one."""
        positions = 0
        for text, style in runs:
            part = text[:kept]
            kept -= len(part)
            drawn = style.formula and self._formula(text, display=style.formula == "display") is not None
            positions += min(len(part), 1) if drawn else units(part)
        return positions

    def _formula(self, source: str, *, display: bool) -> Formula | None:
        formats = self.formats
        size = formats.text_size + (2 if display else 0)
        return self._mathematics.formula(source, size, formats.look.theme.text, display=display)

    def _insert_formula(self, cursor: QTextCursor, source: str, form: QTextCharFormat, *, display: bool) -> bool:
        formula = self._formula(source, display=display)
        if formula is None:
            return False
        image, height = self._set(formula, QFontMetricsF(form.font()).xHeight() / 2)
        name = f"{FORMULA}:{image.cacheKey()}"
        document = cursor.document()
        names = self._written[document].formulas
        if name not in names:
            names.add(name)
            document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), image)
        made = QTextImageFormat()
        made.setFont(form.font())
        made.setName(name)
        made.setWidth(formula.width)
        made.setHeight(height)
        made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        made.setToolTip(plain_tip(source))
        cursor.insertImage(made)
        return True


class _InnerCode:
    """Code within a list, a quote or a note that wants its colours."""

    lasting = True

    def __init__(self, writer: Writer, document: QTextDocument, block: Block, request: CodeRequest) -> None:
        self._writer = writer
        self._document = ref(document)
        self._block = block
        self._request: CodeRequest | None = request

    def request(self) -> CodeRequest | None:
        """What it wants, once."""
        return self._request if self._document() is not None else None

    def take(self, request: CodeRequest, reply: CodeReply | None) -> None:
        """Have the whole block written again."""
        del request
        self._request = None
        document = self._document()
        if document is not None and reply is not None and reply.lines:
            self._writer.write_again(document, self._block)


def _on_the_line(formula: Formula, half: float) -> tuple[QImage, float]:
    """A formula's picture with space above or below, so that its line is the text's where Qt sets it in the middle.

    `half` is half the height of an x. Also gives the height in device-independent pixels.
    """
    height = max(2 * formula.ascent - half, 2 * formula.descent + half)
    ratio = formula.image.devicePixelRatio()
    image = QImage(formula.image.width(), round(height * ratio), formula.image.format())
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.drawImage(QPointF(0, (height + half) / 2 - formula.ascent), formula.image)
    painter.end()
    return image, height
