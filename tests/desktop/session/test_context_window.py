"""Room in the context window: what is left out is counted before anything is sent, and a new chat keeps the newest."""

from __future__ import annotations

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Conversation, Message, ModelRef, Parameters, Role, Status
from desktop.session.context_window import left_out, reserve, shortened
from tests.desktop.store.made import answer, conversation, finished, prompt

SMALL = Entry(id="small", context_window=1000)


def long_conversation(turns: int) -> Conversation:
    messages: list[Message] = []
    for number in range(turns):
        asked = prompt(f"{number} " + "word " * 80, messages[-1] if messages else None)
        messages += [asked, finished(answer(asked), "said " * 80, Status.COMPLETE)]
    return conversation(*messages, title="Long", model=ModelRef(connection="lab", name="small"))


def test_turns_beyond_the_window_are_counted() -> None:
    assert left_out(long_conversation(2), SMALL, 1000) == 0
    assert left_out(long_conversation(8), SMALL, 1000) == 5
    assert left_out(long_conversation(8), SMALL, None) == 0


def test_an_answers_own_limit_is_kept_free() -> None:
    limited = Conversation(
        id="c",
        title="",
        model=ModelRef(connection="a", name="b"),
        created_at=long_conversation(1).created_at,
        updated_at=long_conversation(1).updated_at,
        parameters=Parameters(values={"max_tokens": 77}),
    )
    assert reserve(limited, SMALL) == 77


def test_a_shortened_conversation_is_a_new_one_that_ends_alike() -> None:
    old = long_conversation(8)
    new = shortened(old, SMALL, 1000)
    assert new.id != old.id
    assert left_out(new, SMALL, 1000) == 0
    assert new.path()[0].role is Role.USER
    assert new.path()[0].parent is None
    assert [message.text for message in new.path()] == [message.text for message in old.path()[-len(new.path()) :]]
    assert not {message.id for message in new.messages} & {message.id for message in old.messages}


def test_the_last_turn_stays_even_where_it_does_not_fit() -> None:
    assert len(shortened(long_conversation(3), SMALL, 100).path()) == 2
