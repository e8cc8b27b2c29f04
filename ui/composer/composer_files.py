"""Attachments of one composer: their tiles and decoded contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QBoxLayout, QWidget

from ui.base.theme import Theme
from ui.widgets.notice_bar import NoticeStack

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment
    from desktop.catalog.catalog_entry import Entry
    from desktop.domain.message_parts import FilePart, ImagePart
    from ui.attachments.attached_looks import AttachedLooks
    from ui.attachments.slow_reading import SlowReading
    from ui.attachments.tile_row import TileRow


class ComposerFiles(QObject):
    """Attachments of one composer. Widgets are created and modules imported with the first attachment."""

    changed = Signal()
    asked = Signal(int, object)
    """Emitted with a tile's index to open it, and with a screen position if its menu is requested instead."""
    left = Signal()
    """Emitted when the tile with the focus is removed, so that the focus returns to the text."""

    def __init__(
        self,
        theme: Theme,
        looks: Callable[[], AttachedLooks],
        place: tuple[QBoxLayout, QWidget],
        notices: NoticeStack,
        parent: QObject,
    ) -> None:
        """`place` contains the layout for the tiles and the widget below them."""
        super().__init__(parent)
        self._theme = theme
        self._looks = looks
        self._place = place
        self._notices = notices
        self._tiles: TileRow | None = None
        self._reading = 0
        self._all_came = True
        self._send: Callable[[], None] | None = None
        self.occasion = 0
        """Another number once something else is typed here, as when another chat is shown."""

    def hold(self, send: Callable[[], None]) -> bool:
        """Postpone `send` while files are being read. Returns whether it has to wait."""
        self._send = send if self._reading else None
        return self._send is not None

    @property
    def parts(self) -> tuple[ImagePart | FilePart, ...]:
        """The attachments, in order."""
        return self._tiles.files if self._tiles is not None else ()

    @property
    def known(self) -> list[Attachment]:
        """The attachments that are already decoded."""
        looks = [(part.name, self._looks().look(part)) for part in self.parts]
        return [
            msgspec.structs.replace(look.attachment, name=name)
            for name, look in looks
            if look is not None and look.attachment is not None
        ]

    def put(self, parts: Sequence[ImagePart | FilePart]) -> None:
        """Replace all attachments. Files still being read belong to the previous prompt and are discarded."""
        self.occasion += 1
        if parts or self.parts:
            self._row().put(parts)

    def attach(self, attachment: Attachment) -> None:
        """Add an attachment."""
        self._looks().hold(attachment)
        self._row().add(attachment.part)

    def take_off(self, place: int) -> None:
        """Remove an attachment by index."""
        self._row().take_off(place)

    def tile(self, place: int) -> QWidget:
        """Return a tile by index, or the text field if there is none."""
        return (self._tiles.tile(place) if self._tiles is not None else None) or self._place[1]

    def reading(self, name: str) -> SlowReading:
        """Return a notice that appears if reading a file takes longer than a moment."""
        from ui.attachments.slow_reading import SlowReading

        return SlowReading(self._notices, name)

    def begin(self) -> None:
        """Record that a file is being read."""
        self._reading += 1

    def end(self, *, came: bool) -> None:
        """Record that reading a file is over. If any file was not attached, a postponed prompt is not sent."""
        self._reading -= 1
        self._all_came = self._all_came and came
        if self._reading == 0:
            send, came = self._send, self._all_came
            self._send, self._all_came = None, True
            if send is not None and came:
                send()

    def tokens(self, entry: Entry) -> int:
        """Return the estimated tokens of all attachments for a model."""
        if not self.parts:
            return 0
        from ui.attachments.attachment_text import tokens_of

        return tokens_of(self.known, entry)

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        if self._tiles is not None:
            self._tiles.themed(theme)

    def _row(self) -> TileRow:
        if self._tiles is None:
            from ui.attachments.tile_row import TileRow

            self._tiles = TileRow(self._looks(), self._theme)
            self._tiles.changed.connect(self.changed)
            self._tiles.asked.connect(self.asked)
            self._tiles.left.connect(self.left)
            layout, above = self._place
            layout.insertWidget(layout.indexOf(above), self._tiles)
            self._tiles.lower()  # Tab goes by the order of children: to the tiles before what is typed
        return self._tiles
