"""Blind rounds in the window: they start with the models of the visible panes, and can be left and resumed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from desktop.domain.comparison import Comparison, PaneState
from desktop.errors import RoundEnded, StoreBusy, StoreError, StoreFull
from desktop.metrics.turn_vote import VotedTurn, best_of_turn, last_turn
from desktop.services import Services
from desktop.settings.policy import VOTES
from desktop.text.phrases import phrase
from desktop.voting.blind_round import NOT_REVEALED, SetAside
from desktop.voting.vote import Vote
from ui.base.commands import COMMANDS, Command, own_keys
from ui.base.model_facts import ModelFacts
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.disk_room import DiskRoom, Keep
from ui.pane.pane import Pane
from ui.pane.pane_resources import PaneResources
from ui.sidebar.entries import of_round
from ui.sidebar.sidebar import Sidebar
from ui.widgets.labels import within_sentence
from ui.widgets.on_demand import OnDemand
from ui.window.desk import Desk
from ui.window.drawer import Drawer
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.voting.blind_view import BlindView
    from ui.voting.ranking_page import RankingPage

_WHY_SET_ASIDE = {
    SetAside.ERROR: phrase("A response in this turn failed: the vote does not count."),
    SetAside.STOPPED: phrase("A response in this turn was stopped: the vote does not count."),
    SetAside.CUT: phrase("A response in this turn reached its limit: the vote does not count."),
    SetAside.EDITED: phrase("The prompts in this turn differ because one was edited: the vote does not count."),
}


class SightedVotes(QObject):
    """Votes with visible model names, one per turn. A new vote replaces it; blind votes on the same responses stay."""

    undo_offered = Signal(str, object)
    """Emitted with a sentence about a vote and a function that withdraws it."""

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
        """Whether the active pane's response can be voted the best of its turn."""
        return not self._hindrance(self._workspace.pane)

    @Slot()
    def vote(self) -> None:
        """Vote the active pane's last response the best of its turn, or explain why that is not possible."""
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
        """Return the reason why a vote is not possible, or an empty string if it is."""
        if not self._services.settings.policy.get(VOTES):
            return tr("Your organization does not allow voting.")
        if self._workspace.is_temporary:
            return tr("Votes are saved, but this comparison is temporary. Keep it first.")
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
        """Store a vote. Votes are stored one at a time, so that two clicks do not result in two votes."""
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
            "Best of this turn: {model}. The vote is marked as given with model names visible.",
            model=within_sentence(name),
        )
        if vote.set_aside is not None:
            said = f"{said} {tr(_WHY_SET_ASIDE[SetAside(vote.set_aside)])}"
        self.undo_offered.emit(said, partial(self._take_back, vote))

    def _take_back(self, vote: Vote) -> None:
        undo = partial(self._undo, vote)
        wish = self._sooner_or_later(vote.comparison or "", undo)
        self._tasks.start(wish, name="window.undo-vote", failed=self._desk.say_error)

    async def _sooner_or_later(self, comparison_id: str, write: Keep) -> None:
        """Write now, or later when there is space on the disk or the database is no longer locked.

        A newer choice replaces a write that is still pending.
        """
        self._last[comparison_id] = write

        async def later() -> None:
            """Write, unless a newer choice has replaced this one."""
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
            tr("The vote was withdrawn: it is still stored, but it is not counted.")
            if there
            else tr("This vote was already removed.")
        )

    @Slot(object, QMenu)
    def _fill(self, pane: Pane, menu: QMenu) -> None:
        """Add the command for voting to a pane's menu, if a vote is possible."""
        if not self._hindrance(pane):
            first = menu.actions()[0]
            keys = own_keys(Command.BEST_OF_TURN)
            action = menu.addAction(tr(COMMANDS[Command.BEST_OF_TURN].title), keys, partial(self._vote, pane))
            menu.removeAction(action)
            menu.insertAction(first, action)
            menu.insertSeparator(first)


