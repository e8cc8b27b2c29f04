"""Somebody who chatted with a model and replays the conversations with others, over a real store and server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec

from desktop.attachments.attachment import Attachment
from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import (
    Auth,
    Connection,
    Conversation,
    JsonValue,
    Kind,
    Message,
    ModelRef,
    Parameters,
    Role,
    Status,
    Wire,
    new_id,
)
from desktop.domain.message_parts import TextPart
from desktop.domain.suite_cells import CellRecord, PairChoice
from desktop.evals.execution.run_entries import entries
from desktop.evals.execution.run_limits import RunLimits
from desktop.evals.execution.run_work import RunEnd
from desktop.guards.gate import Gate
from desktop.net.options import NetworkOptions
from desktop.replay.replay_plan import new_replay
from desktop.replay.replay_results import ReplayResults, read_results
from desktop.replay.replay_runner import ReplayRunner
from desktop.replay.review_desk import ReviewDesk
from desktop.replay.turn_selection import ReplayChoice, ReplayTools, TurnSelection, select
from desktop.session.gateway import Gateway
from desktop.session.prompt_files import PromptFiles
from desktop.session.session import Session, new_conversation
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import Policy
from desktop.settings.values import Settings
from desktop.store.store import Store
from tests.desktop.credentials.fakes import none_found
from tests.desktop.evals.run_desk import RealFactory
from tests.servers.faults import FaultServer

OLD = ModelRef(connection="imported-chatgpt", name="gpt-old")
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def model(text: str) -> ModelRef:
    return ModelRef.parse(text)


@dataclass
class ReplayUser:
    """Has a conversation history, and connections to a server under several names."""

    store: Store
    server: FaultServer
    settings: CurrentSettings
    tools: ReplayTools
    kept: list[CellRecord] = field(default_factory=list[CellRecord])

    @classmethod
    def over(cls, store: Store, server: FaultServer, *prices: Entry, gate: Gate | None = None) -> ReplayUser:
        names = ("lab", "other")
        connections = tuple(
            Connection(name=name, kind=Kind.OPENAI_V1, url=server.url, auth=Auth.NONE) for name in names
        )
        settings = CurrentSettings(Settings(connections=connections))
        keys = Keys(service="test", environ={}, find=none_found)
        gateway = Gateway(settings=settings, keys=keys, factory=RealFactory(), options=NetworkOptions(), gate=gate)
        catalog = Catalog(prices)
        files = PromptFiles(store.files)
        tools = ReplayTools(store, gateway, catalog, files, entries(gateway, catalog))
        return cls(store, server, settings, tools)

    def use(self, policy: Policy) -> None:
        self.settings.use(replace(self.settings(), policy=policy))

    def speak(self, wire: Wire) -> None:
        """Ask every model over one API format."""
        connections = tuple(msgspec.structs.replace(each, wire=wire) for each in self.settings().connections)
        self.settings.use(replace(self.settings(), connections=connections))

    async def chat(
        self,
        asked: str,
        *prompts: str,
        system: str = "",
        parameters: dict[str, JsonValue] | None = None,
        files: Sequence[Attachment] = (),
    ) -> Session:
        """Chat with a model of the server, so that there are receipts; files go with the first prompt."""
        conversation = new_conversation(model(asked), system=system, parameters=Parameters(values=parameters or {}))
        session = Session(
            conversation,
            gateway=self.tools.gateway,
            catalog=self.tools.catalog,
            journal=self.store.conversations,
            files=lambda: self.tools.files,
        )
        for number, prompt in enumerate(prompts):
            await session.ask(prompt, files=[each.part for each in files] if number == 0 else ())
        return session

    async def remember(self, *turns: tuple[str, str], of: ModelRef = OLD, title: str = "") -> Conversation:
        """Have an imported conversation."""
        messages: list[Message] = []
        for number, text in enumerate(text for turn in turns for text in turn):
            role = Role.ASSISTANT if number % 2 else Role.USER
            messages.append(
                Message(
                    id=new_id(),
                    parent=messages[-1].id if messages else None,
                    role=role,
                    parts=(TextPart(text=text),),
                    status=Status.COMPLETE,
                    created_at=AT,
                    model=of if number % 2 else None,
                    imported=True,
                )
            )
        conversation = Conversation(
            id=new_id(),
            title=title or turns[0][0],
            model=of,
            created_at=AT,
            updated_at=AT,
            current=messages[-1].id,
            messages=tuple(messages),
        )
        await self.store.conversations.create(conversation)
        return conversation

    async def select(self, *models: str, of: ModelRef = OLD, **choice: Any) -> TurnSelection:  # noqa: ANN401 - any choice
        asked = tuple(model(each) for each in models or ("lab/echo",))
        return await select(self.tools, ReplayChoice(of=(of,), models=asked, seed=7, **choice))

    async def plan(self, *models: str, of: ModelRef = OLD, cap: float | None = None, **choice: Any) -> str:  # noqa: ANN401
        run = new_replay((await self.select(*models, of=of, **choice)).plan, cap=cap)
        await self.store.replays.create(run)
        return run.id

    def runner(self) -> ReplayRunner:
        return ReplayRunner(self.tools, RunLimits(longest_rest_s=0.05), listener=self.kept.append)

    async def replay(self, *models: str, of: ModelRef = OLD, **choice: Any) -> tuple[str, RunEnd]:  # noqa: ANN401
        run_id = await self.plan(*models, of=of, **choice)
        return run_id, await self.runner().run(run_id)

    async def results(self, run_id: str) -> ReplayResults:
        return await read_results(self.store, run_id)

    async def review(self, run_id: str, chance: float, most: int = 10_000, seed: int = 1) -> int:
        """Prefer the successor with a chance in each pair, else the incumbent, and return the number of reviews."""
        desk, random = await ReviewDesk.open(self.store, run_id), Random(seed)
        done = 0
        while done < most and (pair := await desk.next()) is not None:
            wins = random.random() < chance
            left_wins = wins == (pair.task.shown == 1)
            await desk.give(pair, PairChoice.FIRST if left_wins else PairChoice.SECOND)
            done += 1
        return done

    def bodies(self, asked: str) -> list[dict[str, Any]]:
        """Bodies that the server received for a model, without its name."""
        return [
            {name: value for name, value in each.json.items() if name != "model"} for each in self.server.asked(asked)
        ]
