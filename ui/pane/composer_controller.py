"""Connects the composer to the visible conversation: drafts, sending, and editing earlier prompts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import Conversation, Role
from ui.base.strings import tr
from ui.composer.composer import Composer
from ui.composer.drafts import NEW, Drafts, DraftTarget
from ui.composer.prompt import Prompt
from ui.pane.chat import Chat
from ui.pane.chats import Chats
from ui.pane.prompt_queue import PromptQueue
from ui.pane.temporary_mode import TemporaryMode
from ui.widgets.notice_bar import NoticeBar


class DraftKeys:
    """Keys under which a pane's drafts are stored. `new` is that of new chats.

    `several` is whether there are other panes with drafts of their own.
    """

    def __init__(self, chats: Chats, new: str = NEW) -> None:
        self._chats = chats
        self.new = new
        self._shared: dict[str, str] = {}
        self._new = set[str]()
        self.several = False

    @property
    def shown(self) -> str:
        """Key of the visible chat's draft."""
        return self.of(self._chats.shown)

    def of(self, chat: Chat) -> str:
        """Return the key of a chat's draft."""
        if self.several:
            return chat.id
        return self._shared.get(chat.id, self.new if chat.id in self._new and not chat.is_stored else chat.id)

    def to_give_back(self, chat: Chat) -> str:
        """Return the key for a prompt that could not be sent by a chat that is no longer visible."""
        key = self.of(chat)
        return self.new if key == chat.id and not chat.is_stored and not self.several else key

    def begin(self, new: str) -> None:
        """Mark a new chat that the user asked for; the draft for new chats then belongs to it."""
        self._new.add(new)

    def share(self, made: str, key: str) -> None:
        """Let an unstored chat use the draft of the chat it replaces."""
        self._shared[made] = key

    def end_sharing(self, kept: str) -> str | None:
        """Return and discard the shared key of a chat that is now stored, or None."""
        return self._shared.pop(kept, None)


_BUSY_MS = 8_000