class BlindRounds(QObject):
    """Opens and leaves blind rounds. A round that was left continues and can be resumed."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        shared: PaneResources,
        desk: Desk,
        workspace: Workspace,
        drawer: Drawer,
        bar: TitleBar,
        sidebar: Sidebar,
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._facts = ModelFacts(services)
        self._desk = desk
        self._workspace = workspace
        self._drawer = drawer
        self._bar = bar
        self._sidebar = sidebar
        self._view = OnDemand(partial(self._made, services, tasks, themes, shared))
        self._ranking = OnDemand(partial(self._ranking_made, services, tasks, themes, shared))
        self.sighted = SightedVotes(services, tasks, desk, workspace, shared.room)
        workspace.comparison_shown.connect(self._leave)
        sidebar.round_opened.connect(self._open)
        sidebar.round_discarded.connect(self._discard)

    @property
    def handlers(self) -> Mapping[Command, Callable[[], object]]:
        """Handlers of the commands for votes and blind rounds."""
        return {
            Command.BLIND_ROUND: self.show,
            Command.RANKING: self.show_ranking,
            Command.BEST_OF_TURN: self.sighted.vote,
        }

    @Slot()
    def show(self) -> None:
        """Resume the round in progress, or start one with the panes' models.

        If a round that is already revealed is visible, start the next one.
        """
        made, models = self._view.made, self._models()
        if made is not None and (made.is_asked or (made.under_way is not None and len(models) < 2)):
            self._show(made)
        elif not self._services.settings.policy.get(VOTES):
            self._desk.say(tr("Your organization does not allow voting."))
        elif made is not None and self._drawer.page is made:
            made.next_round()
        elif len(models) < 2:
            self._desk.say(tr("A blind round needs two panes with different models: add a pane."))
        else:
            view = self._view()
            view.begin(models)
            self._show(view)

    @property
    def conversation_ids(self) -> Sequence[str]:
        """IDs of the conversations in the round."""
        made = self._view.made
        return made.answers.conversation_ids if made is not None else ()

    @property
    def arriving(self) -> int:
        """Number of responses still in progress in the current round."""
        made = self._view.made
        return made.answers.left if made is not None else 0

    def refuses_export(self) -> bool:
        """Whether a round that is not revealed yet is visible. If so, explain that it cannot be exported."""
        made = self._view.made
        if made is None or self._drawer.page is not made or made.under_way is None:
            return False
        self._desk.say(tr(NOT_REVEALED))
        return True

    @property
    def ranking(self) -> RankingPage:
        """The ranking page, created on first use."""
        return self._ranking()

    @Slot()
    def show_ranking(self) -> None:
        """Show the ranking instead of the panes, or return to the panes."""
        page = self._ranking()
        if self._drawer.page is page:
            self._leave()
            self._workspace.focus_composer()
            return
        self._stand(page, tr("Ranking"))
        page.load()
        page.focus()

    async def settle(self) -> None:
        """Turn unfinished rounds of an earlier session into comparisons, and tell the user.

        Rounds that cannot be stored now, for example because the disk is full, wait for the next start.
        """
        store = await self._services.store()
        stored = 0
        try:
            left = await store.rounds.left() if not store.read_only else ()
        except StoreError as error:
            self._desk.say(sentence(error))
            return
        for each in left:
            try:
                await store.revealed_rounds.keep(each)
            except RoundEnded:
                continue  # a backup brought it back: it is a comparison already
            except StoreError as error:
                self._desk.say(sentence(error))
                if isinstance(error, StoreBusy | StoreFull):
                    break
                continue
            stored += 1
        if stored:
            self._sidebar.library.refresh()
            self._desk.say(tr("A blind round was not finished. The round is now a comparison without a vote."))
        if await store.votes.are_there():  # who votes opens the ranking some day: not after a moment of imports
            await asyncio.to_thread(import_module, "ui.voting.ranking_page")

    def _models(self) -> Sequence[PaneState]:
        if self._workspace.comparison is None:
            return ()
        return tuple(
            PaneState(
                conversation="",
                model=pane.conversation.model,
                system=pane.conversation.system,
                parameters=pane.conversation.parameters,
                tools=pane.conversation.tools,
            )
            for pane, on in zip(self._workspace.line, self._workspace.line.on, strict=True)
            if on
        )

    def _show(self, view: BlindView) -> None:
        if self._drawer.page is not view:
            self._desk.new_chat(lambda: None)  # names of the panes are not to stand behind it
            self._workspace.start_new(self._facts.default())
            self._workspace.line.empty_spare()
            self._workspace.common.forget_panes()
        self._stand(view, tr("Blind round"))
        self._list()
        view.focus()

    @Slot()
    def _open(self) -> None:
        """Resume the current round, which was chosen from the list."""
        self._show(self._view())

    @Slot()
    def _discard(self) -> None:
        view = self._view()
        view.discard()
        if self._drawer.page is view:
            self._end()

    @Slot()
    def _list(self) -> None:
        """Show the current round as an item in the list, marked while the round or its comparison is visible."""
        view = self._view()
        held = view.under_way
        self._sidebar.library.show_round(of_round(held.id, held.created_at) if held is not None else None)
        if self._drawer.page is view and view.answers.held is not None:
            self._sidebar.mark_opened(view.answers.held.id)

    def _stand(self, page: QWidget, title: str) -> None:
        self._drawer.show_instead(page)
        self._bar.show_page(title)

    @Slot()
    def _leave(self) -> None:
        if self._drawer.page is not None:
            self._drawer.show_instead(None)
            self._bar.show_page("")

    @Slot()
    def _end(self) -> None:
        """Leave the round. It is discarded if its prompt was not sent; otherwise it continues."""
        view = self._view()
        if not view.is_asked:
            view.discard()
        self._leave()
        self._desk.new_chat()

    def _made(self, services: Services, tasks: Tasks, themes: Themes, shared: PaneResources) -> BlindView:
        from ui.voting.blind_view import BlindView  # the first paint needs none

        view = BlindView(services, tasks, themes, shared, self._drawer)
        view.left.connect(self._end)
        view.comparison_wanted.connect(self._desk.open_comparison)
        view.kept.connect(self._sidebar.library.refresh)
        view.changed.connect(self._list)
        return view

    def _ranking_made(self, services: Services, tasks: Tasks, themes: Themes, shared: PaneResources) -> RankingPage:
        from ui.voting.ranking_page import RankingPage  # the first paint needs none

        page = RankingPage(services, tasks, themes, shared.marks, self._drawer)
        page.left.connect(self.show_ranking)
        return page
