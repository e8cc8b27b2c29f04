"""What an import brought is asked about before it is sent, and then no more."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from desktop.domain.conversation_types import (
    Conversation,
    JsonValue,
    Message,
    Parameters,
    Role,
    Status,
    new_id,
    now,
)
from desktop.domain.message_parts import TextPart
from desktop.errors import PromptUnconfirmed
from desktop.session.session import Session, copied, new_conversation
from tests.desktop.session.fakes import REF, MemoryJournal, ScriptedProvider, said, session


def brought(status: Status = Status.COMPLETE, **parameters: JsonValue) -> Conversation:
    """An imported conversation of one turn."""
    made: dict[str, Any] = {"created_at": now(), "imported": True}
    prompt = Message(
        id=new_id(), parent=None, role=Role.USER, parts=(TextPart(text="why?"),), status=Status.COMPLETE, **made
    )
    answer = Message(
        id=new_id(), parent=prompt.id, role=Role.ASSISTANT, parts=(TextPart(text="As I"),), status=status, **made
    )
    conversation = new_conversation(REF, parameters=Parameters(values=parameters))
    return msgspec.structs.replace(conversation, messages=(prompt, answer), current=answer.id)


def opened(conversation: Conversation, provider: ScriptedProvider) -> Session:
    one = session(provider, MemoryJournal())
    one.conversation = conversation
    return one


async def test_imported_parameters_are_asked_about_at_the_first_prompt_and_then_no_more() -> None:
    provider = ScriptedProvider([said("so")])
    one = opened(brought(temperature=0.5, stop=["x"]), provider)
    with pytest.raises(PromptUnconfirmed):
        await one.ask("go on")
    with pytest.raises(PromptUnconfirmed) as caught:
        await one.ask("go on")
    assert 'temperature = 0.5, stop = ["x"]' in caught.value.message
    assert provider.requests == []
    one.allow(caught.value.found)
    await one.ask("go on")
    assert provider.requests[0].parameters.values == {"temperature": 0.5, "stop": ["x"]}
    again = opened(one.conversation, provider)  # as after another start
    await again.ask("and on")
    assert len(provider.requests) == 2


async def test_without_parameters_nothing_is_asked_nor_of_those_that_were_set_here() -> None:
    provider = ScriptedProvider([said("so")])
    await opened(brought(), provider).ask("go on")
    new = opened(new_conversation(REF, parameters=Parameters(values={"temperature": 1.0})), provider)
    await new.ask("hello")
    await new.ask("go on")
    assert len(provider.requests) == 3


async def test_an_imported_answer_is_not_continued_without_a_question() -> None:
    provider = ScriptedProvider([said(" said")])
    one = opened(brought(Status.INTERRUPTED), provider)
    with pytest.raises(PromptUnconfirmed, match="This response was imported") as caught:
        await one.continue_()
    assert provider.requests == []
    one.allow(caught.value.found)
    assert (await one.continue_()).text == "As I said"


async def test_a_copy_is_as_imported_as_what_it_was_made_from() -> None:
    copy = copied(brought(Status.INTERRUPTED), new_conversation(REF))
    with pytest.raises(PromptUnconfirmed):
        await opened(copy, ScriptedProvider([said("x")])).continue_()


async def test_what_goes_on_here_was_made_here() -> None:
    provider = ScriptedProvider([[*said("so")[:1]], said(" on")])
    one = opened(brought(), provider)
    assert (await one.ask("go on")).status is Status.INTERRUPTED
    assert (await one.continue_()).text == "so on"
