"""Responses of a blind round: requested together, stored with the round, and identified only by position."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from random import SystemRandom

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import Conversation, Message, new_id, now
from desktop.domain.events import Event, Notice, TextDelta
from desktop.errors import ParagoneError, PromptFlagged, RoundEnded, StoreError, StoreFull
from desktop.receipts.receipt import Receipt
from desktop.services import Services
from desktop.voting.blind_round import BlindRound, Showing, new_round
from desktop.voting.round_journal import RoundJournal
from desktop.voting.vote import Vote
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.composer.prompt import Prompt
from ui.pane.chat import Chat
from ui.pane.disk_room import DiskRoom


class BlindAnswers(QObject):
    """Requests and stores the responses of one blind round at a time."""

    began = Signal()
    """Emitted when sending the prompt begins."""
    grew = Signal(int, str)
    """Emitted with the position of a response and text to append to it."""
    ended = Signal()
    """Emitted when all responses have ended."""
    one_ended = Signal()
    refused = Signal(object)
    """Emitted with the ParagoneError if nothing was sent."""
    revealed = Signal(str)
    """Emitted with the ID of the comparison into which the round was turned."""
    undone = Signal(object)
    """Emitted after a vote was withdrawn.

    Carries True if the vote was stored, False if it was still to be stored, and None if it no longer existed.
    """
    failed = Signal(object)
    """Emitted with the ParagoneError if something could not be stored."""
    disk_full = Signal(str)
    """Emitted with a sentence if storing has to wait for space on the disk."""

    def __init__(self, services: Services, tasks: Tasks, room: DiskRoom | None, parent: QObject) -> None:
        super().__init__(parent)
        self._room = room
        self._writing = asyncio.Lock()
        self._later: dict[str, Vote | None] = {}
        """The votes of rounds that wait for room on the disk to become comparisons, by the rounds' ids."""
        self._taken_back: set[str] = set()
        """Ids of votes: one may be taken back while it is still being written, or waits to be."""
        self._services = services
        self._tasks = tasks
        self._draw = SystemRandom()
        self._chats: list[Chat] = []
        self._left: set[str] = set()
        self._refusals: dict[int, ParagoneError] = {}
        self.held: BlindRound | None = None

    @property
    def left(self) -> int:
        """Number of responses still in progress."""
        return len(self._left)

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        """IDs of the conversations in the round."""
        return tuple(chat.id for chat in self._chats)

    @property
    def is_answering(self) -> bool:
        """Whether any response is in progress."""
        return bool(self._left)

    @property
    def answers(self) -> tuple[Message | None, ...]:
        """Responses by position; None for a response that has not ended."""
        return self.held.answers if self.held is not None else ()

    @property
    def refusals(self) -> Mapping[int, ParagoneError]:
        """Errors of the models to which the prompt was not sent, by position."""
        return self._refusals

    def begin(self, models: Sequence[PaneState], showing: Showing) -> None:
        """Start a round with these models in random order."""
        self.stop()
        self.held = new_round(models, self._draw, showing)
        self._chats = [self._made(each) for each in self.held.conversations]
        self._left.clear()
        self._refusals.clear()

    @property
    def showing(self) -> Showing:
        """When the responses of this round are shown."""
        return self.held.showing if self.held is not None else Showing.HELD

    @Slot(object)
    def show_otherwise(self, showing: Showing) -> None:
        """Change when responses are shown. Has no effect once the prompt was sent."""
        if self.held is not None and self._waits_for_prompt:
            self.held = msgspec.structs.replace(self.held, showing=showing)

    @property
    def _waits_for_prompt(self) -> bool:
        return not self._left and not any(self.answers)

    @Slot(str)
    def ask(self, text: str) -> None:
        """Send the prompt to all models. Has no effect if the prompt was already sent."""
        if self.held is None or not self._waits_for_prompt:
            return
        turn = new_id()
        self._begin_asking()
        for chat in tuple(self._chats):
            chat.ask(Prompt(text), None, turn)

    def send_anyway(self, text: str, error: PromptFlagged) -> None:
        """Send a prompt that a guard held back."""
        if self.held is None or not self._waits_for_prompt:
            return
        gone = {place for place, why in self._refusals.items() if not isinstance(why, PromptFlagged)}
        turn = new_id()
        self._begin_asking()
        for place, chat in enumerate(tuple(self._chats)):
            if place in gone:
                chat.ask(Prompt(text), None, turn)
            else:
                chat.send_anyway(Prompt(text), error.found)

    def _begin_asking(self) -> None:
        assert self.held is not None
        self._left = {chat.id for chat in self._chats}
        self._refusals.clear()
        self.held = msgspec.structs.replace(self.held, asked_at=now())
        self.began.emit()

    @Slot()
    def stop(self) -> None:
        """Stop all responses in progress."""
        for chat in tuple(self._chats):
            chat.stop()

    def undo_vote(self, vote: Vote) -> None:
        """Withdraw a vote. A stored vote stays, marked as withdrawn; a vote that is not stored yet never will be."""
        self._taken_back.add(vote.id)
        if vote.comparison in self._later:
            self._later[vote.comparison] = None
            self.undone.emit(False)  # noqa: FBT003 - as the signal says
            return
        self._tasks.start(self._undo(vote), name="voting.undo", failed=self.failed.emit)

    def reveal(self, vote: Vote | None = None) -> None:
        """Turn the round and its vote into a stored comparison that is listed from now on.

        Errors are emitted by `failed`.
        """
        if self.held is not None:
            self._tasks.start(self._reveal(self.held, vote), name="voting.reveal", failed=self.failed.emit)

    def discard(self) -> None:
        """Delete the round, including its responses."""
        discarded, self.held = self.held, None
        chats, self._chats = self._chats, []
        self._left.clear()
        for chat in chats:
            chat.stop()
        if discarded is not None and discarded.asked_at is not None:
            self._tasks.start(self._delete(discarded.id), name="voting.discard", failed=self.failed.emit)

    def _made(self, conversation: Conversation) -> Chat:
        def told(answer_id: str, receipt: Receipt) -> None:
            """Store the receipt of a response with the round."""
            if self.held is not None and self._is_of_round(conversation):
                self.held = self.held.with_receipt(answer_id, receipt)

        journal = RoundJournal(self._keep, told=told)
        chat = Chat(conversation, self._services, self._tasks, stored=False, journal=journal)
        chat.session.unnamed = True
        chat.on_event(self._happened)
        chat.ended.connect(self._ended)
        chat.refused.connect(self._refused)
        return chat

    def _happened(self, chat: Chat, event: Event) -> None:
        if chat not in self._chats:
            return
        if isinstance(event, TextDelta):
            self.grew.emit(self._chats.index(chat), event.text)
        elif isinstance(event, Notice) and event.code == StoreFull.code:
            self.disk_full.emit(tr(event.message))

    @Slot(object, object)
    def _ended(self, chat: Chat, message: Message) -> None:
        del message
        if chat in self._chats and self.held is not None:
            self.held = self.held.with_conversation(chat.conversation)
            if self._room is not None and not chat.is_kept:
                self._room.keep(chat.keep)
            self._one_less(chat)

    @Slot(object, object, object)
    def _refused(self, chat: Chat, prompt: Prompt, error: ParagoneError | None) -> None:
        del prompt
        if chat in self._chats:
            if error is not None:
                self._refusals[self._chats.index(chat)] = error
            self._one_less(chat)

    def _one_less(self, chat: Chat) -> None:
        self._left.discard(chat.id)
        self.one_ended.emit()
        if self._left:
            return
        if self._refusals and not any(self.answers):
            why = [*self._refusals.values()]
            self.refused.emit(next((each for each in why if isinstance(each, PromptFlagged)), why[0]))
        else:
            self.ended.emit()

    async def _keep(self, conversation: Conversation, durable: bool) -> None:  # noqa: FBT001 - a callback
        """Store the round with a conversation that changed, unless the round is over.

        The change becomes part of the round only once it is stored.
        """
        async with self._writing:
            if not self._is_of_round(conversation):
                return
            assert self.held is not None
            held = self.held.with_conversation(conversation)
            await (await self._services.store()).rounds.save(held, _cost(held), durable=durable)
            self._take_in(conversation)

    def _take_in(self, conversation: Conversation) -> None:
        """Update the round with a conversation that was stored, unless another round began meanwhile."""
        if self.held is not None and self._is_of_round(conversation):
            self.held = self.held.with_conversation(conversation)

    def _is_of_round(self, conversation: Conversation) -> bool:
        return self.held is not None and conversation.id in {each.id for each in self.held.conversations}

    async def _undo(self, vote: Vote, *, again: bool = False) -> None:
        """Withdraw a vote; if the disk is full, try again later."""
        try:
            withdrawn = await (await self._services.store()).votes.undo(vote.id)
        except StoreError:
            if self._room is not None and not again:
                self._room.keep(partial(self._undo, vote, again=True))
            raise
        never = False if vote.comparison in self._later else None  # it was not kept, and will not be
        if self.held is not None and self.held.id == vote.comparison:  # else another one is read by now
            self.undone.emit(True if withdrawn else never)

    async def _reveal(self, held: BlindRound, vote: Vote | None) -> None:
        try:
            await (await self._services.store()).revealed_rounds.keep(held, vote)
        except RoundEnded:
            self.revealed.emit(held.id)  # another window made it one
            raise
        except StoreError:  # a full disk, another program that holds the database: neither is for ever
            if self._room is not None:
                self._later[held.id] = None if vote is None or vote.id in self._taken_back else vote
                self._room.keep(partial(self._keep_later, held))
            raise
        self.revealed.emit(held.id)

    async def _keep_later(self, held: BlindRound) -> None:
        """Try again to turn a round into a comparison.

        Raises:
            StoreError: If it still cannot be stored.
        """
        store, vote = await self._services.store(), self._later.get(held.id)
        with suppress(RoundEnded):
            await store.revealed_rounds.keep(held, vote)
        self._later.pop(held.id, None)
        self.revealed.emit(held.id)
        if vote is not None and vote.id in self._taken_back:  # while it was written
            with suppress(StoreError):
                await self._undo(vote)

    async def _delete(self, round_id: str) -> None:
        rounds = (await self._services.store()).rounds
        try:
            await rounds.delete(round_id)
        except StoreError:
            if self._room is not None:
                self._room.keep(partial(rounds.delete, round_id))
            raise


def _cost(held: BlindRound) -> float:
    """Return the cost of the completed responses in US dollars."""
    figures = (each.figures for each in held.answers if each is not None)
    return sum(each.cost or 0.0 for each in figures if each is not None)
