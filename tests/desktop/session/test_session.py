"""A conversation in use: how answers end, what is kept of them, and how the tree grows."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry, ThinkTagged
from desktop.domain.conversation_types import Figures, Message, Role, Status, Usage
from desktop.domain.events import (
    Begun,
    Cited,
    Event,
    Finished,
    Kept,
    ModelNamed,
    Notice,
    ReasoningDelta,
    Sealed,
    Started,
    StreamEvent,
    TextDelta,
    UsageUpdate,
)
from desktop.domain.message_parts import ImagePart, OpaquePart, PartKind, TextPart
from desktop.errors import ContextTooLong, Interrupted, ParagoneError, RateLimited, StoreFull, UsageError
from desktop.receipts.receipt import Receipt
from desktop.session.journal import JournalWriter
from desktop.session.session import Session
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, MemoryJournal, ScriptedProvider, said, session

FULL = StoreFull(english("The disk is full."))


async def until(condition: object) -> None:
    """Let other tasks run until the condition holds."""
    assert callable(condition)
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the condition is the fake's state
            await asyncio.sleep(0.005)


async def test_an_answer_is_kept_from_prompt_to_end() -> None:
    journal = MemoryJournal()
    one = session(ScriptedProvider([said("Can", "berra")]), journal)
    message = await one.ask("What is the capital of Australia?")
    assert (message.text, message.status) == ("Canberra", Status.COMPLETE)
    conversation, prompt, answer = journal.begun[0]
    assert prompt is not None
    assert (prompt.text, prompt.parent, answer.parent) == ("What is the capital of Australia?", None, prompt.id)
    assert answer.status is Status.STREAMING
    assert conversation.title == "What is the capital of Australia?"
    assert journal.finished == [message]
    assert one.conversation.path() == (prompt, message)


async def test_the_prompt_is_kept_before_the_request_leaves() -> None:
    journal = MemoryJournal(refuse_begin=[FULL])
    provider = ScriptedProvider([said("no")])
    one = session(provider, journal)
    with pytest.raises(StoreFull):
        await one.ask("hello")
    assert provider.requests == []
    assert not one.is_answering


async def test_text_is_journaled_while_it_streams_and_stop_keeps_it() -> None:
    journal = MemoryJournal()
    provider = ScriptedProvider([[ReasoningDelta(text="hm"), TextDelta(text="begun"), None]])
    one = session(provider, journal)
    asking = asyncio.create_task(one.ask("hello"))
    await until(lambda: journal.appended)
    assert journal.appended == [(PartKind.REASONING, "hm"), (PartKind.TEXT, "begun")]
    one.stop()
    message = await asking
    assert (message.status, message.text, message.reasoning) == (Status.STOPPED, "begun", "hm")
    assert provider.cancelled == 1
    assert journal.finished == [message]


async def test_a_stop_before_the_first_token_ends_the_request() -> None:
    provider = ScriptedProvider([[None]])
    one = session(provider, MemoryJournal())
    asking = asyncio.create_task(one.ask("hello"))
    await provider.waiting.wait()
    one.stop()
    assert (await asking).status is Status.STOPPED
    assert provider.cancelled == 1


async def test_quitting_keeps_the_answer_as_interrupted_and_goes_on_quitting() -> None:
    journal = MemoryJournal()
    provider = ScriptedProvider([[TextDelta(text="begun"), None]])
    asking = asyncio.create_task(session(provider, journal).ask("hello"))
    await provider.waiting.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [(each.status, each.text) for each in journal.finished] == [(Status.INTERRUPTED, "begun")]
    assert provider.cancelled == 1


@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        ([TextDelta(text="half"), Interrupted(english("Cut."))], Status.INTERRUPTED, "interrupted"),
        ([TextDelta(text="half")], Status.INTERRUPTED, "interrupted"),
        ([TextDelta(text="half"), RateLimited(english("Slow down."), retry_after_s=7)], Status.FAILED, "rate_limited"),
    ],
    ids=["cut", "no finish reason", "error"],
)
async def test_a_broken_answer_keeps_its_text_and_says_why(
    script: list[StreamEvent | ParagoneError], status: Status, code: str
) -> None:
    journal = MemoryJournal()
    message = await session(ScriptedProvider([script]), journal).ask("hello")
    assert (message.status, message.text) == (status, "half")
    assert message.problem is not None
    assert message.problem.code == code
    assert journal.finished == [message]


async def test_a_bug_is_raised_and_the_text_is_still_kept() -> None:
    journal = MemoryJournal()
    with pytest.raises(ZeroDivisionError):
        await session(ScriptedProvider([[TextDelta(text="half"), ZeroDivisionError()]]), journal).ask("hello")
    assert [(each.status, each.text) for each in journal.finished] == [(Status.FAILED, "half")]


async def test_another_answer_is_a_sibling() -> None:
    one = session(ScriptedProvider([said("first"), said("second")]), MemoryJournal())
    first = await one.ask("hello")
    second = await one.regenerate()
    assert first.parent == second.parent
    assert [each.text for each in one.conversation.path()] == ["hello", "second"]
    assert len(one.conversation.messages) == 3


async def test_an_edited_prompt_is_a_sibling_and_the_old_branch_stays() -> None:
    provider = ScriptedProvider([said("one"), said("two"), said("three")])
    one = session(provider, MemoryJournal())
    await one.ask("a")
    await one.ask("b")
    prompt = one.conversation.path()[2]
    await one.edit(prompt.id, "c")
    assert [each.text for each in one.conversation.path()] == ["a", "one", "c", "three"]
    assert [each.text for each in provider.requests[-1].messages] == ["a", "one", "c"]
    assert "b" in [each.text for each in one.conversation.messages]


async def test_a_continued_answer_is_whole_and_the_broken_one_stays() -> None:
    provider = ScriptedProvider([[TextDelta(text="The sky "), Interrupted(english("Cut."))], said("is blue.")])
    one = session(provider, MemoryJournal())
    broken = await one.ask("why?")
    whole = await one.continue_()
    assert (whole.text, whole.status, whole.parent) == ("The sky is blue.", Status.COMPLETE, broken.parent)
    sent = provider.requests[-1].messages
    assert [message.role for message in sent] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert sent[1].text == "The sky "
    assert broken in one.conversation.messages


async def test_a_continued_answer_has_the_tokens_and_cost_of_its_parts_and_no_times() -> None:
    catalog = Catalog([Entry(id="scripted", price_in=1.0, price_out=2.0)])
    counts = [Usage(input_tokens=100_000, output_tokens=n, reasoning_tokens=r) for n, r in ((46, None), (30, 5))]
    first, second = (UsageUpdate(usage=each) for each in counts)
    cut = Interrupted(english("Cut."))
    end = [TextDelta(text="sky."), second, Finished(reason="stop")]
    one = session(ScriptedProvider([[TextDelta(text="The "), first, cut], [cut], end]), MemoryJournal(), catalog)
    await one.ask("why?")
    nothing_came = await one.continue_()
    assert nothing_came.usage == counts[0]
    whole = await one.continue_()
    assert whole.usage == Usage(input_tokens=200_000, output_tokens=76, reasoning_tokens=5)
    assert whole.figures is not None
    costs = (whole.figures.cost, whole.figures.own_cost)
    assert costs == (pytest.approx(0.200152), pytest.approx(0.10006))
    assert msgspec.structs.replace(whole.figures, cost=None, own_cost=None) == Figures(finish_reason="stop")


async def test_a_continued_answer_says_no_tokens_where_those_of_a_part_are_unknown() -> None:
    one = session(ScriptedProvider([[Interrupted(english("Cut."))], said("is blue.")]), MemoryJournal())
    broken = await one.ask("why?")
    begun = msgspec.structs.replace(broken, parts=(TextPart(text="The sky "),))  # as where the program was killed
    one.conversation = msgspec.structs.replace(one.conversation, messages=(*one.conversation.messages[:-1], begun))
    whole = await one.continue_()
    assert (whole.text, whole.usage) == ("The sky is blue.", None)


async def test_only_a_broken_answer_can_be_continued() -> None:
    one = session(ScriptedProvider([said("done")]), MemoryJournal())
    with pytest.raises(UsageError):
        await one.continue_()
    await one.ask("hello")
    with pytest.raises(UsageError):
        await one.continue_()


async def test_a_full_disk_loses_nothing_and_is_said_once() -> None:
    journal = MemoryJournal(refuse_append=[FULL, FULL], refuse_finish=[FULL])
    provider = ScriptedProvider([[TextDelta(text="shown"), None], said("next")])
    one = session(provider, journal)
    heard: list[Event] = []
    asking = asyncio.create_task(one.ask("hello", heard.append))
    await until(lambda: journal.appended)
    assert journal.appended == [(PartKind.TEXT, "shown")]
    one.stop()
    message = await asking
    assert journal.finished == []
    notices = [event for event in heard if isinstance(event, Notice)]
    assert [notice.code for notice in notices] == ["disk_full", "disk_full"]
    await one.ask("again")
    assert journal.finished[0] == message


async def test_one_answer_at_a_time() -> None:
    provider = ScriptedProvider([[None]])
    one = session(provider, MemoryJournal())
    asking = asyncio.create_task(one.ask("hello"))
    await provider.waiting.wait()
    with pytest.raises(UsageError):
        await one.ask("me too")
    one.stop()
    await asking


async def test_history_that_does_not_fit_is_left_out_and_said() -> None:
    catalog = Catalog([Entry(id="scripted", context_window=1000, max_output=100)])
    provider = ScriptedProvider([said("x" * 1000)])
    one = session(provider, MemoryJournal(), catalog, system="Be brief.")
    heard: list[Event] = []
    for number in range(5):
        await one.ask(f"{number}" * 400, heard.append)
    sent = [message.text[:1] for message in provider.requests[-1].messages]
    assert sent[0] == "B"
    assert sent[-1] == "4"
    assert "0" not in sent
    notices = [event.message for event in heard if isinstance(event, Notice)]
    assert "were left out" in notices[-1]


THOUGHT = ["<thi", "nk>\nLet me", " see.\n</think>", "\n\nBlue."]


async def test_reasoning_between_tags_is_told_and_kept_as_reasoning() -> None:
    told: list[Event] = []
    message = await session(ScriptedProvider([said(*THOUGHT)]), MemoryJournal()).ask("Why?", told.append)
    assert (message.reasoning, message.text) == ("Let me see.", "Blue.")
    assert [each.text for each in told if isinstance(each, TextDelta)] == ["Blue."]
    assert "".join(each.text for each in told if isinstance(each, ReasoningDelta)) == "Let me see."


async def test_reasoning_that_is_only_closed_is_kept_as_reasoning() -> None:
    """Its opening tag stands in the template of the model's server."""
    pieces = ["Let me", " see.\n</think>", "\n\nBlue."]
    message = await session(ScriptedProvider([said(*pieces)]), MemoryJournal()).ask("Why?")
    assert (message.reasoning, message.text) == ("Let me see.", "Blue.")
    catalog = Catalog([Entry(id=REF.name, think_tags=ThinkTagged.OFF)])
    message = await session(ScriptedProvider([said(*pieces)]), MemoryJournal(), catalog).ask("Why?")
    assert (message.reasoning, message.text) == ("", "".join(pieces))


