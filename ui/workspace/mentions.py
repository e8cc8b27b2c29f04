"""While “@” is typed: the list of the panes that it may name, their numbers in their headers, and what names none."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Slot
from PySide6.QtGui import QColor, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QTextEdit

from ui.model_facts import ModelFacts
from ui.pane.composer import Composer
from ui.strings import number_text, tr
from ui.theme import Themes
from ui.widgets.on_demand import OnDemand
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList
from ui.workspace.recipients import BegunAddress, address, begun, matching

if TYPE_CHECKING:
    from ui.workspace.mention_list import MentionList

_TAKEN = (Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Mentions(QObject):
    """Looks at what is typed in the field of all panes."""

    def __init__(
        self, themes: Themes, facts: ModelFacts, line: PaneList, sending: Dispatch, composer: Composer
    ) -> None:
        super().__init__(composer)
        self._themes = themes
        self._facts = facts
        self._line = line
        self._sending = sending
        self._composer = composer
        self._editor = composer.editor
        self._left = -1
        """Where the “@” is whose list was closed by Esc."""
        self.list = OnDemand(self._made)
        composer.changed.connect(self.update)
        self._editor.cursorPositionChanged.connect(self.update)
        self._editor.focused.connect(self.update)
        self._editor.unfocused.connect(self.update)

    @Slot()
    def update(self) -> None:
        """Show what goes with what is typed now."""
        names = self._editor.document().characterAt(0) == "@" and not self._composer.isHidden()
        self._mark(self._sending.addressed(self._editor.toPlainText()).unmatched if names else ())
        typed = self._begun()
        for number, pane in enumerate(self._line, 1):
            pane.header.show_number(number if typed is not None else 0)
        if typed is None or typed.start != self._left:
            self._left = -1
        places = matching(typed.word, self._sending.called) if typed is not None and self._left < 0 else ()
        if places:
            self._show(places)
        else:
            self.close()

    def close(self) -> None:
        """Show no list."""
        if self.list.made is not None:
            self.list.made.hide()

    def complete(self) -> bool:
        """Write out the address that is being typed, as the list has it; whether one is."""
        typed = self._begun()
        places = matching(typed.word, self._sending.called) if typed is not None else ()
        if typed is None or not places:
            return False
        shown = self.list.made
        self._put(typed, shown.place if shown is not None and shown.isVisible() else places[0])
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys go through the list while it is shown, before they mean anything to the field."""
        shown = self.list.made
        if shown is None or not shown.isVisible():
            return super().eventFilter(watched, event)
        if watched is self._composer and event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            shown.show_above(self._composer.frame)
        if watched is not self._editor or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return super().eventFilter(watched, event)
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape, *_TAKEN):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.KeyPress:
            self._press(Qt.Key(event.key()), shown)
        event.accept()
        return True

    def _press(self, key: Qt.Key, shown: MentionList) -> None:
        match key:
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                shown.step(1 if key == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Escape:
                typed = self._begun()
                self._left = typed.start if typed is not None else -1
                shown.hide()
            case _:
                self.complete()

    def _begun(self) -> BegunAddress | None:
        """The address that the cursor is in, of several panes."""
        addresses = self._editor.document().characterAt(0) == "@"
        if not addresses or self._composer.isHidden() or not self._editor.hasFocus():
            return None
        cursor = self._editor.textCursor()
        return begun(self._editor.toPlainText()[: cursor.position()]) if not cursor.hasSelection() else None

    def _put(self, typed: BegunAddress, place: int) -> None:
        cursor = self._editor.textCursor()
        end = cursor.position()
        cursor.setPosition(typed.start)
        cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
        cursor.insertText(address(place, self._sending.called))
        self._editor.setTextCursor(cursor)

    def _show(self, places: tuple[int, ...]) -> None:
        from ui.workspace.mention_list import PaneFacts  # the first paint needs none of it

        shown = self.list()
        was = shown.place if shown.isVisible() else -1
        shown.model.clear()
        for place in places:
            pane = self._line[place]
            name = self._facts.name(pane.conversation.model)
            facts = PaneFacts(number_text(place + 1), name, pane.conversation.model.connection, pane.colour)
            shown.add(place, facts, tr("Pane {number}: {model}", number=place + 1, model=name))
        shown.rows.setCurrentIndex(shown.model.index(places.index(was) if was in places else 0, 0))
        shown.show_above(self._composer.frame)

    def _made(self) -> MentionList:
        from ui.workspace.mention_list import MentionList

        made = MentionList(self._themes, self._composer.window(), self._editor)
        made.rows.clicked.connect(self._clicked)
        self._editor.installEventFilter(self)
        self._composer.installEventFilter(self)
        return made

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        from ui.workspace.mention_list import PLACE

        typed = self._begun()
        if typed is not None:
            self._put(typed, int(index.data(PLACE)))

    def _mark(self, unmatched: tuple[tuple[int, int], ...]) -> None:
        """Underline what names no pane."""
        marks = list[QTextEdit.ExtraSelection]()
        for start, end in unmatched:
            mark = QTextEdit.ExtraSelection()
            # The stubs do not declare what a selection holds.
            cursor = self._editor.textCursor()
            cursor.setPosition(start)
            cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
            wavy = QTextCharFormat()
            wavy.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wavy.setUnderlineColor(QColor(self._themes.current.bad))
            mark.cursor, mark.format = cursor, wavy  # pyright: ignore[reportAttributeAccessIssue]
            marks.append(mark)
        if marks or self._editor.extraSelections():
            self._editor.setExtraSelections(marks)
