"""Votes in sight of the names: the answer of a pane is called the best of its turn."""

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu

from desktop.comparison import Comparison
from desktop.errors import StoreBusy, StoreFull
from desktop.evaluation.turn_vote import VotedTurn, best_of_turn, last_turn
from desktop.phrases import phrase
from desktop.services import Services
from desktop.settings.policy import VOTES
from desktop.voting.blind_round import SetAside
from desktop.voting.vote import Vote
from ui.commands import COMMANDS, Command, own_keys
from ui.model_facts import ModelFacts
from ui.pane.disk_room import DiskRoom, Keep
from ui.pane.pane import Pane
from ui.strings import tr
from ui.tasks import Tasks
from ui.widgets.labels import within_sentence
from ui.window.desk import Desk
from ui.workspace.workspace import Workspace

_WHY_SET_ASIDE = {
    SetAside.ERROR: phrase("A response in this turn failed: the vote does not count."),
    SetAside.STOPPED: phrase("A response in this turn was stopped: the vote does not count."),
    SetAside.CUT: phrase("A response in this turn reached its limit: the vote does not count."),
    SetAside.EDITED: phrase("The prompts of this turn differ because one was edited: the vote does not count."),
}


class SightedVotes(QObject):
    """One vote a turn: another one takes its place. A blind vote on the same answers stays."""

    undo_offered = Signal(str, object)
    """What was done, in a sentence, and what takes it back."""

    def __init__(
        self, services: Services, tasks: Tasks, desk: Desk, workspace: Workspace, room: DiskRoom | None = None
    ) -> None:
        super().__init__(workspace)
        self._room = room
        self._services = services
        self._tasks = tasks
        self._facts = ModelFacts(services)
        self._desk = desk
        self._workspace = workspace
        self._one_by_one = asyncio.Lock()
        self._last: dict[str, Keep] = {}
        """By a comparison's id, what was wished for last."""
        workspace.line.menu_opened.connect(self._fill)
        self.undo_offered.connect(desk.undoing.offer)

    @property
    def is_possible(self) -> bool:
        """Whether the answer of the pane that has the keyboard can be called the best of its turn."""
        return not self._hindrance(self._workspace.pane)

    @Slot()
    def vote(self) -> None:
        """Call the last answer of the pane that has the keyboard the best of its turn, or say why that is not done."""
        self._vote(self._workspace.pane)

    def _vote(self, pane: Pane) -> None:
        hindrance, turn, comparison = self._hindrance(pane), self._turn(pane), self._workspace.comparison
        if hindrance or turn is None or comparison is None:
            self._desk.say(hindrance)
        else:
            name = self._facts.name(pane.conversation.model)
            keep = partial(self._keep, turn, comparison, name)
            wish = self._sooner_or_later(comparison.id, keep)
            self._tasks.start(wish, name="window.vote", failed=self._desk.say_error)

    def _hindrance(self, pane: Pane) -> str:
        """Why no vote can be given, in a sentence; nothing where it can."""
        if not self._services.settings.policy.get(VOTES):
            return tr("Votes are not allowed here.")
        if self._workspace.comparison is None or len(self._workspace.line) < 2:
            return tr("“Best of this turn” compares several responses: add a pane.")
        answering = any(each.answers for each in self._workspace.line)
        if answering or (turn := self._turn(pane)) is None or not turn.can_be_voted:
            return tr("Voting needs two complete responses to the same prompt, including this one.")
        return ""

    def _turn(self, pane: Pane) -> VotedTurn | None:
        line = self._workspace.line
        if pane not in line:
            return None
        return last_turn([each.conversation for each in line], self._workspace.turns.kept, line.place(pane))

    async def _keep(self, turn: VotedTurn, comparison: Comparison, name: str) -> None:
        """One by one, so that two presses are no two votes."""
        async with self._one_by_one:
            store = await self._services.store()
            if not await store.conversations.states([each.conversation.id for each in turn.answers]):
                return  # deleted for good while it waited for room
            votes = store.votes
            vote = best_of_turn(turn, comparison.id)
            earlier = [
                each
                for each in (await votes.given_in([comparison.id])).votes
                if each.undone is None and {*each.answers} == {*vote.answers}
            ]
            if any(each.blind for each in earlier):
                self._desk.say(tr("There is already a blind vote on these responses."))
                return
            if any(each.contenders == vote.contenders and each.outcome == vote.outcome for each in earlier):
                self._desk.say(tr("You already voted for this response."))
                return
            for each in earlier:
                await votes.undo(each.id)
            await votes.add(vote)
        said = tr(
            "Best of this turn: {model}. The vote is marked as given with names visible.", model=within_sentence(name)
        )
        if vote.set_aside is not None:
            said = f"{said} {tr(_WHY_SET_ASIDE[SetAside(vote.set_aside)])}"
        self.undo_offered.emit(said, partial(self._take_back, vote))

    def _take_back(self, vote: Vote) -> None:
        undo = partial(self._undo, vote)
        wish = self._sooner_or_later(vote.comparison or "", undo)
        self._tasks.start(wish, name="window.undo-vote", failed=self._desk.say_error)

    async def _sooner_or_later(self, comparison_id: str, write: Keep) -> None:
        """Write it now, else once there is room on the disk, or nobody else holds the database.

        What was chosen after it takes its place.
        """
        self._last[comparison_id] = write

        async def later() -> None:
            """Still the newest wish."""
            if self._last.get(comparison_id) is write:
                await write()

        try:
            await later()
        except (StoreFull, StoreBusy):
            if self._room is not None:
                self._room.keep(later)
            raise

    async def _undo(self, vote: Vote) -> None:
        there = await (await self._services.store()).votes.undo(vote.id)
        self._desk.say(
            tr("The vote was withdrawn: it is kept, but not counted.")
            if there
            else tr("This vote was already removed.")
        )

    @Slot(object, QMenu)
    def _fill(self, pane: Pane, menu: QMenu) -> None:
        """Into the menu of a pane, where a vote for its answer can be given."""
        if not self._hindrance(pane):
            first = menu.actions()[0]
            keys = own_keys(Command.BEST_OF_TURN)
            action = menu.addAction(tr(COMMANDS[Command.BEST_OF_TURN].title), keys, partial(self._vote, pane))
            menu.removeAction(action)
            menu.insertAction(first, action)
            menu.insertSeparator(first)
