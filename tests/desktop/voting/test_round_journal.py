"""Answers of a round are kept as they come, and a long one is not written anew for each piece of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop.domain.conversation_types import Conversation, Status
from desktop.domain.message_parts import PartKind, ReasoningPart, TextPart
from desktop.errors import StoreFull
from desktop.text.phrases import english
from desktop.voting.round_journal import RoundJournal
from tests.desktop.store import made

TEXT, THOUGHT = PartKind.TEXT, PartKind.REASONING


class Kept:
    """What was written of a conversation, and how much in all."""

    def __init__(self) -> None:
        self.now: Conversation | None = None
        self.characters = 0
        self.full = False

    async def keep(self, conversation: Conversation, durable: bool) -> None:
        del durable
        if self.full:
            raise StoreFull(english("Full."))
        self.now = conversation
        self.characters += len(conversation.messages[-1].text)

    @property
    def text(self) -> str:
        assert self.now is not None
        return self.now.messages[-1].text


async def begun(kept: Kept, clock: Callable[[], float] = float) -> tuple[RoundJournal, str]:
    journal, question = RoundJournal(kept.keep, clock), made.prompt("?")
    answer = made.answer(question)
    await journal.begin(made.conversation(), question, answer)
    return journal, answer.id


async def test_what_comes_is_kept_piece_by_piece_and_what_is_of_one_kind_is_one_part() -> None:
    kept = Kept()
    journal, answer = await begun(kept)
    await journal.append(answer, [(THOUGHT, "a"), (THOUGHT, "b"), (TEXT, "c")])
    await journal.append(answer, [(TEXT, "d")])
    assert kept.now is not None
    assert kept.now.messages[-1].parts == (ReasoningPart(text="ab"), TextPart(text="cd"))


async def test_a_long_answer_is_written_a_few_times_over_and_never_more_than_a_quarter_waits() -> None:
    kept = Kept()
    journal, answer = await begun(kept)
    size = 0
    for _ in range(2_000):
        await journal.append(answer, [(TEXT, "x" * 20)] * 50)
        size += 1_000
        assert len(kept.text) * 1.25 + 1_000 >= size
    assert kept.characters < 8 * size
    question = made.prompt("?")
    await journal.finish(made.finished(made.answer(question), "all of it", Status.COMPLETE))
    assert kept.text == "all of it"


async def test_no_part_of_a_long_answer_waits_longer_than_some_seconds() -> None:
    kept, now = Kept(), [100.0]
    journal, answer = await begun(kept, lambda: now[0])
    await journal.append(answer, [(TEXT, "x" * 40_000)])
    await journal.append(answer, [(TEXT, "y")])
    assert kept.text.endswith("x")
    now[0] += 4
    await journal.append(answer, [(TEXT, "z")])
    assert kept.text.endswith("xyz")


@pytest.mark.parametrize("before", [0, 40_000])
async def test_what_could_not_be_kept_is_given_again_and_is_there_once(before: int) -> None:
    kept = Kept()
    journal, answer = await begun(kept)
    await journal.append(answer, [(TEXT, "y" * before)])
    kept.full = True
    more = [(TEXT, "z" * 20_000)]
    with pytest.raises(StoreFull):
        await journal.append(answer, more)
    kept.full = False
    await journal.append(answer, more)
    assert kept.text == "y" * before + "z" * 20_000