async def test_reasoning_that_is_cut_off_is_kept() -> None:
    script = [TextDelta(text="<think>Let me"), Interrupted(english("cut"))]
    message = await session(ScriptedProvider([script]), MemoryJournal()).ask("Why?")
    assert (message.reasoning, message.text) == ("Let me", "")


async def test_the_catalog_can_leave_the_tags_in_the_text() -> None:
    catalog = Catalog([Entry(id=REF.name, think_tags=ThinkTagged.OFF)])
    message = await session(ScriptedProvider([said(*THOUGHT)]), MemoryJournal(), catalog).ask("Why?")
    assert (message.reasoning, message.text) == ("", "".join(THOUGHT))


async def test_the_price_is_of_the_model_that_the_server_names() -> None:
    catalog = Catalog([Entry(id="gpt-x", price_in=1.0, price_out=2.0)])
    usage = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    script = [Started(), ModelNamed(model="gpt-x"), *said("hi")[:1], UsageUpdate(usage=usage), Finished(reason="stop")]
    message = await session(ScriptedProvider([script]), MemoryJournal(), catalog).ask("hello")
    assert message.figures is not None
    assert message.figures.cost == pytest.approx(3.0)
    assert message.figures.server_model == "gpt-x"


async def test_without_a_count_usage_is_estimated_and_marked() -> None:
    message = await session(ScriptedProvider([said("four chars each")]), MemoryJournal()).ask("hello")
    assert message.usage is not None
    assert message.usage.estimated
    assert message.usage.output_tokens == 4


