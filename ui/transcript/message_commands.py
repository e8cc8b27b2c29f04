"""Commands on messages by mouse, key or menu, which are executed here or forwarded as signals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal, Slot

from desktop.domain.conversation_types import Message
from ui.base.commands import Command
from ui.transcript.action_bar import ActionBar
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.outline import Heading
from ui.transcript.message.row import Row
from ui.transcript.message.segments import CodeSegment
from ui.widgets.on_demand import OnDemand

if TYPE_CHECKING:
    from ui.transcript.caret_reader import CaretReader


class MessageCommands(QObject):
    """Runs the commands on the messages of a transcript. Signals carry the ID of the message."""

    edit_wanted = Signal(str)
    regenerate_wanted = Signal()
    continue_wanted = Signal()
    branch_wanted = Signal(str, int)
    quote_wanted = Signal(str)
    """Emitted with the text to quote: what is selected, else the message."""
    other_wanted = Signal(Command, str)
    """Emitted with a command that changes the conversation, and the ID of the message."""
    request_asked = Signal(str)
    """Emitted when the user wants to see the request of a response."""
    rerun_asked = Signal(str)
    """Emitted when the user wants to repeat a request."""
    files_asked = Signal(object, int, object)
    """Emitted with attachments, the index of one to open, and a QPoint if its menu is requested instead."""

    def __init__(
        self,
        messages: MessageList,
        model: RowsModel,
        bar: ActionBar,
        reader: OnDemand[CaretReader],
        figures_of: Callable[[Message], str],
    ) -> None:
        super().__init__(messages)
        self._list = messages
        self._model = model
        self._bar = bar
        self._reader = reader
        self._figures_of = figures_of
        messages.hovered.connect(self._hover)
        messages.fold_wanted.connect(self._fold)
        messages.version_wanted.connect(self._switch)
        messages.menu_wanted.connect(bar.menu)
        messages.file_wanted.connect(self._file)
        messages.link_wanted.connect(self._open_link)
        messages.save_wanted.connect(self._save_code)
        messages.open_wanted.connect(self._read)
        messages.pointer_left.connect(self._leave)
        bar.heading_wanted.connect(self._go_to_heading)
        bar.wanted.connect(self._act)

    def offer_requests(self) -> None:
        """Enable the commands that show and repeat requests."""
        self._bar.offers_requests = True

    @Slot()
    def _leave(self) -> None:
        """Hide the action bar when the mouse leaves the list, unless the mouse is over the bar."""
        if not self._bar.underMouse():
            self._hover(self._list.current_row() if self._list.hasFocus() else None)

    @Slot(object)
    def _hover(self, row: Row | None) -> None:
        self._bar.show_at(row, self._figures_of(row.message) if row and not row.is_prompt else "")

    @Slot(object)
    def _fold(self, row: Row) -> None:
        self._list.change_in_place(self._model.number(row), row.toggle)
        self._model.tell(row)

    @Slot(object, int)
    def _switch(self, row: Row, step: int) -> None:
        self.branch_wanted.emit(row.id, step)

    @Slot(object)
    def _read(self, row: Row) -> None:
        self._reader().read(row, self._list.column[0])

    @Slot(object, int, object)
    def _file(self, row: Row, number: int, place: QPoint | None) -> None:
        self.files_asked.emit(row.files, number, place)

    @Slot(str)
    def _open_link(self, url: str) -> None:
        from desktop.markdown.table_csv import TABLE_LINK  # the first paint needs none of these

        if url.startswith(TABLE_LINK):
            from ui.transcript.block_file import ask_and_write

            ask_and_write([row.text for row in self._model.rows], url, self._list)
            return
        from ui.transcript.link_question import ask_and_open

        ask_and_open(url, self._list)

    @Slot(object, object)
    def _save_code(self, row: Row, segment: CodeSegment) -> None:
        from ui.transcript.block_file import ask_and_save_code

        ask_and_save_code(row.parts.code_at(segment.start), segment.language, segment.title, self._list)

    @Slot(object, object)
    def _go_to_heading(self, row: Row, heading: Heading) -> None:
        self._list.unfold_around(row, heading.slab, heading.segment)
        y = row.slabs[heading.slab].segment_top(heading.segment, self._list.column[1])
        self._list.show_slab(self._model.number(row), heading.slab, y)

    @Slot(Command, object)
    def _act(self, name: Command, row: Row) -> None:
        match name:
            case Command.COPY:
                self._list.copy(row)
            case Command.COPY_MARKDOWN:
                self._list.copy_markdown(None if self._list.selection else row)
            case Command.READ:
                self._read(row)
            case Command.FILES:
                self._file(row, 0, None)
            case Command.SOURCE:
                self._list.select(None)
                self._list.change_in_place(self._model.number(row), row.toggle_source)
            case Command.REQUEST | Command.RERUN:
                (self.request_asked if name is Command.REQUEST else self.rerun_asked).emit(row.id)
            case Command.EDIT:
                self.edit_wanted.emit(row.id)
            case Command.REGENERATE:
                self.regenerate_wanted.emit()
            case Command.CONTINUE:
                self.continue_wanted.emit()
            case Command.QUOTE:
                self.quote_wanted.emit(self._list.selected_text or row.text)
            case Command.PREVIOUS_VERSION | Command.NEXT_VERSION:
                self.branch_wanted.emit(row.id, 1 if name == Command.NEXT_VERSION else -1)
            case _:
                self.other_wanted.emit(name, row.id)
