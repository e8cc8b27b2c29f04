"""Blocks of Markdown written to documents, and what grows at their ends; no markup is ever handed to Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from weakref import WeakKeyDictionary, ref

from msgspec import Struct, field
from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
    QTextOption,
)

from desktop.markdown.blocks import Block, BlockKind, Wording
from desktop.markdown.syntax_rules import BARE
from desktop.renderer.highlight import Word, plain_lines
from desktop.renderer.render_wire import CodeReply, CodeRequest, FormulaRequest, Reply, Request
from ui.transcript.text.code_document import CodeDocument, State
from ui.transcript.text.documents import SOURCE
from ui.transcript.text.drawings import Drawings
from ui.transcript.text.formats import Formats
from ui.transcript.text.formula_pictures import Formula, FormulaPictures, on_the_line
from ui.transcript.text.inline_pictures import FORMULA
from ui.transcript.text.look import Look
from ui.transcript.text.paragraphs import (
    PLAIN,
    ParagraphShape,
    Run,
    Style,
    StyledParagraph,
    after,
    common,
    paragraphs,
    units,
    written_out,
)
from ui.transcript.text.table_document import Row, TableDocument, rows
from ui.widgets.tips import plain_tip


class InnerCodeWish:
    """Code within a list, a quote or a note that wants its colours; `again` writes its document when they came."""

    lasting = True

    def __init__(self, again: Callable[[QTextDocument], None], document: QTextDocument, request: CodeRequest) -> None:
        self._again = again
        self._document = ref(document)
        self._request: CodeRequest | None = request

    def request(self) -> CodeRequest | None:
        """What it wants, once."""
        return self._request if self._document() is not None else None

    def take(self, request: Request, reply: Reply | None) -> None:
        """Have the whole block written again."""
        del request
        self._request = None
        document = self._document()
        if document is not None and isinstance(reply, CodeReply) and reply.lines:
            self._again(document)


class FormulasWish:
    """Formulas of a document that are not drawn yet; `again` writes it when all of them came or were refused."""

    lasting = True

    def __init__(
        self, again: Callable[[QTextDocument], None], document: QTextDocument, requests: Sequence[FormulaRequest]
    ) -> None:
        self._again = again
        self._document = ref(document)
        self._requests = [*dict.fromkeys(requests)]

    def request(self) -> FormulaRequest | None:
        """The next of them."""
        return self._requests[0] if self._requests and self._document() is not None else None

    def take(self, request: Request, reply: Reply | None) -> None:
        """Have the document written again with what came, at once for all of its formulas."""
        del request, reply
        self._requests.pop(0)
        document = self._document()
        if not self._requests and document is not None:
            self._again(document)


DISPLAYS = ("$$", r"\[", BARE)
"""What a formula begins with that is drawn as on a line of its own."""

_KEEP = QTextCursor.MoveMode.KeepAnchor

LONGEST_FORMULA = 1_000
"""Characters of a formula that is drawn; of a longer one the source is shown."""


class _Written(Struct):
    """What a document was last written from."""

    paragraphs: list[StyledParagraph] = field(default_factory=list[StyledParagraph])
    table: TableDocument | None = None
    code: CodeDocument | None = None
    pictures: dict[FormulaRequest, Formula] = field(default_factory=dict[FormulaRequest, Formula])
    names: set[str] = field(default_factory=set[str])
    block: Block | None = None


class DocumentWriter:
    """Writes documents in one look. Formulas are drawn for a screen with `ratio` real pixels a pixel.

    A formula stands there as its source until its drawing comes. `redraw` is given the document that it is in then, and
    what writes it anew, since lines get other heights.
    """

    def __init__(
        self,
        look: Look,
        ratio: float = 1.0,
        *,
        drawings: Drawings | None = None,
        coloured: Callable[[], None] = lambda: None,
        redraw: Callable[[QTextDocument, Callable[[], None]], None] = lambda _document, write: write(),
    ) -> None:
        self.formats = Formats(look)
        self._mathematics = FormulaPictures(look.theme.text, look.theme.canvas, ratio)
        self._drawings = drawings or Drawings()
        self._coloured = coloured
        self._redraw = redraw
        self._set = lru_cache(256)(on_the_line)
        self._written: WeakKeyDictionary[QTextDocument, _Written] = WeakKeyDictionary()

    def document(
        self,
        block: Block,
        widths: Sequence[float] = (),
        state: Callable[[], State] = tuple,
        *,
        rtl: bool | None = None,
        measured: bool = False,
    ) -> QTextDocument:
        """A document that shows a block. What goes on takes a table's widths and its direction, a code's state.

        Where it is `measured`, these widths hold its words already.

        Code has its colours at once where they are known, else when they come.
        """
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        code = block.kind is BlockKind.CODE
        document.setDefaultFont(self.formats.look.fonts.code if code else self.formats.look.fonts.body)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap if code else QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        written = _Written()
        self._written[document] = written
        if code:
            written.code = self._code(document, block, state)
        elif block.kind is BlockKind.TABLE:
            written.block = block
            written.table = TableDocument(
                document,
                self.formats,
                self.insert,
                self._rows(document, written, block),
                widths,
                rtl=rtl,
                measured=measured,
            )
        else:
            self._write_block(document, written, block)
        return document

    def update(self, document: QTextDocument, old: Block, new: Block) -> bool:
        """Make a document that shows `old` show `new`, touching only what differs; whether that was possible."""
        written = self._written.get(document)
        if written is None or old.kind is not new.kind or old.continued != new.continued:
            return False
        if old.kind is BlockKind.CODE:
            grows = old.language == new.language and new.content.startswith(old.content) and old.open
            if grows and written.code is not None:
                written.code.grow(new.content, is_open=new.open)
                self._drawings.want(written.code)
            return grows
        if old.kind is BlockKind.TABLE:
            written.block = new
            return written.table is not None and written.table.update(self._rows(document, written, new))
        self._write_block(document, written, new)
        return True

    def table(self, document: QTextDocument) -> TableDocument | None:
        """The table that a document shows, if it shows one."""
        written = self._written.get(document)
        return written.table if written is not None else None

    def column_widths(self, document: QTextDocument) -> tuple[float, ...]:
        """Pixels of a table's columns as they are laid out, for the part that goes on with it."""
        table = self.table(document)
        return table.widths() if table is not None else ()

    def widen_columns(self, document: QTextDocument, words: Sequence[Wording]) -> bool:
        """Make a table's columns hold these unbroken; whether they had to become wider."""
        table = self.table(document)
        if table is None or not words:
            return False
        had = table.widths()
        wanted = tuple(map(max, had, table.room_for(words)))
        if wanted != had:
            table.widen(wanted)
        return wanted != had

    def is_rtl(self, document: QTextDocument) -> bool:
        """Whether a table's columns run from right to left."""
        table = self.table(document)
        return table is not None and table.rtl

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

    def draw_again(self, document: QTextDocument) -> None:
        """Drawings of formulas came: write them in the place of their sources, in what is shown now."""
        written = self._written.get(document)
        if written is None or written.block is None:
            return
        self._redraw(document, partial(self._write_again, document, written, written.block))

    def _write_again(self, document: QTextDocument, written: _Written, block: Block) -> None:
        if written.table is not None:
            written.table.update(self._rows(document, written, block))
        else:
            self._write_block(document, written, block)

    def insert(self, cursor: QTextCursor, runs: Sequence[Run], heading: int = 0) -> None:
        """Write runs at a cursor; formulas that are drawn as pictures."""
        for text, style in runs:
            form = self._form(style, heading)
            if style.drawn:
                self._insert_formula(cursor, text, style, form)
            else:
                cursor.insertText(text, form)

    def _form(self, style: Style, heading: int) -> QTextCharFormat:
        return self.formats.heading(style, heading) if heading else self.formats.char(style)

    def _code(self, document: QTextDocument, block: Block, state: Callable[[], State]) -> CodeDocument:
        """Code in a document of its own."""
        made = CodeDocument(
            document, self.formats, block.language, state, continued=block.continued, changed=self._coloured
        )
        request = CodeRequest(language=block.language, text=block.content, state=state(), whole=not block.continued)
        reply = None if block.open or not block.language else self._drawings.coloured(request)
        made.grow(block.content, is_open=block.open, told=reply.lines if reply is not None else ())
        if reply is not None:
            made.take(request, reply)
        else:
            self._drawings.want(made)
        return made

    def _write_block(self, document: QTextDocument, written: _Written, block: Block) -> None:
        """Write a block's paragraphs; the words of code in it are told apart once it is closed."""
        written.block = block
        missing: list[CodeRequest] = []

        def tell(language: str, code: str) -> Sequence[Sequence[Word]]:
            """The words that are known; without any, the lines as they are."""
            request = CodeRequest(language=language, text=code, whole=True)
            reply = self._drawings.coloured(request) if language else None
            if reply is None and language:
                missing.append(request)
            return reply.lines if reply is not None and reply.lines else plain_lines(code)

        wanted = paragraphs(block, None if block.open else tell)
        undrawn: list[FormulaRequest] = []
        self._write(
            document,
            written,
            [each._replace(runs=self._resolved(written, each.runs, undrawn, each.shape.level)) for each in wanted],
        )
        self._want_formulas(document, undrawn)
        for request in missing:
            self._drawings.want(InnerCodeWish(partial(self.write_again, block=block), document, request))

    def _rows(self, document: QTextDocument, written: _Written, block: Block) -> list[Row]:
        """A table's rows, with the formulas that are drawn; the others are asked for."""
        undrawn: list[FormulaRequest] = []
        found = [
            tuple(cell._replace(runs=self._resolved(written, cell.runs, undrawn)) for cell in row)
            for row in rows(block)
        ]
        self._want_formulas(document, undrawn)
        return found

    def _resolved(
        self, written: _Written, runs: Sequence[Run], undrawn: list[FormulaRequest], heading: int = 0
    ) -> tuple[Run, ...]:
        """Runs with each formula as a picture where its drawing is known, else as its source.

        The source of one that cannot be drawn looks like code: among words it could not be told from them.
        """
        if not any(style.formula for _, style in runs):
            return tuple(runs)
        made: list[Run] = []
        for text, style in runs:
            if not style.formula:
                made.append((text, style))
                continue
            request = self._formula_request(text, style, self._form(style, heading))
            if self._picture(written, request) is not None:
                made.append((text, style._replace(drawn=True)))
                continue
            waits = len(text) <= LONGEST_FORMULA and not self._drawings.is_settled(request)
            made.append((written_out(text, style.formula), style._replace(formula="", code=not waits)))
            if waits:
                undrawn.append(request)
        return tuple(made)

    def _want_formulas(self, document: QTextDocument, undrawn: Sequence[FormulaRequest]) -> None:
        if undrawn:
            self._drawings.want(FormulasWish(self.draw_again, document, undrawn))

    def _formula_request(self, source: str, style: Style, form: QTextCharFormat) -> FormulaRequest:
        display = style.formula in DISPLAYS
        size = form.font().pixelSize() + (2 if display else 0)
        return FormulaRequest(source=source, size=size, display=display)

    def _picture(self, written: _Written, request: FormulaRequest) -> Formula | None:
        """A formula's picture; what a document shows once it keeps."""
        if request not in written.pictures:
            reply = self._drawings.drawn(request)
            formula = self._mathematics.formula(request, reply) if reply is not None else None
            if formula is None:
                return None
            written.pictures[request] = formula
        return written.pictures[request]

    def _write(self, document: QTextDocument, written: _Written, wanted: list[StyledParagraph]) -> None:
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

    def _begin(self, cursor: QTextCursor, shape: ParagraphShape, *, empty: bool) -> None:
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
        cursor.setPosition(document.characterCount() - 1, _KEEP)
        cursor.removeSelectedText()
        return kept

    def _length(self, runs: Sequence[Run], kept: int) -> int:
        """Positions that the first characters of runs take in a document: a formula's picture takes one."""
        positions = 0
        for text, style in runs:
            part = text[:kept]
            kept -= len(part)
            positions += min(len(part), 1) if style.drawn else units(part)
        return positions

    def _insert_formula(self, cursor: QTextCursor, source: str, style: Style, form: QTextCharFormat) -> None:
        document = cursor.document()
        written = self._written[document]
        formula = written.pictures[self._formula_request(source, style, form)]
        placed = self._set(formula, form.font())
        name = f"{FORMULA}:{placed.image.cacheKey()}"
        names = written.names
        if name not in names:
            names.add(name)
            document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), placed.image)
        made = QTextImageFormat()
        made.setFont(placed.font)
        made.setName(name)
        made.setWidth(placed.size.width())
        made.setHeight(placed.size.height())
        made.setVerticalAlignment(placed.alignment)
        made.setToolTip(plain_tip(source))
        made.setProperty(SOURCE, written_out(source, style.formula))
        if style.href:
            made.setAnchor(True)
            made.setAnchorHref(style.href)
        cursor.insertImage(made)
