"""Writes Markdown blocks into documents and updates growing ones. Markup is never passed to Qt."""

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
    """Request for highlighting code in a list, quotation or footnote; `again` rewrites its document."""

    lasting = True

    def __init__(self, again: Callable[[QTextDocument], None], document: QTextDocument, request: CodeRequest) -> None:
        self._again = again
        self._document = ref(document)
        self._request: CodeRequest | None = request

    def request(self) -> CodeRequest | None:
        """Return the request, or None once it has been answered or the document is gone."""
        return self._request if self._document() is not None else None

    def take(self, request: Request, reply: Reply | None) -> None:
        """Rewrite the whole block with the colors in the reply."""
        del request
        self._request = None
        document = self._document()
        if document is not None and isinstance(reply, CodeReply) and reply.lines:
            self._again(document)


class FormulasWish:
    """Requests for the missing formulas of a document; `again` rewrites it once all of them are answered."""

    lasting = True

    def __init__(
        self, again: Callable[[QTextDocument], None], document: QTextDocument, requests: Sequence[FormulaRequest]
    ) -> None:
        self._again = again
        self._document = ref(document)
        self._requests = [*dict.fromkeys(requests)]

    def request(self) -> FormulaRequest | None:
        """Return the next request, or None if there are no more."""
        return self._requests[0] if self._requests and self._document() is not None else None

    def take(self, request: Request, reply: Reply | None) -> None:
        """Rewrite the document once all formulas are answered."""
        del request, reply
        self._requests.pop(0)
        document = self._document()
        if not self._requests and document is not None:
            self._again(document)


DISPLAYS = ("$$", r"\[", BARE)
"""Opening delimiters of formulas that are displayed on a line of their own."""

_KEEP = QTextCursor.MoveMode.KeepAnchor

LONGEST_FORMULA = 1_000
"""Maximum length of a formula that is rendered; longer ones are shown as source."""


class _Written(Struct):
    """The content that was last written to a document."""

    paragraphs: list[StyledParagraph] = field(default_factory=list[StyledParagraph])
    table: TableDocument | None = None
    code: CodeDocument | None = None
    pictures: dict[FormulaRequest, Formula] = field(default_factory=dict[FormulaRequest, Formula])
    names: set[str] = field(default_factory=set[str])
    block: Block | None = None


