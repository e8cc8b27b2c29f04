"""Opens the attachments of a composer and of its transcript in the viewer, or their menus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from weakref import ref

from PySide6.QtCore import QObject, QPoint, Slot

from desktop.domain.conversation_types import Role
from ui.composer.composer import Composer
from ui.pane.pane_resources import PaneResources
from ui.transcript.message.row import Row
from ui.transcript.transcript_view import TranscriptView

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment
    from desktop.domain.message_parts import FilePart, ImagePart
    from ui.attachments.files_asked import FilesAsked, GivenForm, GivenModel


class ShownFiles(QObject):
    """Handles the attachments of a composer. `models` returns its target models, as `given_form` expects them."""

    def __init__(
        self,
        composer: Composer,
        shared: PaneResources,
        models: Callable[[], Sequence[GivenModel]],
        transcript: TranscriptView | None = None,
    ) -> None:
        super().__init__(composer)
        self._composer = composer
        self._shared = shared
        self._models = models
        self._transcript = transcript
        self._last_read: Callable[[], Row | None] = lambda: None
        self._last_files: Sequence[ImagePart | FilePart] = ()
        """Files of the last prompt that has any, up to the row that was read last."""
        if shared.files is None:
            return
        composer.attached.asked.connect(self._ask)
        if transcript is not None:
            transcript.files_asked.connect(self._ask_read)

    @property
    def at_hand(self) -> Sequence[ImagePart | FilePart]:
        """Attachments of the focused message, or else of the last prompt that has attachments."""
        if self._transcript is None:
            return ()
        if (row := self._transcript.focused_row) is not None and row.files:
            return row.files
        rows = self._transcript.rows
        # Earlier messages never change, so their files are looked up once.
        if rows and self._last_read() is not rows[-1]:
            self._last_read = ref(rows[-1])
            prompts = (row.message for row in reversed(rows) if row.message.role is Role.USER)
            self._last_files = next((prompt.files for prompt in prompts if prompt.files), ())
        return self._last_files if rows else ()

    @Slot()
    def open(self) -> None:
        """Open these attachments in the viewer, which returns the focus afterwards."""
        if (files := self.at_hand) and self._transcript is not None:
            from ui.attachments.files_asked import FilesAsked

            back = self._transcript.window().focusWidget() or self._transcript
            self._act(FilesAsked(files, 0, self._gets, lambda: back, None))

    @Slot(int, object)
    def _ask(self, at: int, place: QPoint | None) -> None:
        """Open an attachment of the composer, or its menu at a screen position."""
        from ui.attachments.files_asked import FilesAsked

        attached = self._composer.attached
        back = partial(attached.tile, at)
        self._act(FilesAsked(attached.parts, at, self._gets, back, place, attached.take_off))

    @Slot(object, int, object)
    def _ask_read(self, files: Sequence[ImagePart | FilePart], at: int, place: QPoint | None) -> None:
        """Open an attachment of a sent prompt, or its menu at a screen position."""
        from ui.attachments.files_asked import FilesAsked

        assert self._transcript is not None
        transcript = self._transcript
        self._act(FilesAsked(files, at, self._gets, lambda: transcript, place))

    def _act(self, asked: FilesAsked) -> None:
        if self._shared.files is not None:
            self._shared.files().act(asked)

    def _gets(self, attachment: Attachment) -> GivenForm:
        from ui.attachments.attachment_text import given_form

        return given_form(attachment, self._models())
