"""Document of highlighted code that can grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import ref

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument

from desktop.renderer.highlight import LONGEST, Word
from desktop.renderer.render_wire import CodeReply, CodeRequest, Reply, Request
from ui.transcript.text.formats import CODE_HEIGHT, Formats
from ui.transcript.text.paragraphs import Style, clean, code_runs

# Looking up Qt enum members by their full names costs as much as using them.
_END, _END_OF_BLOCK = QTextCursor.MoveOperation.End, QTextCursor.MoveOperation.EndOfBlock
_KEEP = QTextCursor.MoveMode.KeepAnchor

State = tuple[str, ...]


def _from_its_beginning() -> State:
    return ()


class CodeDocument:
    """Lines of a code block. Only new lines are written; a line is rewritten once its colors are available.

    `state` returns the highlighter's state at the start of the code, once it is known. `changed` is called after
    colors were applied.
    """

    def __init__(
        self,
        document: QTextDocument,
        formats: Formats,
        language: str,
        state: Callable[[], State] = _from_its_beginning,
        *,
        continued: bool = False,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._document = ref(document)  # what keeps it for a document must not keep the document
        self._formats = formats
        self._language = language
        self._before = state
        self._continued = continued
        self._changed = changed
        self._lines: list[str] = []
        self._shown: list[Sequence[Word]] = []
        self._content = ""
        self._open = True
        self.left: State | None = None
        """What it leaves open; None before all is there and coloured."""
        self._coloured = 0  # complete lines whose colours came
        self._at = 0  # characters of those
        self._state: State | None = None  # after those
        self._asked = ""  # the text of the last reply
        self._ended = not language
        self.ended: Callable[[State], None] = lambda _state: None
        """Called once all is there and coloured, with what it leaves open."""
        self._line = QTextBlockFormat()
        self._line.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # whatever letter a line begins with
        height = round(formats.look.fonts.code.pixelSize() * CODE_HEIGHT)
        self._line.setLineHeight(height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)

    @property
    def lasting(self) -> bool:
        """Whether the code is complete, so that its colors are final."""
        return not self._open

    def grow(self, content: str, *, is_open: bool, told: Sequence[Sequence[Word]] = ()) -> None:
        """Show code that extends the previous code. `told` contains the colors of its first lines, if known."""
        document = self._document()
        if document is None:
            return
        lines = content.split("\n")
        if not lines[-1]:
            lines.pop()
        cursor = QTextCursor(document)
        cursor.movePosition(_END)
        cursor.beginEditBlock()
        for number in range(max(len(self._lines) - 1, 0), len(lines)):
            if number < len(self._lines):
                self._lengthen(cursor, number, lines[number])
            else:
                self._begin(cursor)
                self._lines.append(lines[number])
                words: Sequence[Word] = [(lines[number], "")] if lines[number] else []
                if number < len(told) and "".join(text for text, _ in told[number]) == lines[number]:
                    words = told[number]
                self._shown.append(words)
                self._insert(cursor, words)
        cursor.endEditBlock()
        self._content, self._open = content, is_open

    def request(self) -> CodeRequest | None:
        """Return the next request for highlighting, or None if nothing is left to highlight."""
        if self._ended or self._document() is None:
            return None
        if not self._open:
            state, whole = self._before(), not self._continued
            return CodeRequest(language=self._language, text=self._content, state=state, whole=whole)
        if self._state is None:
            self._state = self._before()
        text = self._content[self._at :]
        if not text or text == self._asked:
            return None
        return CodeRequest(language=self._language, text=text, state=self._state)

    def take(self, request: Request, reply: Reply | None) -> None:
        """Apply the colors in a reply; None changes nothing."""
        document = self._document()
        if document is None:
            return
        if not isinstance(request, CodeRequest) or not isinstance(reply, CodeReply) or not reply.lines:
            self._ended = True
            return
        final = not self._open and request.text == self._content and (request.whole or self._continued)
        first = 0 if final else self._coloured
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        steps = [self._correct(cursor, first + number, words) for number, words in enumerate(reply.lines)]
        cursor.endEditBlock()
        self._state = reply.state
        if final:
            self._ended = True
            self.left = reply.state
            self.ended(reply.state)
        else:
            complete = request.text.rfind("\n") + 1
            self._at += complete
            self._coloured += request.text.count("\n")
            self._asked = request.text[complete:]
        if any(steps):
            self._changed()

    def _correct(self, cursor: QTextCursor, number: int, words: Sequence[Word]) -> bool:
        """Rewrite a line if its colors differ. Text that is newer than the colors stays plain.

        Returns whether the line was rewritten.
        """
        if number >= len(self._lines):
            return False
        line, told = self._lines[number], "".join(text for text, _ in words)
        if not line.startswith(told):
            return False
        wanted = [*words, (line[len(told) :], "")] if len(line) > len(told) else [*words]
        if [*self._shown[number]] == wanted or len(line) > LONGEST:
            return False
        block = cursor.document().findBlockByNumber(number)
        cursor.setPosition(block.position())
        cursor.movePosition(_END_OF_BLOCK, _KEEP)
        cursor.removeSelectedText()
        self._insert(cursor, wanted)
        self._shown[number] = wanted
        return True

    def _lengthen(self, cursor: QTextCursor, number: int, line: str) -> None:
        """Append text to the last line."""
        more = line[len(self._lines[number]) :]
        if more:
            self._lines[number] = line
            self._shown[number] = [*self._shown[number], (more, "")] if len(line) <= LONGEST else [(line, "")]
            self._insert(cursor, [(more, "")])

    def _begin(self, cursor: QTextCursor) -> None:
        """Start a new line. The first line already exists in every document."""
        plain = self._formats.char(_CODE[""])
        if not self._lines:
            cursor.setBlockFormat(self._line)
            cursor.setBlockCharFormat(plain)
        else:
            cursor.insertBlock(self._line, plain)

    def _insert(self, cursor: QTextCursor, words: Sequence[Word]) -> None:
        for text, ink in words:
            for part, style in code_runs(clean(text), _CODE.get(ink) or _CODE[""]):
                cursor.insertText(part, self._formats.char(style))


_CODE = {
    name: Style(code=True, ink=name or "code")
    for name in ("", *["keyword", "name", "string", "number", "comment", "tag"])
}
