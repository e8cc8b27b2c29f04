"""A document of code that grows line by line, its words in colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument

from ui.transcript.formats import CODE_HEIGHT, Formats
from ui.transcript.highlight import LONGEST, Highlighter, Word, plain_lines
from ui.transcript.paragraphs import Style, clean, code_runs

_AT_ONCE = 200
"""Lines whose words are told apart when they are written; of more the check does it, bit by bit."""


class CodeText:
    """Lines of one block of code. What is complete is written once; only the open line is written again."""

    def __init__(self, document: QTextDocument, formats: Formats, language: str, state: Sequence[str] = ()) -> None:
        self._document = document
        self._formats = formats
        self._ink = Highlighter(language, state)
        self._shown: list[Sequence[Word]] = []
        self._content = ""
        self._done = 0  # characters of complete lines
        self._rest = ""  # the open line as it is written
        self._empty = True  # a paragraph stands ready for the next line
        self._line = QTextBlockFormat()
        height = round(formats.look.fonts.code.pixelSize() * CODE_HEIGHT)
        self._line.setLineHeight(height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)

    @property
    def state(self) -> tuple[str, ...]:
        """What its lines leave open for the words of those that follow."""
        return self._ink.state

    def grow(self, content: str, *, is_open: bool) -> None:
        """Show this content, which begins as the last one did."""
        cursor = QTextCursor(self._document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        end = content.rfind("\n") + 1 if is_open or content.endswith("\n") else len(content)
        if end > self._done:
            self._take_rest(cursor)
            text = content[self._done : end]
            told = self._ink.lines(text) if text.count("\n") <= _AT_ONCE else plain_lines(text)
            for words in told:
                self._write(cursor, words)
            self._done = end
        self._write_rest(cursor, content[self._done :])
        cursor.endEditBlock()
        self._content = content

    def check(self) -> Iterator[None]:
        """Correct lines whose words the whole block tells otherwise than they were written; in small steps."""
        number = 0
        for lines in self._ink.check(self._content):
            for wanted in lines[: len(self._shown) - number]:
                if self._correct(number, wanted):
                    yield None
                number += 1
            yield None

    def _correct(self, number: int, wanted: list[Word]) -> bool:
        """Write a line anew if its words differ; whether they did."""
        size = sum(len(text) for text, _ in wanted)
        if self._shown[number] == wanted or size > LONGEST:
            return False
        cursor = QTextCursor(self._document.findBlockByNumber(number))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self._insert(cursor, wanted)
        self._shown[number] = wanted
        return True

    def _write(self, cursor: QTextCursor, words: Sequence[Word]) -> None:
        """One more complete line."""
        self._begin(cursor)
        self._insert(cursor, words)
        self._shown.append(words)

    def _begin(self, cursor: QTextCursor) -> None:
        plain = self._formats.char(_CODE[""])
        if self._empty and not self._shown:
            cursor.setBlockFormat(self._line)
            cursor.setBlockCharFormat(plain)
        elif not self._empty:
            cursor.insertBlock(self._line, plain)
        self._empty = False

    def _take_rest(self, cursor: QTextCursor) -> None:
        """Remove the open line; its paragraph stays for what comes in its place."""
        if self._rest:
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            self._rest = ""
            self._empty = True

    def _write_rest(self, cursor: QTextCursor, rest: str) -> None:
        """Show the open line; a very long one is only added to."""
        if rest == self._rest:
            return
        if len(self._rest) > LONGEST and rest.startswith(self._rest):
            self._insert(cursor, [(rest[len(self._rest) :], "")])
        else:
            self._take_rest(cursor)
            self._begin(cursor)
            self._insert(cursor, self._ink.open_line(rest))
        self._rest = rest

    def _insert(self, cursor: QTextCursor, words: Sequence[Word]) -> None:
        for text, ink in words:
            for part, style in code_runs(clean(text), _CODE.get(ink) or _CODE[""]):
                cursor.insertText(part, self._formats.char(style))


_CODE = {
    name: Style(code=True, ink=name or "code")
    for name in ("", *["keyword", "name", "string", "number", "comment", "tag"])
}
