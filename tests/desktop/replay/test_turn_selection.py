"""Turns are sampled evenly over conversations, and what cannot be replayed is counted with its reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Figures, ModelRef, Status
from desktop.errors import ConnectionUnknown
from desktop.guards.gate import OpenGate, OutgoingTexts
from desktop.replay.replay_estimate import estimate
from desktop.replay.turn_selection import ReplayChoice, select
from desktop.reports.replay_text import kind_text
from desktop.settings.values import Settings
from tests.desktop.replay.replay_desk import OLD, ReplayUser, model
from tests.desktop.session.test_rerun import PICTURE
from tests.servers.faults import FaultServer


async def test_a_sample_has_as_many_turns_of_every_conversation_as_possible(user: ReplayUser) -> None:
    await user.remember(*[(f"long {n}", "yes") for n in range(20)])
    short = [await user.remember((f"short {n}", "yes")) for n in range(4)]
    plan = (await user.select(last=8)).plan
    assert len(plan.items) == 8
    assert {each.id for each in short} <= {item.conversation for item in plan.items}
    assert plan.excluded == {"not_sampled": 16}


async def test_unfinished_and_empty_answers_are_left_out(user: ReplayUser) -> None:
    for status, text, reason in (
        (Status.FAILED, "half", None),
        (Status.COMPLETE, "", None),
        (Status.COMPLETE, "cut", "length"),
    ):
        conversation = await user.remember(("why?", text), title=f"{status} {reason}")
        answer = msgspec.structs.replace(conversation.messages[1], status=status, figures=Figures(finish_reason=reason))
        await user.store.conversations.finish(answer)
    await user.remember(("whole", "yes"))
    plan = (await user.select()).plan
    assert len(plan.items) == 1
    assert plan.excluded == {"unfinished": 2, "empty": 1}


class Flags(OpenGate):
    async def flags(self, outgoing: OutgoingTexts, settings: Settings) -> bool:
        return any("secret" in text for text in outgoing.texts)


async def test_what_a_guard_flags_or_a_successor_cannot_be_sent_is_left_out(
    user: ReplayUser, server: FaultServer
) -> None:
    blind = Entry(id="plain", vision=False, context_window=600)
    other = ReplayUser.over(user.store, server, blind, gate=Flags())
    await other.remember(("a secret", "yes"))
    await other.remember(("word " * 3_000, "yes"))
    await other.remember(("fits", "yes"))
    await user.store.files.keep(PICTURE, PICTURE.name.encode() * 40)
    await user.chat("lab/echo", "Look", files=[PICTURE])
    plan = (await other.select("lab/plain")).plan
    assert [item.kinds for item in plan.items] == [("short",)]
    assert plan.excluded == {"guarded": 1, "too_long": 1}
    assert (await other.select("lab/plain", of=model("lab/echo"))).plan.excluded == {"attachments": 1}
    await other.tools.gateway.aclose()


async def test_a_model_name_alone_stands_for_all_connections(user: ReplayUser) -> None:
    await user.remember(("one", "yes"), of=ModelRef(connection="imported-chatgpt", name="gpt-old"))
    await user.remember(("two", "yes"), of=ModelRef(connection="azure", name="gpt-old"))
    await user.remember(("three", "yes"), of=ModelRef(connection="azure", name="gpt-older"))
    assert len((await user.select(of=ModelRef(connection="", name="gpt-old"))).plan.items) == 2
    assert len((await user.select(of=OLD)).plan.items) == 1


async def test_turns_that_a_router_gave_to_the_model_are_its_own(user: ReplayUser) -> None:
    routed = await user.remember(("one", "yes"), of=ModelRef(connection="router", name="auto"))
    answer = msgspec.structs.replace(routed.messages[1], figures=Figures(server_model="gpt-old"))
    await user.store.conversations.finish(answer)
    plan = (await user.select(of=ModelRef(connection="", name="gpt-old"))).plan
    assert [item.conversation for item in plan.items] == [routed.id]


@pytest.mark.parametrize(
    ("choice", "found"),
    [({"title": "GREEK"}, 1), ({"tags": ("Work",)}, 1), ({"tags": ("none",)}, 0), ({}, 2)],
)
async def test_turns_can_be_chosen_by_title_and_tag(user: ReplayUser, choice: dict[str, Any], found: int) -> None:
    await user.remember(("one", "yes"), title="A greek salad")
    tagged = await user.remember(("two", "yes"), title="Else")
    await user.store.tags.add([tagged.id], "work")
    assert len((await user.select(**choice)).plan.items) == found


async def test_a_successor_without_connection_is_refused_before_anything_is_read(user: ReplayUser) -> None:
    with pytest.raises(ConnectionUnknown):
        await user.select("nowhere/model")


async def test_the_estimate_counts_every_call_and_what_the_review_can_show(
    user: ReplayUser, server: FaultServer
) -> None:
    priced = ReplayUser.over(user.store, server, Entry(id="echo", price_in=1.0, price_out=2.0), Entry(id="judge"))
    for number in range(30):
        await priced.remember((f"prompt {number}", "answer " * 50))
    plan, tokens = await priced.select("lab/echo", judge="lab/judge", repeats=2, review=20)
    found = estimate(plan, tokens, priced.tools.entry_of)
    assert (found.calls, found.judge_calls, found.reviews) == (60, 120, 20)
    (echo,) = found.models
    assert echo.cost_low is not None
    assert echo.cost_high is not None
    assert 0 < echo.cost_low < echo.cost_high
    assert found.cost_low is None  # the judge's price is not known
    assert 0.05 < found.equal_shown < 0.2
    await priced.tools.gateway.aclose()


async def test_the_preset_of_a_system_prompt_is_a_kind_of_prompt(user: ReplayUser) -> None:
    await user.chat("lab/echo", "Hello", system="Translate to German.")
    tools = user.tools._replace(preset_of={"Translate to German.": "Translator"}.__getitem__)
    (item,) = (await select(tools, ReplayChoice(of=(model("lab/echo"),), models=(model("lab/plain"),)))).plan.items
    assert item.kinds == ("preset:Translator", "short")
    assert str(kind_text(item.kinds[0])) == "Preset “Translator”"
