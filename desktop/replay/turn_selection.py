"""Selects the turns of a replay: sampled evenly over conversations, and only those a successor can be sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Conversation, Message, ModelRef, Parameters, Role, Status, Value
from desktop.errors import ConnectionUnknown, ConversationUnknown, StoreError
from desktop.evals.execution.run_estimate import Entries
from desktop.replay.prompt_kinds import prompt_kinds
from desktop.replay.replay_estimate import ItemTokens
from desktop.replay.replay_limits import MOST_ITEMS, USUAL_ITEMS, USUAL_MARGIN
from desktop.replay.replay_plan import Excluded, ReplayItem, ReplayPlan, control_items, new_seed
from desktop.replay.requests import ReplayRequest, accepted, request_of
from desktop.session.context_window import reserve
from desktop.session.gateway import Gateway
from desktop.session.history import NO_FILES, FilesAsSent
from desktop.session.prompt_files import PromptFiles, taken_by
from desktop.session.session import new_conversation
from desktop.store.past_turns import PastTurn
from desktop.store.store import Store
from desktop.text.token_estimate import estimate_tokens
from desktop.tools.tool_runner import Toolbox

_COMPLETE_REASONS = (None, "stop", "end_turn", "stop_sequence")
_LOOKED_AT = 3
"""How many times as many turns as wanted are looked at, if many cannot be replayed."""

Progress = Callable[[int, int], None]
"""Receives the number of turns checked so far, and of those wanted."""


class ReplayChoice(Value, frozen=True, kw_only=True):
    """What the user chose. An empty connection in `of` stands for all connections.

    `review` is the number of items to review, None for all, or for 60 with a judge.
    """

    of: tuple[ModelRef, ...]
    models: tuple[ModelRef, ...]
    last: int = USUAL_ITEMS
    since: datetime | None = None
    until: datetime | None = None
    title: str = ""
    tags: tuple[str, ...] = ()
    margin: float = USUAL_MARGIN
    judge: str = ""
    repeats: int = 1
    control: bool = False
    review: int | None = None
    seed: int | None = None


class ReplayTools(NamedTuple):
    """What a replay needs of the program.

    `files` are the attachments of all conversations. `preset_of` returns the title of the preset that a system prompt
    was made from, or an empty string. `toolbox` offers successors the tools that the incumbent had; their results come
    from the incumbent's calls.
    """

    store: Store
    gateway: Gateway
    catalog: Catalog
    files: PromptFiles
    entry_of: Entries
    preset_of: Callable[[str], str] = lambda _system: ""
    toolbox: Callable[[], Toolbox] | None = None

    async def given(self, path: Sequence[Message], model: ModelRef, entry: Entry) -> Mapping[str, FilesAsSent]:
        """Return the attachments of messages as a model receives them, by message ID.

        Raises:
            StoreError: If they cannot be read.
        """
        if not any(message.files for message in path):
            return NO_FILES
        return await self.files.given(path, taken_by(self.gateway, model, entry), model.name)


class TurnSelection(NamedTuple):
    """A plan and the tokens of each item, by which its cost is estimated."""

    plan: ReplayPlan
    tokens: tuple[ItemTokens, ...]


WITH_JUDGE = 60
"""Items that a user reviews by default if a judge reviews all."""


async def select(
    tools: ReplayTools, choice: ReplayChoice, progress: Progress = lambda _done, _wanted: None
) -> TurnSelection:
    """Return the plan for a choice; without usable turns its items are empty. Sends nothing.

    Raises:
        ConnectionUnknown: If a successor's connection does not exist; also StoreError.
    """
    for model in choice.models:
        tools.gateway.settings.connection(model.connection)
    turns = await tools.store.past_turns.list(
        choice.of, since=choice.since, until=choice.until, title=choice.title, tags=choice.tags
    )
    excluded: Counter[str] = Counter()
    usable = [turn for turn in turns if not _is_excluded(turn, excluded)]
    wanted = min(max(choice.last, 1), MOST_ITEMS)
    checks = _Checks(tools, choice.models)
    order = evenly(usable)
    found: dict[str, tuple[ReplayItem, ItemTokens]] = {}
    looked_at = 0
    while len(found) < wanted and looked_at < min(len(order), _LOOKED_AT * wanted):
        batch = order[looked_at : looked_at + wanted - len(found)]
        looked_at += len(batch)
        for each, turns_of in _by_conversation(batch).items():
            for outcome, turn in await checks.items(each, turns_of):
                if isinstance(outcome, Excluded):
                    excluded[outcome.value] += 1
                else:
                    found[turn.answer] = outcome
            progress(len(found), wanted)
    if looked_at < len(order):
        excluded[Excluded.NOT_SAMPLED.value] += len(order) - looked_at
    chosen = [found[turn.answer] for turn in order[:looked_at] if turn.answer in found]
    seed = new_seed() if choice.seed is None else choice.seed
    incumbent = _incumbent(tools.gateway, chosen) if choice.control else None
    plan = ReplayPlan(
        of=", ".join(dict.fromkeys(str(each) if each.connection else each.name for each in choice.of)),
        models=choice.models,
        items=tuple(item for item, _ in chosen),
        excluded=dict(excluded),
        margin=choice.margin,
        review=_review(choice, len(chosen)),
        judge=choice.judge,
        incumbent=incumbent,
        control=control_items(len(chosen), seed) if incumbent is not None else (),
        repeats=choice.repeats,
        dropped=tuple(sorted(checks.dropped)),
        seed=seed,
    )
    return TurnSelection(plan, tuple(tokens for _, tokens in chosen))


def _review(choice: ReplayChoice, items: int) -> int:
    wanted = choice.review if choice.review is not None else WITH_JUDGE if choice.judge else items
    return max(0, min(wanted, items))


def evenly(turns: Sequence[PastTurn]) -> list[PastTurn]:
    """Return turns so that each beginning of the list has as many of every conversation as possible, newest first."""
    waiting: dict[str, list[PastTurn]] = {}
    for turn in turns:
        waiting.setdefault(turn.conversation, []).append(turn)
    rounds = zip_longest(*waiting.values())
    return [turn for round_ in rounds for turn in round_ if turn is not None]


def _is_excluded(turn: PastTurn, excluded: Counter[str]) -> bool:
    """Count a turn whose answer is unfinished or empty."""
    if turn.status is not Status.COMPLETE or turn.finish_reason not in _COMPLETE_REASONS:
        excluded[Excluded.UNFINISHED.value] += 1
        return True
    if not turn.answer_length or not (turn.prompt_length or turn.has_files):
        excluded[Excluded.EMPTY.value] += 1
        return True
    return False


def _by_conversation(turns: Sequence[PastTurn]) -> Mapping[str, list[PastTurn]]:
    found: dict[str, list[PastTurn]] = {}
    for turn in turns:
        found.setdefault(turn.conversation, []).append(turn)
    return found


def _incumbent(gateway: Gateway, chosen: Sequence[tuple[ReplayItem, ItemTokens]]) -> ModelRef | None:
    """Return the model that answered most items, if its connection exists."""
    for model, _ in Counter(item.model for item, _ in chosen).most_common():
        with suppress(ConnectionUnknown):
            gateway.settings.connection(model.connection)
            return model
    return None


class _Checks:
    """Checks turns against every successor. `dropped` collects parameters that one does not accept."""

    def __init__(self, tools: ReplayTools, models: Sequence[ModelRef]) -> None:
        self.dropped: set[str] = set()
        self._tools = tools
        self._models = [(model, tools.entry_of(model)) for model in models]
        self._preset = cache(tools.preset_of)

    async def items(
        self, conversation_id: str, turns: Sequence[PastTurn]
    ) -> Sequence[tuple[Excluded | tuple[ReplayItem, ItemTokens], PastTurn]]:
        """Return the items of one conversation's turns, or why they cannot be replayed."""
        store = self._tools.store
        try:
            conversation = await store.conversations.get(conversation_id)
            (summary,) = (await store.conversations.states([conversation_id])).values()
        except (ConversationUnknown, StoreError, ValueError):
            return [(Excluded.UNREADABLE, turn) for turn in turns]
        return [(await self._item(conversation, summary.tags, turn), turn) for turn in turns]

    async def _item(
        self, conversation: Conversation, tags: Sequence[str], turn: PastTurn
    ) -> Excluded | tuple[ReplayItem, ItemTokens]:
        sent = await self._tools.store.receipts.get(turn.answer)
        request = await asyncio.to_thread(request_of, conversation, turn.answer, sent)
        if request is None:
            return Excluded.UNREADABLE
        for model, entry in self._models:
            if (reason := await self._refusal(request, model, entry)) is not None:
                return reason
        return self._found(conversation.id, request, tags, turn), tokens_of(request)

    async def _refusal(self, request: ReplayRequest, model: ModelRef, entry: Entry) -> Excluded | None:
        """Return why a request cannot be sent to a successor."""
        gateway, path = self._tools.gateway, (*request.history, request.prompt)
        given = await self._tools.given(path, model, entry)
        if any(each.nothing for each in given.values()):
            return Excluded.ATTACHMENTS
        parameters, dropped = accepted(request.parameters, entry)
        self.dropped.update(dropped)
        window = gateway.known(model).context_window or entry.context_window
        room = reserve(new_conversation(model, parameters=Parameters(values=parameters)), entry)
        attached = sum(each.tokens for each in given.values())
        if window is not None and tokens_of(request).sent + attached > window - room:
            return Excluded.TOO_LONG
        texts = [request.system, *(each.text for each in path if each.role is Role.USER)]
        texts += [file.text for each in given.values() for file in each.quoted]
        if await gateway.flags(model, entry, [text for text in texts if text]):
            return Excluded.GUARDED
        return None

    def _found(self, conversation: str, request: ReplayRequest, tags: Sequence[str], turn: PastTurn) -> ReplayItem:
        figures, answer = request.answer.figures, request.answer
        text, preset = request.prompt.text, self._preset(request.system)
        cost = figures.cost if figures is not None else None
        if cost is None and answer.usage is not None and answer.model is not None:
            cost = self._tools.entry_of(answer.model).cost(answer.usage)
        return ReplayItem(
            conversation=conversation,
            prompt=turn.prompt,
            answer=turn.answer,
            model=turn.model,
            rebuilt=request.rebuilt,
            kinds=prompt_kinds(text, has_files=bool(turn.has_files), tags=tags, preset=preset),
            at=turn.at,
            length=len(answer.text),
            output_tokens=answer.usage.output_tokens if answer.usage is not None else None,
            cost=cost,
            ttft_ms=figures.ttft_ms if figures is not None else None,
        )


def tokens_of(request: ReplayRequest) -> ItemTokens:
    """Return the estimated tokens of a request without its attachments."""
    said = (request.system, *(each.text for each in request.history), request.prompt.text)
    turns, _ = request.turns
    return ItemTokens(
        sent=sum(map(estimate_tokens, said)),
        answered=estimate_tokens(request.answer.text),
        judged=sum(map(estimate_tokens, turns)),
    )
