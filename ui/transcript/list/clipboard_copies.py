"""Clipboard data of a transcript: plain text, and HTML with colors and formulas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QStringListModel, Signal
from PySide6.QtGui import QClipboard, QGuiApplication

from desktop.renderer.render_wire import CodeRequest, FormulaReply, FormulaRequest, Reply, Request
from ui.transcript.text.drawings import Drawings

if TYPE_CHECKING:
    from desktop.transfer.export.copied_html import CopiedHtml, CopiedMessage
    from ui.transcript.text.formula_pictures import FormulaPictures

_INK, _PAPER = "#1b1f27", "#ffffff"
_SHARP = 3.0
"""Resolution factor of formula pictures, because they may be printed."""

_HALF = 0.23
"""Half the x-height as a share of the font size; this value holds for most fonts."""


class ClipboardCopies(QObject):
    """Copies text at once, and adds formulas and colors as soon as they are rendered.

    `copied` is emitted with whether the system accepted the data; another program may be using the clipboard.
    """

    copied = Signal(bool)

    def __init__(
        self,
        drawings: Drawings | None,
        parent: QObject,
        clipboard: Callable[[], QClipboard] = QGuiApplication.clipboard,
    ) -> None:
        super().__init__(parent)
        self._drawings = drawings or Drawings()
        self._clipboard = clipboard
        self._pictures: FormulaPictures | None = None

    def put(self, text: str, messages: Sequence[CopiedMessage] = ()) -> None:
        """Copy a text, with the formatting of the messages that it comes from."""
        if not text:
            return
        html = self._html(messages)
        clipboard = self._clipboard()
        clipboard.setMimeData(self._mime(text, html))
        self.copied.emit(clipboard.text() == text)
        missing = [each for each in html.requests if not self._drawings.is_settled(each)] if html is not None else []
        if missing:
            self._drawings.want(CopyWish(missing, lambda: self._again(text, html)))

    def mime(self, text: str, messages: Sequence[CopiedMessage]) -> QMimeData:
        """Return the same data for dragging, with the formulas and colors that are already rendered."""
        return self._mime(text, self._html(messages))

    def select(self, text: str) -> None:
        """Make the selected text available to a middle click, if the system supports that."""
        clipboard = self._clipboard()
        if text and clipboard.supportsSelection():
            clipboard.setText(text, QClipboard.Mode.Selection)

    def _again(self, text: str, html: CopiedHtml | None) -> None:
        clipboard = self._clipboard()
        if clipboard.ownsClipboard() and clipboard.text() == text:
            clipboard.setMimeData(self._mime(text, html))

    def _html(self, messages: Sequence[CopiedMessage]) -> CopiedHtml | None:
        from desktop.transfer.export.copied_html import LONGEST, CopiedHtml

        size = sum(len(piece.text) for message in messages for piece in message.pieces)
        return CopiedHtml(messages) if 0 < size <= LONGEST else None

    def _mime(self, text: str, html: CopiedHtml | None) -> QMimeData:
        from desktop.reports.report_drawings import DrawnParts, words_of

        mime_data = _made_by_qt()
        mime_data.setText(text)
        if html is not None:
            pictures: dict[Request, str] = {}
            coloured: dict[Request, tuple[tuple[str, str], ...]] = {}
            for request in dict.fromkeys(html.requests):
                if isinstance(request, CodeRequest):
                    reply = self._drawings.coloured(request)
                    coloured[request] = words_of(request, reply) if reply is not None else ()
                else:
                    drawn = self._drawings.drawn(request)
                    pictures[request] = self._picture(request, drawn) if drawn is not None else ""
            mime_data.setHtml(html.filled(DrawnParts(pictures, coloured)))
        return mime_data

    def _picture(self, request: FormulaRequest, reply: FormulaReply) -> str:
        """Return a formula as an HTML image, dark on white, aligned with the text."""
        import base64
        from html import escape

        from ui.transcript.text.formula_pictures import FormulaPictures, around_middle, png

        self._pictures = self._pictures or FormulaPictures(_INK, _PAPER, _SHARP)
        made = self._pictures.formula(request, reply)
        if made is None:
            return ""
        image = made.image if request.display else around_middle(made, _HALF * request.size)
        size = image.deviceIndependentSize()
        data = base64.b64encode(png(image)).decode()
        place = "" if request.display else ' align="middle" style="vertical-align: middle"'
        said = f'alt="{escape(request.source)}" width="{size.width():.0f}" height="{size.height():.0f}"'
        return f'<img src="data:image/png;base64,{data}" {said}{place}>'


def copied_code(code: str, language: str) -> tuple[str, list[CopiedMessage]]:
    """Return code as plain text and as a message with its colors."""
    from desktop.transfer.export.copied_html import CopiedKind, CopiedMessage, CopiedPiece

    return code, [CopiedMessage("", (CopiedPiece(CopiedKind.CODE, code, language),))]


def _made_by_qt() -> QMimeData:
    """Return data that Qt owns, because the clipboard may use the data after Python has quit."""
    model = QStringListModel([""])
    made = model.mimeData([model.index(0)])
    made.clear()
    return made


class CopyWish:
    """Formulas and colors that a copy still needs. `done` is called once all of them are available."""

    lasting = True

    def __init__(self, requests: Sequence[Request], done: Callable[[], None]) -> None:
        self._requests = [*dict.fromkeys(requests)]
        self._done = done

    def request(self) -> Request | None:
        """Return the next request, or None if no more are needed."""
        return self._requests[0] if self._requests else None

    def take(self, request: Request, reply: Reply | None) -> None:
        """Remove the first request, which has been answered."""
        del request, reply
        self._requests.pop(0)
        if not self._requests:
            self._done()