class DocumentWriter:
    """Writes documents in one look. `ratio` is the device pixel ratio for formulas.

    A formula is shown as source until it is rendered; then `redraw` is called with its document.
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
        """Return a document for a block. A table that continues another part gets that part's widths and direction."""
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
        """Change a document from one state of its block to the next with minimal edits.

        Returns whether that was possible.
        """
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
        """Return the table in a document, or None if there is none."""
        written = self._written.get(document)
        return written.table if written is not None else None

    def column_widths(self, document: QTextDocument) -> tuple[float, ...]:
        """Return the column widths of a document's table in pixels, or an empty tuple."""
        table = self.table(document)
        return table.widths() if table is not None else ()

    def widen_columns(self, document: QTextDocument, words: Sequence[Wording]) -> bool:
        """Widen the columns to fit these words. Returns whether any width changed."""
        table = self.table(document)
        if table is None or not words:
            return False
        had = table.widths()
        wanted = tuple(map(max, had, table.room_for(words)))
        if wanted != had:
            table.widen(wanted)
        return wanted != had

    def is_rtl(self, document: QTextDocument) -> bool:
        """Whether the columns of a document's table run from right to left."""
        table = self.table(document)
        return table is not None and table.rtl

    def when_coloured(self, document: QTextDocument, ended: Callable[[State], None]) -> None:
        """Call `ended` with the highlighter's state once the code in a document is highlighted."""
        written = self._written.get(document)
        if written is not None and written.code is not None:
            written.code.ended = ended
            if written.code.left is not None:
                ended(written.code.left)

    def write_again(self, document: QTextDocument, block: Block) -> None:
        """Rewrite a block after colors of the code in it arrived, if it is still displayed."""
        written = self._written.get(document)
        if written is not None and written.block is block:
            self._write_block(document, written, block)
            self._coloured()

    def draw_again(self, document: QTextDocument) -> None:
        """Replace the sources of formulas by their pictures."""
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
        """Insert runs at a cursor, with rendered formulas as pictures."""
        for text, style in runs:
            form = self._form(style, heading)
            if style.drawn:
                self._insert_formula(cursor, text, style, form)
            else:
                cursor.insertText(text, form)

    def _form(self, style: Style, heading: int) -> QTextCharFormat:
        return self.formats.heading(style, heading) if heading else self.formats.char(style)

    def _code(self, document: QTextDocument, block: Block, state: Callable[[], State]) -> CodeDocument:
        """Write code to a document and return its CodeDocument."""
        code = CodeDocument(
            document, self.formats, block.language, state, continued=block.continued, changed=self._coloured
        )
        request = CodeRequest(language=block.language, text=block.content, state=state(), whole=not block.continued)
        reply = None if block.open or not block.language else self._drawings.coloured(request)
        code.grow(block.content, is_open=block.open, told=reply.lines if reply is not None else ())
        if reply is not None:
            code.take(request, reply)
        else:
            self._drawings.want(code)
        return code

    def _write_block(self, document: QTextDocument, written: _Written, block: Block) -> None:
        """Write the paragraphs of a block, and request the colors of code once the block is closed."""
        written.block = block
        missing: list[CodeRequest] = []

        def tell(language: str, code: str) -> Sequence[Sequence[Word]]:
            """Return the highlighted words of each line, or nothing if they are not known yet."""
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
        """Return the rows of a table with the formulas that are rendered, and request the others."""
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
        """Return runs in which rendered formulas are pictures, and request the others."""
        if not any(style.formula for _, style in runs):
            return tuple(runs)
        resolved: list[Run] = []
        for text, style in runs:
            if not style.formula:
                resolved.append((text, style))
                continue
            request = self._formula_request(text, style, self._form(style, heading))
            if self._picture(written, request) is not None:
                resolved.append((text, style._replace(drawn=True)))
                continue
            waits = len(text) <= LONGEST_FORMULA and not self._drawings.is_settled(request)
            resolved.append((written_out(text, style.formula), style._replace(formula="", code=not waits)))
            if waits:
                undrawn.append(request)
        return tuple(resolved)

    def _want_formulas(self, document: QTextDocument, undrawn: Sequence[FormulaRequest]) -> None:
        if undrawn:
            self._drawings.want(FormulasWish(self.draw_again, document, undrawn))

    def _formula_request(self, source: str, style: Style, form: QTextCharFormat) -> FormulaRequest:
        display = style.formula in DISPLAYS
        size = form.font().pixelSize() + (2 if display else 0)
        return FormulaRequest(source=source, size=size, display=display)

    def _picture(self, written: _Written, request: FormulaRequest) -> Formula | None:
        """Return the picture of a formula, or None. Pictures are cached per document."""
        if request not in written.pictures:
            reply = self._drawings.drawn(request)
            formula = self._mathematics.formula(request, reply) if reply is not None else None
            if formula is None:
                return None
            written.pictures[request] = formula
        return written.pictures[request]

    def _write(self, document: QTextDocument, written: _Written, wanted: list[StyledParagraph]) -> None:
        """Rewrite a document from the first paragraph that differs."""
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
        """Start a paragraph, or use the existing one in an `empty` document."""
        form, char = self.formats.block(shape), self.formats.char(PLAIN)
        if empty:
            cursor.setBlockFormat(form)
            cursor.setBlockCharFormat(char)
        else:
            cursor.insertBlock(form, char)

    def _cut_back(self, cursor: QTextCursor, number: int, had: Sequence[Run], wanted: Sequence[Run]) -> int:
        """Delete a paragraph from its first difference on, and return how many characters remain."""
        document = cursor.document()
        block = document.findBlockByNumber(number)
        kept = common(had, wanted)
        at = block.position() + self._length(had, kept)
        cursor.setPosition(at)
        cursor.setPosition(document.characterCount() - 1, _KEEP)
        cursor.removeSelectedText()
        return kept

    def _length(self, runs: Sequence[Run], kept: int) -> int:
        """Return how many positions in the document the first characters of runs take. A picture takes one."""
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
        picture_format = QTextImageFormat()
        picture_format.setFont(placed.font)
        picture_format.setName(name)
        picture_format.setWidth(placed.size.width())
        picture_format.setHeight(placed.size.height())
        picture_format.setVerticalAlignment(placed.alignment)
        picture_format.setToolTip(plain_tip(source))
        picture_format.setProperty(SOURCE, written_out(source, style.formula))
        if style.href:
            picture_format.setAnchor(True)
            picture_format.setAnchorHref(style.href)
        cursor.insertImage(picture_format)
