"""The door of a session: what is held back, what goes, what is said and recorded."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, JsonValue, Kind, ModelRef, Parameters, Usage
from desktop.domain.events import Event, Finished, Notice, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import AuditFailed, BudgetSpent, PolicyForbids, PromptBlocked, PromptFlagged
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.net.options import NetworkOptions
from desktop.providers.provider import ModelInfo
from desktop.session.gateway import Gateway
from desktop.session.session import Session, new_conversation
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import Policy
from desktop.settings.values import Settings
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import Factory, MemoryJournal, ScriptedProvider, said
from tests.desktop.settings.test_policy import policy

KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
FAR = Connection(name="far", kind=Kind.OPENAI_V1, url="https://api.example.com/v1", auth=Auth.NONE)
PRICED = Catalog([Entry(id="grok", price_in=1.0, price_out=10.0), Entry(id="gift", price_in=0, price_out=0)])


class Stage:
    """A session behind a guarded door."""

    def __init__(self, folder: Path, model: str = "far/grok", policy: Policy | None = None, **values: object) -> None:
        self.provider = ScriptedProvider([said("Hello")])
        held = MappingProxyType({name.replace("__", "."): value for name, value in values.items()})
        settings = Settings(held, (FAR,), policy or Policy())  # pyright: ignore[reportArgumentType]
        self.ledger = Ledger(folder / "spending.json")
        self.folder = folder
        child = (sys.executable, "-m", "desktop.guards.pattern_child")
        self.gateway = Gateway(
            settings=CurrentSettings(settings),
            keys=Keys(service="test", environ={}, find=none_found),
            factory=Factory(self.provider),
            options=NetworkOptions(),
            gate=GuardedGate(Scanner(child), self.ledger, Audit(folder)),
        )
        self.journal = MemoryJournal()
        conversation = new_conversation(ModelRef.parse(model))
        self.session = Session(conversation, gateway=self.gateway, catalog=PRICED, journal=self.journal)

    @property
    def audit(self) -> list[dict[str, object]]:
        file = self.folder / "audit.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


async def test_a_flagged_prompt_is_neither_sent_nor_kept_and_names_where_it_would_go(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with pytest.raises(PromptFlagged) as raised:
        await stage.session.ask(f"my key is {KEY}")
    assert raised.value.message == (
        "The prompt seems to contain an API key. It was not sent to far/grok at api.example.com."
    )
    assert stage.provider.requests == []
    assert stage.journal.begun == []


async def test_what_was_allowed_goes_and_goes_again_in_the_history(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with pytest.raises(PromptFlagged) as raised:
        await stage.session.ask(KEY)
    stage.session.allow(raised.value.found)
    await stage.session.ask(KEY)
    await stage.session.ask("and now?")
    assert len(stage.provider.requests) == 2
    with pytest.raises(PromptFlagged):
        await stage.session.ask("4111 1111 1111 1111")


async def test_a_blocked_prompt_cannot_be_allowed(tmp_path: Path) -> None:
    stage = Stage(tmp_path, guards__secrets="block")
    stage.session.flagged_too = True
    with pytest.raises(PromptBlocked):
        await stage.session.ask(KEY)
    assert stage.provider.requests == []


async def test_flagged_ones_go_where_all_that_is_flagged_may(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.session.flagged_too = True
    await stage.session.ask(KEY)
    assert len(stage.provider.requests) == 1


async def test_a_system_prompt_is_looked_at_too_and_answers_are_not(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.provider.scripts = [said(f"Keys look like {KEY}")]
    await stage.session.ask("how do keys look?")
    await stage.session.ask("thanks")
    stage.session.conversation = msgspec.structs.replace(stage.session.conversation, system=f"Use {KEY}")
    with pytest.raises(PromptFlagged):
        await stage.session.ask("hello")


@pytest.mark.parametrize(
    "values",
    [
        {"stop": ["Halt", KEY]},
        {"metadata": {"note": f"It is {KEY}"}},
        {"tools": [{"type": "mcp", "headers": {"authorization": KEY}}]},
        {"metadata": {KEY: 1}},
        {KEY: True},
    ],
)
async def test_every_string_of_a_parameter_is_looked_at(tmp_path: Path, values: dict[str, JsonValue]) -> None:
    stage = Stage(tmp_path)
    parameters = Parameters(values=values)
    stage.session.conversation = msgspec.structs.replace(stage.session.conversation, parameters=parameters)
    with pytest.raises(PromptFlagged) as raised:
        await stage.session.ask("hello")
    assert "a parameter" in raised.value.message
    assert stage.provider.requests == []


@pytest.mark.parametrize("values", [{"tools": []}, {"service_tier": "priority"}, {"n": 2}, {"store": True}])
async def test_a_policy_lets_sampling_parameters_alone_be_sent(tmp_path: Path, values: dict[str, JsonValue]) -> None:
    stage = Stage(tmp_path, policy=policy(ProviderParameters=False))
    sampling: dict[str, JsonValue] = {"temperature": 0.5, "stop": ["Halt"], "reasoning_effort": "low"}
    for each in (sampling, {**sampling, **values}):
        parameters = Parameters(values=each)
        stage.session.conversation = msgspec.structs.replace(stage.session.conversation, parameters=parameters)
        if each is sampling:
            await stage.session.ask("hello")
            continue
        with pytest.raises(PolicyForbids) as raised:
            await stage.session.ask("hello")
        assert next(iter(values)) in raised.value.message
    assert len(stage.provider.requests) == 1


async def test_the_embedded_model_is_spared_unless_it_is_to_be_guarded(tmp_path: Path) -> None:
    await Stage(tmp_path, "embedded/smollm2").session.ask(KEY)
    with pytest.raises(PromptFlagged) as raised:
        await Stage(tmp_path, "embedded/smollm2", guards__embedded=True).session.ask(KEY)
    assert "embedded/smollm2." in raised.value.message


async def test_policy_is_asked_before_anything_is_sent(tmp_path: Path) -> None:
    for forbidding in (
        policy(AllowedHosts=["other.example"]),
        policy(AllowedModels=["far/gpt*"]),
        policy(SignIn=["key"]),
    ):
        stage = Stage(tmp_path, policy=forbidding)
        with pytest.raises(PolicyForbids):
            await stage.session.ask("hello")
        assert (stage.provider.requests, stage.journal.begun) == ([], [])


async def test_a_policy_that_comes_into_use_holds_for_providers_that_were_made_before(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await stage.session.ask("hello")
    stage.gateway.current.use(Settings(connections=(FAR,), policy=policy(AllowedHosts=[])))
    with pytest.raises(PolicyForbids):
        await stage.session.ask("again")
    for call in (stage.gateway.provider("far"), stage.gateway.trial(FAR, ""), stage.gateway.reach(FAR)):
        with pytest.raises(PolicyForbids):
            await call


async def test_hidden_models_are_not_listed(tmp_path: Path) -> None:
    stage = Stage(tmp_path, policy=policy(HiddenModels=["*-preview"]))
    stage.provider.infos = [ModelInfo(name="grok"), ModelInfo(name="grok-preview")]
    assert [info.name for info in await stage.gateway.models("far")] == ["grok"]
    assert [ref.name for ref in stage.gateway.known_of("far")] == ["grok"]


def paid(tokens: int) -> Sequence[StreamEvent]:
    usage = Usage(input_tokens=0, output_tokens=tokens, total_tokens=tokens)
    return [TextDelta(text="x"), UsageUpdate(usage=usage), Finished(reason="stop")]


async def test_the_budget_warns_once_at_four_fifths_and_stops_when_it_is_spent(tmp_path: Path) -> None:
    stage = Stage(tmp_path, budget__monthly_usd=1.0)
    stage.provider.scripts = [paid(85_000), paid(5_000), paid(20_000)]
    events: list[Event] = []
    for _ in range(3):
        await stage.session.ask("hello", events.append)
    notices = [event for event in events if isinstance(event, Notice)]
    assert [notice.message for notice in notices] == ["0.85 USD of this month's budget of 1.00 USD has been spent."]
    with pytest.raises(BudgetSpent) as raised:
        await stage.session.ask("hello")
    assert "1.10 USD" in raised.value.message
    assert len(stage.provider.requests) == 3


@pytest.mark.parametrize(("spent", "sends"), [(0.99, True), (1.0, False)])
async def test_a_budget_is_spent_as_soon_as_it_is_reached(tmp_path: Path, spent: float, sends: bool) -> None:
    stage = Stage(tmp_path, budget__monthly_usd=1.0)
    stage.ledger.add(spent)
    with nullcontext() if sends else pytest.raises(BudgetSpent):
        await stage.session.ask("hello")
    assert bool(stage.provider.requests) == sends


async def test_the_budget_warns_from_exactly_four_fifths_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path, budget__monthly_usd=1.0)
    stage.ledger.add(0.8)
    events: list[Event] = []
    await stage.session.ask("hello", events.append)
    assert [event.code for event in events if isinstance(event, Notice)] == ["budget"]


async def test_models_that_cost_nothing_go_on(tmp_path: Path) -> None:
    Ledger(tmp_path / "spending.json").add(9)
    for model in ("far/gift", "embedded/smollm2"):
        await Stage(tmp_path, model, budget__monthly_usd=1.0).session.ask("hello")
    with pytest.raises(BudgetSpent):
        await Stage(tmp_path, "far/unheard-of", budget__monthly_usd=1.0).session.ask("hello")


async def test_what_the_store_knows_counts(tmp_path: Path) -> None:
    stage = Stage(tmp_path, budget__monthly_usd=1.0)
    asked: list[datetime] = []

    async def stored(since: datetime) -> float:
        asked.append(since)
        return 2.0

    stage.gateway.stored = stored
    for _ in range(2):
        with pytest.raises(BudgetSpent):
            await stage.session.ask("hello")
    assert asked == [stage.ledger.month]


async def test_without_a_budget_nothing_is_counted_and_without_a_record_nothing_written(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.provider.scripts = [paid(1_000_000)]
    await stage.session.ask("hello")
    assert not (tmp_path / "spending.json").exists()
    assert not (tmp_path / "audit.jsonl").exists()


async def test_the_record_says_what_went_where_without_its_text(tmp_path: Path) -> None:
    stage = Stage(tmp_path, audit__log=True)
    await stage.session.ask("hello there")
    with pytest.raises(PromptFlagged):
        await stage.session.ask(KEY)
    sent, held = stage.audit
    assert (sent["event"], sent["model"], sent["host"], sent["characters"]) == (
        "sent",
        "far/grok",
        "api.example.com",
        11,
    )
    assert (held["event"], held["why"], held["found"]) == ("held", "prompt_flagged", ["an API key"])
    assert "hello" not in json.dumps(stage.audit)


async def test_the_record_holds_prompts_only_where_policy_says_so_and_never_keys(tmp_path: Path) -> None:
    stage = Stage(tmp_path, policy=policy(AuditLog=True, AuditText=True))
    stage.session.flagged_too = True
    await stage.session.ask(f"my key: {KEY}")
    assert stage.audit[0]["prompt"] == "my key: [secure]"
    assert KEY not in (tmp_path / "audit.jsonl").read_text()


async def test_where_conversations_are_encrypted_no_prompt_lies_in_the_record(tmp_path: Path) -> None:
    stage = Stage(tmp_path, policy=policy(AuditLog=True, AuditText=True, Encryption=True))
    await stage.session.ask("hello there")
    assert "prompt" not in stage.audit[0]


async def test_what_cannot_be_recorded_is_not_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path, audit__log=True)
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(AuditFailed):
        await stage.session.ask("hello")
    assert stage.provider.requests == []


async def test_another_answer_passes_the_door_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.session.flagged_too = True
    await stage.session.ask(KEY)
    stage.session.flagged_too = False
    with pytest.raises(PromptFlagged):
        await stage.session.regenerate()
    with pytest.raises(PromptFlagged):
        await stage.session.edit(stage.session.conversation.messages[0].id, f"{KEY}!")


async def test_what_was_said_before_is_not_said_to_be_in_the_prompt(tmp_path: Path) -> None:
    stage = Stage(tmp_path, guards__secrets="off")
    await stage.session.ask(KEY)
    for action, said_ in (("flag", "seems to contain an API key"), ("block", "contains an API key")):
        stage.gateway.current.use(Settings(MappingProxyType({"guards.secrets": action}), (FAR,)))
        with pytest.raises((PromptFlagged, PromptBlocked)) as raised:
            await stage.session.ask("hi there")
        assert f"the system prompt or a parameter {said_}. Nothing was sent to far/grok" in raised.value.message


async def test_what_is_asked_of_names_what_the_prompt_holds_and_not_what_was_said_before(tmp_path: Path) -> None:
    stage = Stage(tmp_path, guards__secrets="off", guards__cards="off")
    await stage.session.ask(KEY)
    stage.gateway.current.use(Settings(MappingProxyType({"guards.secrets": "flag", "guards.cards": "flag"}), (FAR,)))
    with pytest.raises(PromptFlagged) as raised:
        await stage.session.ask("pay with 4111 1111 1111 1111")
    assert raised.value.message.startswith("The prompt seems to contain a card number.")
