"""Composer for all panes, with one chip per pane to select the recipients."""

# ruff: noqa: N802 - Qt's names

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap, QTextCharFormat
from PySide6.QtWidgets import QPushButton, QSizePolicy, QTextEdit, QWidget

from desktop.domain.conversation_types import Role
from ui.base.model_facts import ModelFacts
from ui.base.strings import number_text, tr, trn
from ui.base.theme import Theme, Themes, mixed
from ui.composer.composer import Composer
from ui.composer.prompt import Prompt
from ui.widgets.announcement import announce
from ui.widgets.labels import check_quietly, isolated, set_role
from ui.widgets.notice_bar import NoticeBar
from ui.widgets.on_demand import OnDemand
from ui.widgets.tips import put_tip
from ui.widgets.wrapping_layout import WrapLayout
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList
from ui.workspace.recipients import Addressed, BegunAddress, address, begun, matching
from ui.workspace.turn_actions import TurnActions
from ui.workspace.workspace_presets import WorkspacePresets

if TYPE_CHECKING:
    from ui.workspace.mention_list import MentionList

_TAKEN = (Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Mentions(QObject):
    """Handles "@" addresses that are typed in the shared prompt field."""

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
        """Update the underlined addresses and the list of panes after typing."""
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
        """Hide the list of panes."""
        if self.list.made is not None:
            self.list.made.hide()

    def complete(self) -> bool:
        """Complete the address that is being typed with the selected pane. Returns whether there was one."""
        typed = self._begun()
        places = matching(typed.word, self._sending.called) if typed is not None else ()
        if typed is None or not places:
            return False
        shown = self.list.made
        self._put(typed, shown.place if shown is not None and shown.isVisible() else places[0])
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass keys to the list of panes while it is open."""
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
        """Return the @mention being typed at the cursor, or None. A single pane has no mentions."""
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
        """Underline the addresses that match no pane."""
        marks = list[QTextEdit.ExtraSelection]()
        for start, end in unmatched:
            mark = QTextEdit.ExtraSelection()
            # The stubs do not declare the attributes of a selection.
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


_SQUARE, _LONGEST = 8, 28


class PaneChip(Struct, frozen=True):
    """Model, color and state that a pane's chip shows."""

    name: str
    colour: str
    on: bool


class PaneChips(QWidget):
    """Row of chips. `toggled` is emitted with the index of the chip that was pressed."""

    toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[QPushButton] = []
        self._row = WrapLayout(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_chips(self, chips: Sequence[PaneChip], theme: Theme) -> None:
        """Show these chips in the colors of a theme."""
        while len(self._buttons) > len(chips):
            button = self._buttons.pop()
            self._row.removeWidget(button)
            button.deleteLater()
        while len(self._buttons) < len(chips):
            self._buttons.append(self._made(len(self._buttons)))
        for number, (button, chip) in enumerate(zip(self._buttons, chips, strict=True), 1):
            shown = chip.name if len(chip.name) <= _LONGEST else f"{chip.name[: _LONGEST - 1]}…"
            button.setText(f" {isolated(shown.replace('&', '&&'))}")
            check_quietly(button, on=chip.on)
            set_role(button, "role", "chip" if chip.on else "chip-off")
            button.setIcon(_square(chip.colour if chip.on else mixed(theme.canvas, chip.colour, 0.6)))
            state = tr("on") if chip.on else tr("off")
            button.setAccessibleName(tr("Pane {number}: {model}", number=number, model=chip.name))
            on, off = tr("{model} is on", model=chip.name), tr("{model} is off", model=chip.name)
            put_tip(button, on if chip.on else off)
            button.setAccessibleDescription(state)

    def _made(self, place: int) -> QPushButton:
        button = QPushButton()
        button.setCheckable(True)
        button.setIconSize(QSize(_SQUARE, _SQUARE))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.toggled.connect(lambda: self.toggled.emit(place))
        self._row.addWidget(button)
        return button


def _square(colour: str) -> QIcon:
    picture = QPixmap(_SQUARE * 2, _SQUARE * 2)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(0, 0, _SQUARE, _SQUARE, 2, 2)
    painter.end()
    return QIcon(picture)


_HEARD = 200
"""Maximum number of characters of a returned prompt that screen readers read."""


class SharedComposer(QObject):
    """Connects the shared composer with its chips and the panes."""

    toggled = Signal()
    """Emitted when the user switches a pane's chip on or off."""

    def __init__(
        self,
        themes: Themes,
        facts: ModelFacts,
        line: PaneList,
        sending: Dispatch,
        composer: Composer,
        presetting: WorkspacePresets,
    ) -> None:
        super().__init__(composer)
        self._themes = themes
        self._facts = facts
        self._line = line
        self._sending = sending
        self._composer = composer
        self._presetting = presetting
        self._shown: Addressed | None = None
        self._refusal: NoticeBar | None = None
        self.mentions = Mentions(themes, facts, line, sending, composer)
        self._told_files = False
        self.chips = PaneChips()
        composer.put_above(self.chips)
        self._acting = TurnActions(line, sending, composer)
        composer.sent.connect(self._send)
        composer.changed.connect(self._typed)
        composer.editor.complete = self.mentions.complete
        composer.stop_wanted.connect(sending.stop)
        composer.last_wanted.connect(self._repeat_last)
        composer.reading_wanted.connect(self._turn_pages)
        self.chips.toggled.connect(self._toggle)
        sending.changed.connect(self.show_state)
        sending.given_back.connect(self._take_back)
        sending.came_back.connect(self._say_given_back)
        composer.back.strip.recalled.connect(self._recall)
        composer.back.strip.withdrawn.connect(self._withdraw)
        line.model_changed.connect(self.show_panes)
        line.answering_changed.connect(self.show_panes)
        themes.changed.connect(self._themed)

    @Slot()
    def show_panes(self) -> None:
        """Update the chips after the panes have changed."""
        self._say_files()
        if self._composer.isHidden():
            return  # a single chat has a composer of its own
        self._show_recipients()
        self._presetting.show()

    def forget_panes(self) -> None:
        """Discard references to removed panes while the composer is hidden."""
        self._show_recipients()

    @Slot()
    def show_state(self) -> None:
        """Show whether responses are in progress, which prompts are queued, and what can be done with the last turn."""
        self._acting.update()
        self._composer.set_answering(any(pane.answers for pane in self._line))
        self._composer.show_queue(self._sending.waiting)

    @Slot()
    def _typed(self) -> None:
        """Update the recipients and the notes about attachments after typing."""
        if not self._composer.isHidden() and (self._composer.attached.parts or self._told_files):
            self._say_files()
        if self._refusal is not None:
            self._refusal.dismiss()
        if self._whom() != self._shown and not self._composer.isHidden():
            self._show_recipients()

    @property
    def given(self) -> str:
        """Description of what the models receive of the attachments."""
        names_by_text: dict[str, list[str]] = {}
        for pane in self._line:
            if pane.given.text:
                names_by_text.setdefault(pane.given.text, []).append(self._facts.name(pane.conversation.model))
        if len(names_by_text) < 2:
            return next(iter(names_by_text), "")
        return " ".join(f"{', '.join(dict.fromkeys(names))}: {text}." for text, names in names_by_text.items())

    def _say_files(self) -> None:
        """Let each pane that is a recipient describe what its model receives of the attachments."""
        attachments = [] if self._composer.isHidden() else self._composer.attached.known
        self._told_files = bool(attachments)
        places = self._whom().places if attachments else ()
        for place, pane in enumerate(self._line):
            pane.given.say(attachments if place in places else [])

    def _whom(self) -> Addressed:
        """Return the recipients of the typed prompt, but not its text, which changes with each key."""
        return self._sending.addressed(self._composer.text)._replace(prompt="")

    def _show_recipients(self) -> None:
        """Highlight the recipients' chips and update the Send button."""
        self._shown = recipients = self._whom()
        chips = [
            PaneChip(self._facts.name(pane.conversation.model), pane.colour, place in recipients.places)
            for place, pane in enumerate(self._line)
        ]
        self.chips.show_chips(chips, self._themes.current)
        targets = [self._line[place].target for place in recipients.places]
        self._composer.explains = bool(recipients.unmatched)
        self._composer.set_targets(targets, named=recipients.named)

    @Slot(object)
    def _send(self, prompt: Prompt, *, as_text: bool = False) -> None:
        unmatched = () if as_text else self._sending.addressed(prompt.text).unmatched
        if unmatched:
            self._refuse(prompt, [prompt.text[start:end] for start, end in unmatched])
        elif self._sending.send(prompt, as_text=as_text):
            self._composer.put(Prompt())

    def _refuse(self, prompt: Prompt, names: Sequence[str]) -> None:
        """Explain that an address matches no pane, and list the names of the panes."""
        if self._refusal is not None:
            self._refusal.dismiss()
        panes = [f"{number_text(number)} {pane.model}" for number, pane in enumerate(self._sending.called, 1)]
        sentence = tr(
            "Not sent: no pane matches {names}. The panes are {panes}.",
            names=", ".join(f"“{name}”" for name in names),
            panes=", ".join(panes),
        )
        bar = self._refusal = self._composer.notices.show_notice(
            sentence, tone="bad", action=tr("Send as text"), act=partial(self._send, prompt, as_text=True)
        )
        bar.dismissed.connect(self._refusal_gone)

    @Slot()
    def _refusal_gone(self) -> None:
        self._refusal = None

    @Slot(object)
    def _take_back(self, prompts: Sequence[Prompt]) -> None:
        """Return queued prompts to the strip, or the first one to the field if the field is empty."""
        self._composer.back.put(self._composer.back.whole.followed_by(prompts))

    @Slot(int)
    def _say_given_back(self, prompts: int) -> None:
        """Announce to screen readers how many prompts were returned."""
        announce(
            self._composer.editor,
            trn(
                "{n} prompt was not sent and is back in the prompt field",
                "{n} prompts were not sent and are back in the prompt field",
                prompts,
            ),
        )

    @Slot(str)
    def _recall(self, turn: str) -> None:
        """Move a queued prompt back into a prompt field and focus that field.

        It is the pane's own field if the prompt was not for all panes, or if others have already received it.
        """
        before = {composer: composer.back.whole for composer in self._composers}
        self._composer.editor.setFocus()  # first: its button goes, and Qt would pass the keyboard to a neighbour
        self._sending.give_back(turn)
        came = [composer for composer in self._composers if composer.back.whole != before.get(composer)]
        for composer in came:
            behind = len(composer.back.strip.prompts)
            if behind > len(before[composer].behind):
                composer.back.take(behind - 1)
        if came:
            came[0].editor.setFocus()

    @Slot(str)
    def _withdraw(self, turn: str) -> None:
        """Discard a queued prompt, and offer to bring it back into the shared field."""
        self._composer.editor.setFocus()
        if prompt := self._sending.withdraw(turn):
            self._composer.back.offer_back(prompt, partial(self._take_back, [prompt]))

    @property
    def _composers(self) -> tuple[Composer, ...]:
        return (self._composer, *(pane.composer for pane in self._line))

    @Slot(int)
    def _toggle(self, place: int) -> None:
        self._line.set_on(place, on=not self._line.on[place])
        self.toggled.emit()

    @Slot()
    def _repeat_last(self) -> None:
        """Put the last prompt back into the field. If it is still queued, it is withdrawn."""
        if waiting := self._sending.waiting:
            self._recall(waiting[-1][0])
            return
        asked = [message for pane in self._line for message in pane.body.asked if message.role is Role.USER]
        if asked:
            last = max(asked, key=lambda message: message.created_at)
            self._composer.put(Prompt(last.text, last.files))
            announce(self._composer.editor, last.text[:_HEARD])

    @Slot(int)
    def _turn_pages(self, key: int) -> None:
        """Scroll all panes by the same navigation key."""
        for pane in self._line:
            pane.transcript.turn_page(key)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self._composer.themed(theme)
        self.show_panes()
