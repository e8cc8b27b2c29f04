"""Titles by a model: asked once, of that model alone, and never over what the user wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import (
    Conversation,
    Message,
    ModelRef,
    Role,
    Status,
    Usage,
    new_id,
    now,
)
from desktop.domain.events import Finished, TextDelta, UsageUpdate
from desktop.domain.message_parts import TextPart
from desktop.errors import RateLimited
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.patterns import Finding
from desktop.guards.scanner import Scanner
from desktop.session.prompt_title import title_of
from desktop.session.titles import LONGEST, Titles, cleaned, is_untitled
from desktop.settings.schema import BUDGET, OWN_TITLES, TITLES
from desktop.settings.values import Settings
from desktop.text.phrases import english
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, gateway, said
from tests.desktop.settings.test_policy import policy

PROMPT = "why is the sky blue at noon and red in the evening, please explain"


def message(role: Role, text: str, parent: str | None = None, status: Status = Status.COMPLETE) -> Message:
    return Message(id=new_id(), parent=parent, role=role, parts=(TextPart(text=text),), status=status, created_at=now())


def conversation(title: str = title_of(PROMPT), status: Status = Status.COMPLETE, turns: int = 1) -> Conversation:
    messages: list[Message] = []
    for _ in range(turns):
        messages.append(message(Role.USER, PROMPT, messages[-1].id if messages else None))
        messages.append(message(Role.ASSISTANT, "Short waves are scattered.", messages[-1].id, status))
    at = now()
    return Conversation(
        id=new_id(),
        title=title,
        model=ModelRef(connection="lab", name="x"),
        created_at=at,
        updated_at=at,
        current=messages[-1].id,
        messages=tuple(messages),
    )


@dataclass
class Keeper:
    held: Conversation
    titles: list[str] = field(default_factory=list[str])

    async def get(self, id_or_prefix: str) -> Conversation:
        return self.held

    async def retitle(self, conversation_id: str, before: str, title: str) -> bool:
        if self.held.title != before:
            return False
        self.held = msgspec.structs.replace(self.held, title=title)
        self.titles.append(title)
        return True


def titles(provider: ScriptedProvider, model: str = "lab/titler") -> Titles:
    return Titles(gateway(provider, Settings(connections=(LOOPBACK,)).set(TITLES, model)), Catalog())


async def test_no_title_tells_a_key() -> None:
    provider, keeper = ScriptedProvider([said("No key", " key&#45;0123456", "789abc there")]), Keeper(conversation())
    asked = gateway(provider, Settings(connections=(LOOPBACK,)).set(TITLES, "lab/titler"))
    asked._keys.mask.add("key-0123456789abc")
    assert await Titles(asked, Catalog()).after_answer(keeper, keeper.held.id) == "No key [secure] there"
    assert keeper.titles == ["No key [secure] there"]


async def test_the_model_of_the_settings_is_asked_once_and_its_title_kept() -> None:
    provider, keeper = ScriptedProvider([said('**"Colours ', 'of the sky"**\nmore')]), Keeper(conversation())
    asking = titles(provider)
    assert await asking.after_answer(keeper, keeper.held.id) == "Colours of the sky"
    assert await asking.after_answer(keeper, keeper.held.id) == ""
    (request,) = provider.requests
    assert request.model == "titler"
    assert PROMPT in request.messages[0].text
    assert keeper.titles == ["Colours of the sky"]


async def test_the_chats_own_model_is_asked_where_the_settings_want_it_and_name_no_other() -> None:
    own = Settings(connections=(LOOPBACK,)).set(OWN_TITLES, value=True)
    for settings, asked in ((own, "x"), (own.set(TITLES, "lab/titler"), "titler")):
        provider, keeper = ScriptedProvider([said("Colours of the sky")]), Keeper(conversation())
        asking = Titles(gateway(provider, settings), Catalog())
        assert asking.on
        assert await asking.after_answer(keeper, keeper.held.id) == "Colours of the sky"
        assert [each.model for each in provider.requests] == [asked]


async def test_a_policy_forbids_it_whatever_the_settings_say() -> None:
    wanted = Settings(connections=(LOOPBACK,)).set(OWN_TITLES, value=True)
    forbidden = replace(wanted, policy=policy(TitlesByChatModel=False))
    assert not Titles(gateway(ScriptedProvider(), forbidden), Catalog()).on


async def test_without_a_model_in_the_settings_nobody_is_asked() -> None:
    provider, keeper = ScriptedProvider([said("Title")]), Keeper(conversation())
    assert not titles(provider, "").on
    assert await titles(provider, "").after_answer(keeper, keeper.held.id) == ""
    assert provider.requests == []


@pytest.mark.parametrize(
    "held",
    [
        conversation(title="My own"),
        conversation(status=Status.STOPPED),
        conversation(turns=2),
        msgspec.structs.replace(conversation(), messages=()),
    ],
)
async def test_only_a_first_whole_answer_under_a_title_of_first_words_is_titled(held: Conversation) -> None:
    provider = ScriptedProvider([said("Title")])
    assert not is_untitled(held)
    assert await titles(provider).after_answer(Keeper(held), held.id) == ""
    assert provider.requests == []


async def test_a_title_that_the_user_gave_meanwhile_stays() -> None:
    class Renamed(Keeper):
        async def retitle(self, conversation_id: str, before: str, title: str) -> bool:
            self.held = msgspec.structs.replace(self.held, title="Mine")
            return await super().retitle(conversation_id, before, title)

    keeper = Renamed(conversation())
    assert await titles(ScriptedProvider([said("Title")])).after_answer(keeper, keeper.held.id) == ""
    assert keeper.held.title == "Mine"


async def test_while_it_is_asked_it_is_not_asked_again_and_what_fails_keeps_the_first_words() -> None:
    provider, keeper = ScriptedProvider([[0.01, RateLimited(english("Too many."))]]), Keeper(conversation())
    asking = titles(provider)
    both = await asyncio.gather(*(asking.after_answer(keeper, keeper.held.id) for _ in range(2)))
    assert (both, len(provider.requests), keeper.titles) == (["", ""], 1, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title: The sky.", "The sky"),
        ("\n\n# “Sky colours”\n", "Sky colours"),
        ("- **Blue** sky", "Blue** sky"),
        ("天空的颜色。", "天空的颜色"),
        ("...", ""),
        ("", ""),
    ],
)
def test_quotes_and_markdown_are_taken_off(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@given(st.text(max_size=300))
def test_a_title_is_one_short_line_whatever_the_model_says(text: str) -> None:
    found = cleaned(text)
    assert len(found) <= LONGEST
    assert len(found.splitlines()) <= 1


@pytest.mark.parametrize("own", [False, True])
async def test_what_a_title_costs_is_counted_and_guards_see_only_what_a_person_said(
    tmp_path: Path, *, own: bool
) -> None:
    usage = Usage(input_tokens=1_000_000, output_tokens=0, total_tokens=1_000_000)
    provider = ScriptedProvider([[TextDelta(text="Colours"), UsageUpdate(usage=usage), Finished(reason="stop")]])
    settings = Settings(connections=(LOOPBACK,)).set(BUDGET, 100.0)
    settings = settings.set(OWN_TITLES, value=True) if own else settings.set(TITLES, "lab/titler")
    looked_at: list[str] = []

    class Looking(Scanner):
        async def look(self, texts: Iterable[str], settings: Settings) -> tuple[Finding, ...]:
            looked_at.extend(texts)
            return ()

    asked, ledger = gateway(provider, settings), Ledger(tmp_path / "spending.json")
    asked._gate = GuardedGate(Looking(()), ledger, Audit(tmp_path))
    priced = Catalog([Entry(id="x" if own else "titler", price_in=2.0, price_out=4.0)])
    keeper = Keeper(conversation())
    assert await Titles(asked, priced).after_answer(keeper, keeper.held.id) == "Colours"
    assert ledger.spent() == pytest.approx(2.0, abs=1e-4)
    assert looked_at == [keeper.held.messages[0].text]


async def test_a_key_that_an_answer_gives_back_is_not_sent_to_who_gives_titles() -> None:
    key = "sk-Ab3dEf6hIj9kLm2nOp5q"
    held = conversation()
    answer = msgspec.structs.replace(held.messages[1], parts=(TextPart(text=f"You sent {key} here." + "." * 970),))
    provider = ScriptedProvider([said("Title")])
    asked = gateway(provider, Settings(connections=(LOOPBACK,)).set(TITLES, "lab/titler"))
    asked._keys.mask.add(key)
    told = msgspec.structs.replace(held, messages=(held.messages[0], answer))
    assert await Titles(asked, Catalog()).after_answer(Keeper(told), held.id) == "Title"
    (request,) = provider.requests
    assert "You sent [secure] here." in request.messages[0].text
    assert key not in request.messages[0].text
