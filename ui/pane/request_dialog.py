"""Dialog that shows the request of a response as it was sent: as JSON, a curl command or a program."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.receipts.receipt import KEY
from desktop.receipts.request_text import RequestForm, request_text
from desktop.store.receipts import SentRequest
from ui.base.strings import day, number_text, tr, trn
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.inputs import Segments
from ui.widgets.paragraph import Paragraph
from ui.widgets.text_field import TextField
from ui.widgets.window_size import within_screen

_SIZE = QSize(720, 560)
_MOST_SHOWN = 40_000
"""Maximum number of characters shown. A body is a single line, which Qt lays out all at once."""

_FORMS = (RequestForm.JSON, RequestForm.CURL, RequestForm.PYTHON)


class RequestDialog(QDialog):
    """Dialog for the stored request of a response; open it with `open()`.

    The key is replaced by a variable everywhere.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Request"))
        self.setAccessibleName(tr("Request"))
        self._sent: SentRequest | None = None
        self._whole = ""
        self.facts = Paragraph("", "")
        self.forms = Segments([tr("JSON"), "curl", "Python"], tr("Format"))
        self.text = TextField()
        self.text.setReadOnly(True)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # its lines are broken
        self.text.setAccessibleName(tr("Request"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.note = Paragraph("", "muted")
        self.copy_ = button(tr("Copy"), "primary")
        self.done_ = button(tr("Close"))
        self._build()
        self.forms.chosen.connect(self._show)
        self.copy_.clicked.connect(self._copy)
        self.done_.clicked.connect(self.close)
        self.resize(within_screen(self, _SIZE))

    def show_request(self, sent: SentRequest) -> None:
        """Show a request and its outcome."""
        self._sent = sent
        self.facts.setText("\n".join(_facts(sent)))
        self._show()

    def say_none(self) -> None:
        """Explain that the response has no receipt."""
        self.say(
            tr(
                "This response has no receipt: it was generated before receipts existed, it was imported, "
                "or its request never reached a server."
            )
        )

    def say(self, text: str) -> None:
        """Show a sentence instead of a request."""
        self.facts.setText(text)
        for each in (self.forms, self.text, self.note, self.copy_):
            each.hide()
        self.adjustSize()

    @Slot()
    def _show(self) -> None:
        if self._sent is not None:
            self._whole = request_text(self._sent.receipt, self._sent.body, _FORMS[self.forms.current])
            self.text.setPlainText(self._whole[:_MOST_SHOWN])
            said = [tr("{variable} replaces the key.", variable=KEY)]
            if len(self._whole) > _MOST_SHOWN:
                said.append(tr("Only the beginning is shown. Choose Copy to copy the whole request."))
            self.note.setText(" ".join(said))

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._whole)
        announce(self, tr("Copied"))

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.addWidget(self.forms)
        row.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.copy_)
        buttons.addWidget(self.done_)
        column.addWidget(self.facts)
        column.addLayout(row)
        column.addWidget(self.text, 1)
        column.addWidget(self.note)
        column.addLayout(buttons)


def _facts(sent: SentRequest) -> Iterator[str]:
    """Yield lines about a request: time, address, server, earlier attempts, and parts that were not stored."""
    receipt = sent.receipt
    at = receipt.at.astimezone()
    yield tr("Sent {when} to {address}", when=f"{day(at)} {at:%H:%M:%S}", address=receipt.url)
    if receipt.server_model:
        yield tr("Response from {model}", model=receipt.server_model)
    if receipt.fingerprint:
        yield tr("System fingerprint: {fingerprint}", fingerprint=receipt.fingerprint)
    if receipt.program:
        yield tr("Sent by Paragone {version}", version=receipt.program)
    if receipt.answered:
        yield " · ".join(f"{name}: {value}" for name, value in receipt.answered.items())
    for each in receipt.tries:
        waited = tr("Waited {s} s before retrying.", s=number_text(round(each.wait_s))) if each.wait_s else ""
        yield f"{tr('Earlier attempt: {reason}', reason=each.reason)} {waited}".strip()
    missing = sent.missing
    if missing.messages:
        yield trn("{n} message was deleted.", "{n} messages were deleted.", missing.messages)
    for name in missing.files:
        yield tr("{name} was sent but no longer exists. A reference replaces it.", name=name)
    if missing.changed:
        yield tr("The receipt is damaged: the request shown is not exactly what was sent.")