class ComposerController(QObject):
    """Mediator between the composer and the visible conversation."""

    editing_changed = Signal()
    """Emitted when editing an earlier prompt begins or ends."""
    field_shown = Signal()
    """Emitted when the prompt field appears or disappears."""
    left = Signal()
    """Emitted when the focused prompt field disappears, so that the focus can move to another one."""

    def __init__(self, composer: Composer, chats: Chats, drafts: Drafts, mode: TemporaryMode, new: str = NEW) -> None:
        super().__init__(composer)
        self._composer = composer
        self._chats = chats
        self._drafts = drafts
        self._mode = mode
        self._editing: str | None = None
        self._old = Prompt()  # the prompt that is edited, as it was
        self._waits = Prompt()  # the draft as it was when that began
        self._behind = Prompt()  # what was typed before a prompt came back, and stands behind it
        self.keys = DraftKeys(chats, new)
        self.queue = PromptQueue(chats, drafts, self._give_back)
        self.queue.changed.connect(self._show_queue)
        composer.back.strip.recalled.connect(self._recall)
        composer.back.strip.withdrawn.connect(self._withdraw)
        self._alone = True
        self._busy: NoticeBar | None = None
        composer.back.keep_in(drafts, lambda: self.keys.shown)
        composer.sent.connect(self.send)
        chats.answering_changed.connect(self._answering_changed)
        composer.last_wanted.connect(self.edit_last)
        composer.edit_cancelled.connect(self.cancel_edit)
        composer.changed.connect(self.keep)
        chats.given_back.connect(self._given_back)
        chats.refused.connect(self._refused)
        chats.kept.connect(self._kept)

    @property
    def draft(self) -> Prompt:
        """The unsent prompt; empty while an earlier prompt is being edited."""
        return self._composer.back.whole if self._editing is None else Prompt()

    def hand_over(self, made: Conversation, anew: Prompt) -> Prompt:
        """Return the draft for a chat that replaces the visible one, preceded by a prompt to repeat, if any.

        The new chat is in no list until it is used, so both chats share one draft.
        """
        key, draft = self.keys.shown, self._as_kept
        if self._chats.shown.is_temporary:
            return anew.followed_by(draft.each)
        self._drafts.carry(made, self._chats.shown.conversation)
        if self.keys.several:
            self._drafts.set(key, Prompt())
        else:
            self.keys.share(made.id, key)
        return anew.followed_by(draft.each)

    @property
    def base(self) -> Conversation:
        """The conversation up to the typed prompt. Ends earlier while an earlier prompt is being edited."""
        conversation = self._chats.shown.conversation
        if self._editing is None:
            return conversation
        old = next((each for each in conversation.messages if each.id == self._editing), None)
        if old is None:
            return conversation
        if old.parent is None:
            return msgspec.structs.replace(conversation, messages=(), current=None)
        return msgspec.structs.replace(conversation, current=old.parent)

    def take_place(self, *, several: bool, alone: bool) -> None:
        """Set whether there are several panes, and whether this one has a prompt field of its own."""
        self.keys.several, self._alone = several, alone
        self.show_field()

    def show_field(self) -> None:
        """Show the pane's own field if it is alone, a prompt is being edited or unsent text is in it."""
        stays = self._alone or self._composer.is_editing or bool(self._composer.back.whole)
        focused = self._composer.window().focusWidget() or self._composer.window()
        if not stays and self._composer.isAncestorOf(focused):
            self.left.emit()
        self._composer.setVisible(stays)
        self.field_shown.emit()

    def show(self, draft: Prompt | None = None) -> None:
        """Show the draft of the visible conversation, by default the stored one.

        An earlier prompt that is being edited stays with its chat.
        """
        self._editing = None
        self._composer.set_editing(False)
        self._behind = Prompt()
        for bar in self._composer.notices.findChildren(NoticeBar):
            bar.dismiss()  # it was said of another conversation
        kept = Prompt() if self._chats.shown.is_temporary else self._drafts.get(self.keys.shown)
        self._composer.back.show(kept if draft is None else draft)
        self.take_back(self.queue.left_by_a_crash(self._chats.shown))
        self._show_queue()
        self.show_field()

    @Slot(str)
    def fill(self, text: str) -> None:
        """Replace the typed text, with the cursor at its end. Attachments stay."""
        self._put(Prompt(text, self._composer.attached.parts))

    def _put(self, prompt: Prompt) -> None:
        self._composer.put(prompt)
        self._composer.editor.setFocus()

    @Slot(object)
    def send(self, prompt: Prompt) -> None:
        """Send a prompt, or the edited version of an earlier one if that is being edited."""
        chat = self._chats.shown
        if not (prompt.text.strip() or prompt.files):
            return
        editing = self._editing
        if chat.is_answering:
            self._send_later(chat, prompt)
            return
        self.end_edit()
        if editing is None:
            self._composer.put(Prompt())
            self.show_field()
            chat.ask(prompt)
        else:
            chat.edit(editing, prompt)

    def _send_later(self, chat: Chat, prompt: Prompt) -> None:
        """Queue a prompt until the response in progress is complete; an edited one has to wait in the field."""
        if self._editing is not None:
            self._say_busy()
            return
        self._composer.put(Prompt())
        self.queue.add(chat, prompt)

    @Slot()
    def _show_queue(self) -> None:
        self._composer.show_queue(self.queue.waiting(self._chats.shown))

    @Slot(str)
    def _recall(self, number: str) -> None:
        """Move a queued prompt back into the field."""
        self._composer.editor.setFocus()  # first: its button goes, and Qt would pass the keyboard to a neighbour
        self.take_back(self.queue.take(self._chats.shown, number))
        if behind := len(self._composer.back.strip.prompts):
            self._composer.back.take(behind - 1)

    @Slot(str)
    def _withdraw(self, number: str) -> None:
        """Discard a queued prompt, and offer to bring it back into the field."""
        self._composer.editor.setFocus()
        for prompt in self.queue.take(self._chats.shown, number):
            self._composer.back.offer_back(prompt, partial(self._give_back, self._chats.shown, [prompt]))

    def _give_back(self, chat: Chat, prompts: Sequence[Prompt]) -> None:
        """Return queued prompts of a chat, which may be hidden, to its field."""
        if chat is self._chats.shown:
            self.take_back(prompts)
        elif not chat.is_temporary:
            key = self.keys.of(chat)
            self._drafts.set(key, self._drafts.get(key).followed_by(prompts))

    @Slot()
    def edit_last(self) -> None:
        """Edit the last prompt, or take back the one that was queued last."""
        if waiting := self.queue.waiting(self._chats.shown):
            self._recall(waiting[-1][0])
            return
        prompts = [message for message in self._chats.shown.conversation.path() if message.role is Role.USER]
        if self._chats.shown.is_answering:  # its own prompt may not even be a message yet
            self._say_busy()
        elif prompts:
            self.edit(prompts[-1].id)

    @Slot(str)
    def edit(self, message_id: str) -> None:
        """Edit an earlier prompt. The draft is restored afterwards."""
        chat = self._chats.shown
        message = next((each for each in chat.conversation.messages if each.id == message_id), None)
        if chat.is_answering:
            self._say_busy()
        elif message is not None:
            if self._editing is None:
                self._waits = self._drafts.get(self.keys.of(chat))
            self._editing = message_id
            self._composer.set_editing(True)
            self._composer.show()
            self._put(Prompt(message.text, message.files))
            self._old = self._composer.prompt
            self.keep()
            self.editing_changed.emit()

    def _say_busy(self) -> None:
        """Explain that prompts cannot be edited while a response is in progress."""
        self.say_until_the_end(tr("You can edit prompts after the response ends. Press Esc to stop the response."))

    def say_until_the_end(self, said: str) -> None:
        """Show a notice until the response in progress has ended. Each call announces it again."""
        self._end_busy()
        bar = self._busy = self._composer.notices.show_notice(said, life_ms=_BUSY_MS)

        def forget() -> None:
            self._busy = None if self._busy is bar else self._busy

        bar.dismissed.connect(forget)

    def _end_busy(self) -> None:
        if self._busy is not None:
            self._busy.dismiss()

    @Slot()
    def _answering_changed(self) -> None:
        """Remove the notice once the visible chat's response has ended."""
        if not self._chats.shown.is_answering:
            self._end_busy()

    @Slot()
    def cancel_edit(self) -> None:
        """Stop editing without sending, and offer to restore the edited text for a while."""
        edited, message_id, key = self._composer.prompt, self._editing, self.keys.shown
        self.end_edit()
        if message_id is None or edited == self._old or not edited:
            return

        def edit_again() -> None:
            if key == self.keys.shown and not self._chats.shown.is_answering:
                self.edit(message_id)
                self._put(edited)
            else:  # it stands with the draft there
                self._drafts.set(key, self._drafts.get(key).followed_by((edited,)))

        self._composer.back.offer_back(edited, edit_again)

    @Slot()
    def end_edit(self) -> None:
        """Stop editing and restore the draft."""
        if self._editing is not None:
            self._editing = None
            self._composer.set_editing(False)
            self._composer.back.put(self._waits)
            self.show_field()
            self.editing_changed.emit()

    @Slot()
    def regenerate(self) -> None:
        """Request another response to the last prompt."""
        self._chats.shown.regenerate()

    @Slot()
    def continue_(self) -> None:
        """Continue the interrupted response."""
        self._chats.shown.continue_()

    @Slot(object, object)
    def send_anyway(self, held: Prompt, found: frozenset[str]) -> None:
        """Send the prompt that was held back, without text typed before or after it.

        That text stays in the field unless it was changed since.
        """
        typed = self._composer.prompt if held else Prompt()
        stays = self._behind if held and typed == held.before(self._behind) else Prompt()
        typed = held if stays else typed
        if held:
            if not self.keys.several:  # of several, each would have it for a moment, and all be told
                self._composer.editor.setFocus()
            self._composer.put(stays)
        self.show_field()
        self._chats.shown.send_anyway(typed, found)

    def take_back(self, prompts: Sequence[Prompt]) -> None:
        """Return queued prompts to the strip, or the first one to the field if the field is empty."""
        if not prompts:
            return
        if self._editing is None:
            self._composer.back.put(self._composer.back.whole.followed_by(prompts))
            self.show_field()
        else:
            self._waits = self._waits.followed_by(prompts)
            self.keep()

    @Slot()
    def keep(self) -> None:
        """Store the current text as a draft; in a new chat, store its model and settings as well."""
        if self._chats.shown.is_temporary:
            self._mode.attach(self._composer.attached.parts)
            return
        key, now = self.keys.shown, self._chats.shown.conversation
        to = DraftTarget.of(now) if key == self.keys.new and self._editing is None else None
        self._drafts.set(key, self._as_kept, to)

    @property
    def _as_kept(self) -> Prompt:
        """The draft to store, including the edited version of an earlier prompt."""
        if self._editing is None:
            return self._composer.back.whole
        typed = self._composer.prompt
        return self._waits.followed_by((typed,)) if typed and typed != self._old else self._waits

    @Slot(object)
    def _kept(self, chat: Chat) -> None:
        """Move the draft of a chat that was just stored to the chat's own key."""
        typed, new = self.draft, self.keys.new
        if chat.is_stored:
            self._drafts.was_kept(chat.id)
        before = self.keys.end_sharing(chat.id)
        if before is not None and chat is self._chats.shown and typed and self._drafts.get(before) == typed:
            self._drafts.set(before, Prompt())
            self.keep()
        if chat is self._chats.shown and typed and self.keys.of(chat) != new and self._drafts.get(new) == typed:
            self._drafts.set(new, Prompt())
            self.keep()

    @Slot(object)
    def _refused(self, prompt: Prompt) -> None:
        """Insert a prompt that was not sent before the text typed since."""
        if prompt:
            typed = self._composer.prompt
            self._behind = Prompt() if typed.begins_with(prompt) else typed
            self._composer.put(prompt.before(typed))
            self.show_field()

    @Slot(object, object)
    def _given_back(self, chat: Chat, prompt: Prompt) -> None:
        if chat.is_temporary:
            return
        key, now = self.keys.to_give_back(chat), chat.conversation
        to = DraftTarget.of(now) if key == self.keys.new else None
        kept = prompt.before(self._drafts.get(key))  # another pane that showed it was told too
        self._drafts.set(key, kept, self._drafts.target(key) or to)
