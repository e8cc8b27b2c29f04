"""Lines in a pane about attachments and tools that its model receives or cannot use; hidden without any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.attachments.files_asked import GivenModel
from ui.base.text_size import TextSize
from ui.composer.composer import Composer
from ui.composer.send_line import SendTarget
from ui.widgets.labels import label, set_role

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment
    from desktop.attachments.sent_forms import Taken


class GivenLine(QWidget):
    """Line that says what the pane's model receives of its own and of the shared attachments."""

    def __init__(self, composer: Composer, takes: Callable[[], Taken], text_size: TextSize) -> None:
        super().__init__()
        self._composer = composer
        self._takes = takes
        self._common: Sequence[Attachment] = ()
        self._said = label("", "muted")
        self._said.setWordWrap(True)
        self._said.hide()
        self._text_size = text_size
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._said)
        self._lacked = label("", "warn")
        self._lacked.setWordWrap(True)
        self._lacked.hide()
        column.addWidget(self._lacked)
        self.hide()
        composer.changed.connect(self.refresh)
        text_size.changed.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep to the column of the text."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        left, right = self._text_size.margins(self.width())
        self.setContentsMargins(left, 4, right, 6)

    @property
    def text(self) -> str:
        """The visible text."""
        return self._said.text()

    @property
    def tools_text(self) -> str:
        """The sentence about tools that the model does not support."""
        return self._lacked.text()

    def say_tools(self, sentence: str) -> None:
        """Show a sentence about tools that the model does not support; empty for none."""
        if sentence != self._lacked.text():
            self._lacked.setText(sentence)
            self._lacked.setVisible(bool(sentence))
            self._show()

    def model(self, target: SendTarget) -> GivenModel:
        """Return the target's model and the kinds of files it accepts."""
        return GivenModel(target.name, self._takes(), target.entry)

    def say(self, files: Sequence[Attachment]) -> None:
        """Set the attachments shared by all panes."""
        self._common = files
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Update the text after the files or the model changed."""
        own = self._composer.attached.known
        if own or self._common or not self.isHidden():
            self._say([*own, *(each for each in self._common if each not in own)])

    def _say(self, files: Sequence[Attachment]) -> None:
        summary, lacks = "", False
        if files:
            from ui.attachments.attachment_text import given_text  # late: most prompts have none

            summary, lacks = given_text(files, self._takes())
        self._said.setText(summary)
        self._said.setVisible(bool(summary))
        set_role(self._said, "role", "warn" if lacks else "muted")
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self._said.text() or self._lacked.text()))