async def test_a_count_of_nothing_for_an_answer_that_came_is_estimated_too() -> None:
    nothing = UsageUpdate(usage=Usage(input_tokens=0, output_tokens=0))
    script = [Started(), said("four chars each")[0], nothing, Finished(reason="stop")]
    message = await session(ScriptedProvider([script]), MemoryJournal()).ask("hello")
    assert message.usage is not None
    assert (message.usage.estimated, message.usage.output_tokens) == (True, 4)


async def test_an_empty_prompt_is_refused() -> None:
    one: Session = session(ScriptedProvider([said("x")]), MemoryJournal())
    with pytest.raises(UsageError):
        await one.ask(" \n")


async def test_a_prompt_of_files_alone_is_sent() -> None:
    provider, journal = ScriptedProvider([said("A cat.")]), MemoryJournal()
    image = ImagePart(sha256="0" * 64, media_type="image/png", name="cat.png", size=5)
    answer = await session(provider, journal).ask("", files=(image,))
    prompt = journal.begun[0][1]
    assert prompt is not None
    assert (prompt.parts, answer.text, len(provider.requests)) == ((image,), "A cat.", 1)


async def test_a_prompt_whose_answer_failed_is_not_sent_again() -> None:
    provider = ScriptedProvider([[RateLimited(english("Slow down."))], said("fine")])
    one = session(provider, MemoryJournal())
    failed: Message = await one.ask("first")
    assert failed.status is Status.FAILED
    await one.ask("second")
    assert [message.text for message in provider.requests[-1].messages] == ["second"]


@pytest.mark.parametrize("steps", range(4))
async def test_much_text_at_the_very_end_does_not_hang_the_journal(steps: int) -> None:
    journal = MemoryJournal()
    message = await session(ScriptedProvider([said("x")]), MemoryJournal()).ask("hello")
    writer = JournalWriter(journal, "answer", lambda _error: None)
    writer.start()
    writer.add(PartKind.TEXT, "begun")
    await asyncio.sleep(0.01)
    writer.add(PartKind.TEXT, "x" * 5000)
    for _ in range(steps):
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await writer.finish(message)
    assert journal.finished == [message]


async def test_a_server_that_finds_it_too_long_gets_fewer_turns_and_it_is_said() -> None:
    too_long = ContextTooLong(english("Too long."))
    provider = ScriptedProvider([said("one"), said("two"), said("three"), [too_long], [too_long], said("four")])
    one = session(provider, MemoryJournal(), system="Be brief.")
    for prompt in ("a", "b", "c"):
        await one.ask(prompt)
    heard: list[Event] = []
    message = await one.ask("d", heard.append)
    assert (message.status, message.text) == (Status.COMPLETE, "four")
    assert [each.text for each in provider.requests[-1].messages] == ["Be brief.", "c", "three", "d"]
    assert [event.code for event in heard if isinstance(event, Notice)] == ["history_left_out", "history_left_out"]


async def test_a_single_prompt_that_is_too_long_is_an_error() -> None:
    message = await session(ScriptedProvider([[ContextTooLong(english("Too long."))]]), MemoryJournal()).ask("d")
    assert message.problem is not None
    assert message.problem.code == "context_length_exceeded"


async def test_the_messages_that_are_told_first_are_those_that_are_kept() -> None:
    journal, heard = MemoryJournal(), list[Event]()
    one = session(ScriptedProvider([said("one"), said("two")]), journal)
    answer = await one.ask("hello", heard.append)
    begun = heard[0]
    assert isinstance(begun, Begun)
    prompt = one.conversation.messages[0]
    assert begun.prompt == prompt
    assert (begun.answer.id, begun.answer.parts, begun.answer.parent) == (answer.id, (), prompt.id)
    assert heard.index(Kept()) == 1
    heard.clear()
    again = await one.regenerate(heard.append)
    begun = heard[0]
    assert isinstance(begun, Begun)
    assert (begun.prompt, begun.answer.id, begun.answer.parent) == (None, again.id, answer.parent)


async def test_an_answer_that_goes_on_begins_with_what_there_is() -> None:
    provider, heard = (
        ScriptedProvider([[TextDelta(text="Once"), Interrupted(english("Broke."))], said(" upon")]),
        list[Event](),
    )
    one = session(provider, MemoryJournal())
    await one.ask("a tale")
    whole = await one.continue_(heard.append)
    begun = heard[0]
    assert isinstance(begun, Begun)
    assert (begun.answer.text, whole.text) == ("Once", "Once upon")


async def test_what_came_so_far_can_be_looked_at_while_it_comes() -> None:
    provider = ScriptedProvider([[TextDelta(text="Half"), None]])
    one = session(provider, MemoryJournal())
    asking = asyncio.create_task(one.ask("hello"))
    await provider.waiting.wait()
    assert one.so_far is not None
    assert one.so_far.text == "Half"
    one.stop()
    assert (await asking).id == one.conversation.current
    assert one.so_far is None


async def test_nothing_is_kept_or_told_as_kept_of_what_a_disk_refuses() -> None:
    heard = list[Event]()
    one = session(ScriptedProvider([said("x")]), MemoryJournal(refuse_begin=[FULL]))
    with pytest.raises(StoreFull):
        await one.ask("hello", heard.append)
    assert [type(each) for each in heard] == [Begun]


async def test_pages_that_an_answer_cites_are_kept_with_it_and_not_sent_back() -> None:
    cited = [Cited(url="https://x.example/a", title="A"), Cited(url="https://x.example/b")]
    provider = ScriptedProvider([[TextDelta(text="It boils."), *cited, Finished(reason="stop")], said("Yes.")])
    one = session(provider, MemoryJournal())
    answer = await one.ask("Does it?")
    assert answer.text == "It boils."
    assert answer.sources.split("\n") == [
        "1. [A](<https://x.example/a>)",
        "2. [https://x.example/b](<https://x.example/b>)",
    ]
    await one.ask("Sure?")
    assert [each.text for each in provider.requests[1].messages] == ["Does it?", "It boils.", "Sure?"]


@pytest.mark.parametrize(("reason", "kept"), [("tool_calls", ['{"a":1}']), ("stop", [])])
async def test_what_only_the_server_can_read_is_kept_where_tools_are_called(reason: str, kept: list[str]) -> None:
    provider = ScriptedProvider([[Sealed(data='{"a":1}'), TextDelta(text="I look."), Finished(reason=reason)]])
    answer = await session(provider, MemoryJournal()).ask("Look")
    sealed = [part for part in answer.parts if isinstance(part, OpaquePart)]
    assert ([part.data for part in sealed], answer.text) == (kept, "I look.")
    assert all(part.model == "scripted" for part in sealed)


class SlowJournal(MemoryJournal):
    """Refuses an end once, and takes its time for the next."""

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        await asyncio.sleep(0)
        await super().finish(message, receipt)


async def test_an_end_that_is_written_late_and_before_the_next_prompt_at_once_is_written_once() -> None:
    journal = SlowJournal(refuse_finish=[FULL])
    one = session(ScriptedProvider([said("x"), said("y")]), journal)
    late = await one.ask("hello")
    assert not one.is_kept
    _, answer = await asyncio.gather(one.keep(), one.ask("And now?"))
    assert journal.finished == [late, answer]
