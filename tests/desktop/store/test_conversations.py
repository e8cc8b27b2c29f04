from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from desktop.domain.conversation_types import (
    Figures,
    Message,
    ModelRef,
    Parameters,
    Problem,
    Role,
    Status,
    ToolChoice,
    Usage,
    new_id,
)
from desktop.domain.message_parts import (
    FilePart,
    PartKind,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    ToolStatus,
)
from desktop.errors import ConversationAmbiguous, ConversationUnknown, StoreError
from desktop.redaction.redactor import Mask
from desktop.store.records import index_text
from desktop.store.store import Store
from desktop.text.phrases import LONGEST, Phrase
from tests.desktop.store import made

NAUGHTY = [
    "\0a\0",
    "'; DROP TABLE messages; --",
    "\u202eabc\u200b",
    "𝕏🏳️\u200d🌈",
    "\ufeff\uffff",
    "%s{0}\\n",
    "a\r\n\tb",
    " ",
]


async def test_a_whole_conversation_comes_back_as_it_was(store: Store) -> None:
    question = made.prompt()
    full = Message(
        id=new_id(),
        parent=question.id,
        role=Role.ASSISTANT,
        parts=(
            ReasoningPart(text="Rayleigh"),
            TextPart(text="Scattering."),
            FilePart(sha256="00", media_type="text/plain", name="a.txt"),
            ToolCallPart(id="1", name="look", arguments="{}"),
        ),
        status=Status.FAILED,
        created_at=made.START,
        model=made.MODEL,
        usage=Usage(input_tokens=3, output_tokens=4),
        figures=Figures(ttft_ms=1.5, cost=0.001, finish_reason="stop"),
        problem=Problem(code="stalled", message="Nothing came.", hint="Again."),
    )
    talk = made.conversation(question, full)
    assert await store.conversations.create(talk)
    assert await store.conversations.get(talk.id) == talk


async def test_creating_twice_leaves_the_first(store: Store) -> None:
    talk = made.said("first")
    assert await store.conversations.create(talk)
    assert not await store.conversations.create(msgspec.structs.replace(talk, title="second"))
    assert (await store.conversations.get(talk.id)).title == "Sky"


@pytest.mark.parametrize("text", NAUGHTY)
async def test_naughty_text_comes_back_unchanged(store: Store, text: str) -> None:
    talk = made.said(text, title=text)
    await store.conversations.create(talk)
    assert await store.conversations.get(talk.id) == talk


async def test_lone_surrogates_are_replaced_everywhere(store: Store) -> None:
    question = made.prompt("a\ud800")
    streaming = made.answer(question)
    talk = made.conversation(title="t\udfff")
    await store.conversations.begin(talk, question, streaming)
    await store.conversations.append(streaming.id, [(PartKind.TEXT, "\ud83d")])
    await store.conversations.set_prompting(talk.id, "s\ud800", Parameters(values={"stop": "\ud800"}))
    found = await store.conversations.get(talk.id)
    assert found.title == "t\ufffd"
    assert found.system == "s\ufffd"
    assert found.parameters.values == {"stop": "\ufffd"}
    assert [message.text for message in found.messages] == ["a\ufffd", "\ufffd"]
    await store.conversations.rename(talk.id, "\udc00")
    assert (await store.conversations.get(talk.id)).title == "\ufffd"


async def test_an_answer_streams_into_the_journal_and_is_finished(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    talk = made.conversation()
    await store.conversations.begin(talk, question, streaming)
    begun = await store.conversations.get(talk.id)
    assert begun.current == streaming.id
    assert begun.updated_at > talk.updated_at
    assert begun.messages[1].status is Status.STREAMING
    await store.conversations.append(streaming.id, [(PartKind.REASONING, "hm"), (PartKind.TEXT, "Ray")])
    await store.conversations.append(streaming.id, [(PartKind.TEXT, "leigh")])
    so_far = await store.conversations.get(talk.id)
    assert so_far.messages[1].parts == (ReasoningPart(text="hm"), TextPart(text="Rayleigh"))
    done = made.finished(streaming, "Rayleigh scattering")
    await store.conversations.finish(done)
    found = await store.conversations.get(talk.id)
    assert found.messages == (question, done)
    assert found.updated_at > begun.updated_at


async def test_a_call_whose_result_never_came_is_marked_so(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    talk = made.conversation()
    await store.conversations.begin(talk, question, streaming)
    calls = [ToolCallPart(id=each, name="time", arguments="{}", server="clock") for each in ("1", "2")]
    result = ToolResultPart(call="1", status=ToolStatus.OK, text="noon")
    parts = [(PartKind.PART, msgspec.json.encode(each).decode()) for each in (*calls, result)]
    await store.conversations.append(streaming.id, [(PartKind.TEXT, "Let me "), (PartKind.TEXT, "look."), *parts])
    found = (await store.conversations.get(talk.id)).messages[1]
    lost = ToolResultPart(call="2", status=ToolStatus.UNANSWERED)
    assert found.parts == (TextPart(text="Let me look."), calls[0], result, calls[1], lost)


async def test_results_of_tools_are_found_by_the_search(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    talk = made.conversation()
    await store.conversations.begin(talk, question, streaming)
    call = ToolCallPart(id="1", name="lookup", arguments='{"city": "Samarkand"}', server="atlas")
    result = ToolResultPart(call="1", status=ToolStatus.OK, text="Registan")
    done = made.finished(streaming, "Here.")
    await store.conversations.finish(msgspec.structs.replace(done, parts=(call, result, *done.parts)))
    for word in ("registan", "samarkand", "lookup"):
        assert [hit.conversation.id for hit in await store.search(word)] == [talk.id]


async def test_the_tools_of_a_conversation_are_stored(store: Store) -> None:
    tools = ToolChoice(servers=("time", "paragone"), web_search=True, schema="{}")
    talk = msgspec.structs.replace(made.conversation(), tools=tools)
    await store.conversations.create(talk)
    assert (await store.conversations.get(talk.id)).tools == tools
    await store.conversations.set_prompting(talk.id, "s", talk.parameters)
    found = await store.conversations.get(talk.id)
    assert (found.tools, found.system) == (ToolChoice(), "s")


async def test_tables_that_an_answers_end_is_indexed_with_are_made_while_it_streams(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    await store.conversations.begin(made.conversation(), question, streaming)
    index_text.prepare.cache_clear()
    await store.conversations.append(streaming.id, [(PartKind.TEXT, "plain")])
    assert index_text.prepare.cache_info().currsize == 0
    await store.conversations.append(streaming.id, [(PartKind.TEXT, "déjà vu")])
    assert index_text.prepare.cache_info().currsize == 1


async def test_a_continued_answer_keeps_what_it_began_with(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question, "So far")
    talk = made.conversation()
    await store.conversations.begin(talk, question, streaming)
    await store.conversations.append(streaming.id, [(PartKind.TEXT, ", so good")])
    assert (await store.conversations.get(talk.id)).messages[1].text == "So far, so good"


async def test_editing_and_regenerating_add_siblings(store: Store) -> None:
    question, again = made.prompt("one"), made.prompt("two")
    first, second, third = made.answer(question), made.answer(again), made.answer(again)
    talk = made.conversation()
    await store.conversations.begin(talk, question, first)
    await store.conversations.begin(talk, again, second)
    await store.conversations.begin(talk, None, third)
    found = await store.conversations.get(talk.id)
    assert [message.id for message in found.messages] == [question.id, first.id, again.id, second.id, third.id]
    assert [message.id for message in found.path()] == [again.id, third.id]
    await store.conversations.set_current(talk.id, first.id)
    assert [message.id for message in (await store.conversations.get(talk.id)).path()] == [question.id, first.id]


async def test_beginning_keeps_what_a_new_conversation_holds_already(store: Store) -> None:
    question = made.prompt()
    old = made.answer(question, "old", Status.COMPLETE)
    more = made.prompt("more", old)
    streaming = made.answer(more)
    talk = made.conversation(question, old)
    await store.conversations.begin(talk, more, streaming)
    assert len((await store.conversations.get(talk.id)).path()) == 4


async def test_a_parent_of_another_conversation_is_refused_and_nothing_is_kept(store: Store) -> None:
    stranger = made.prompt()
    await store.conversations.create(made.conversation(stranger))
    talk = made.conversation()
    with pytest.raises(StoreError):
        await store.conversations.begin(talk, None, made.answer(stranger))
    with pytest.raises(ConversationUnknown):
        await store.conversations.get(talk.id)


async def test_a_tree_that_is_none_is_refused_whole(store: Store) -> None:
    root = made.prompt()
    child = made.prompt("child", root)
    for messages in ([child, root], [child], [root, root]):
        with pytest.raises(StoreError):
            await store.conversations.create(made.conversation(*messages))
    await store.conversations.create(made.conversation(root))
    with pytest.raises(StoreError, match="another conversation"):
        await store.conversations.create(made.conversation(root))
    assert len(await store.conversations.list()) == 1


async def test_an_imported_streaming_answer_is_interrupted(store: Store) -> None:
    question = made.prompt()
    talk = made.conversation(question, made.answer(question, "half"))
    await store.conversations.create(talk)
    assert (await store.conversations.get(talk.id)).messages[1].status is Status.INTERRUPTED
    assert [found.id for found in await store.conversations.interrupted()] == [talk.id]


async def test_a_late_delta_of_a_finished_or_purged_answer_is_an_error(store: Store) -> None:
    question = made.prompt()
    streaming = made.answer(question)
    talk = made.conversation()
    await store.conversations.begin(talk, question, streaming)
    await store.conversations.finish(made.finished(streaming, "done"))
    with pytest.raises(ConversationUnknown):
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "late")])
    await store.conversations.purge([talk.id])
    with pytest.raises(ConversationUnknown):
        await store.conversations.finish(made.finished(streaming, "late"))
    with pytest.raises(ValueError, match="stream"):
        await store.conversations.finish(streaming)


async def test_the_beginning_of_an_id_finds_where_it_is_the_only_one(store: Store) -> None:
    one, two = made.said("one"), made.said("two")
    await store.conversations.create(one)
    await store.conversations.create(two)
    assert (await store.conversations.get(one.id[:-4])).id == one.id
    with pytest.raises(ConversationAmbiguous):
        await store.conversations.get(one.id[:2])
    for unknown in ("", "x", "%", "_" * 32, one.id + "0"):
        with pytest.raises(ConversationUnknown):
            await store.conversations.get(unknown)
    await store.conversations.trash([one.id])
    assert (await store.conversations.get(two.id[:2])).id == two.id
    assert (await store.conversations.get(one.id)).id == one.id
    with pytest.raises(ConversationUnknown):
        await store.conversations.get(one.id[:-1])


async def test_lists_are_newest_first_and_by_model_and_in_pages(store: Store) -> None:
    other = ModelRef(connection="embedded", name="other")
    cloud = ModelRef(connection="foundry", name="smollm2")
    for number, model in enumerate([made.MODEL, other, cloud, made.MODEL]):
        await store.conversations.create(
            made.conversation(
                made.prompt(), title=str(number), model=model, updated_at=made.START.replace(day=number + 1)
            )
        )
    listed = store.conversations.list

    async def titles(**options: Any) -> list[str]:  # noqa: ANN401
        return [summary.title for summary in await listed(**options)]

    assert await titles() == ["3", "2", "1", "0"]
    assert await titles(model=made.MODEL) == ["3", "0"]
    assert await titles(connection="embedded") == ["3", "1", "0"]
    assert await titles(limit=2, offset=1) == ["2", "1"]
    assert await titles(limit=0) == []
    assert await titles(trashed=True) == []
    assert (await listed())[0].message_count == 1
    assert await store.conversations.counts() == ((other, 1), (made.MODEL, 2), (cloud, 1))


async def test_trash_is_all_or_none_and_can_be_undone(store: Store) -> None:
    talk = made.said("hello")
    await store.conversations.create(talk)
    with pytest.raises(ConversationUnknown):
        await store.conversations.trash([talk.id, "nobody"])
    assert len(await store.conversations.list()) == 1
    await store.conversations.trash([talk.id])
    await store.conversations.trash([talk.id])
    assert await store.conversations.list() == ()
    assert await store.conversations.counts() == ()
    assert [found.id for found in await store.conversations.list(trashed=True)] == [talk.id]
    await store.conversations.restore([talk.id])
    assert await store.conversations.get(talk.id) == talk


async def test_speaking_in_the_trash_takes_a_conversation_out(store: Store) -> None:
    talk = made.said("hello")
    await store.conversations.create(talk)
    await store.conversations.trash([talk.id])
    await store.conversations.begin(talk, None, made.answer(talk.messages[0]))
    assert len(await store.conversations.list()) == 1


async def test_purging_an_unknown_one_purges_none(store: Store) -> None:
    talk = made.said("hello")
    await store.conversations.create(talk)
    with pytest.raises(ConversationUnknown):
        await store.conversations.purge([talk.id, "nobody"])
    await store.conversations.purge([talk.id, talk.id])
    with pytest.raises(ConversationUnknown):
        await store.conversations.get(talk.id)


async def test_a_deep_tree_is_kept_and_purged(store: Store) -> None:
    messages = [made.prompt()]
    for _ in range(2500):
        messages.append(made.prompt("x", messages[-1]))
    talk = made.conversation(*messages)
    await store.conversations.create(talk)
    assert len((await store.conversations.get(talk.id)).path()) == 2501
    await store.conversations.purge([talk.id])


async def test_changes_of_an_unknown_conversation_are_errors(store: Store) -> None:
    mine, other = made.said("mine"), made.said("other")
    await store.conversations.create(mine)
    await store.conversations.create(other)
    with pytest.raises(ConversationUnknown):
        await store.conversations.rename("nobody", "x")
    with pytest.raises(ConversationUnknown):
        await store.conversations.set_prompting("nobody", "x", Parameters())
    with pytest.raises(StoreError):
        await store.conversations.set_current(mine.id, other.messages[0].id)


async def test_only_an_interrupted_leaf_counts_as_interrupted(store: Store) -> None:
    question = made.prompt()
    half = made.answer(question, "half", Status.INTERRUPTED)
    whole = made.answer(question, "whole", Status.COMPLETE)
    talk = made.conversation(question, half, whole)
    await store.conversations.create(talk)
    assert await store.conversations.interrupted() == ()
    await store.conversations.set_current(talk.id, half.id)
    assert [found.id for found in await store.conversations.interrupted(limit=1)] == [talk.id]


async def test_a_title_is_changed_only_where_it_still_is_the_one_that_was_seen(store: Store) -> None:
    talk = made.said("text", title="first words")
    await store.conversations.create(talk)
    assert await store.conversations.retitle(talk.id, "first words", "A model's")
    assert not await store.conversations.retitle(talk.id, "first words", "Another")
    assert (await store.conversations.get(talk.id)).title == "A model's"
    with pytest.raises(ConversationUnknown):
        await store.conversations.retitle("nobody", "", "x")


async def test_keys_that_a_server_gave_back_are_neither_kept_nor_told(tmp_path: Path) -> None:
    leaked = "no abc\\/DEF%2B9 here"
    mask = Mask()
    async with await Store.open(tmp_path, mask=mask) as store:
        conversation = made.conversation(made.prompt())
        answer = made.message(Role.ASSISTANT, "x", conversation.messages[0], Status.STREAMING)
        failed = msgspec.structs.replace(
            answer,
            status=Status.FAILED,
            problem=Problem(code="x", message=leaked, hint=leaked),
            figures=Figures(request_id=leaked, server_model=leaked, finish_reason=leaked, region=leaked),
        )
        await store.conversations.begin(conversation, None, answer)
        await store.conversations.finish(failed)
        assert (await store.conversations.get(conversation.id)).messages[-1] == failed  # what a former version kept
        mask.add("abc/DEF+9")
        told = (await store.conversations.get(conversation.id)).messages[-1]
        assert str(told).count("no [secure] here") == 6
        await store.conversations.finish(failed)
        mask._secrets = frozenset()
        assert (await store.conversations.get(conversation.id)).messages[-1] == told


class SlowMask(Mask):
    """Remembers on which threads texts were looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, int]] = []

    def hide(self, text: str) -> Phrase:
        self.seen.append((text, threading.get_ident()))
        return cast("Phrase", super().hide(text))


async def test_what_an_import_brought_is_looked_at_once_and_holds_nobody_up(tmp_path: Path) -> None:
    mask = SlowMask()
    async with await Store.open(tmp_path, mask=mask) as store:
        first = made.prompt()
        answers = [made.message(Role.ASSISTANT, "x", first, Status.FAILED) for _ in range(3)]
        told = [msgspec.structs.replace(each, figures=Figures(finish_reason="%25" * 99)) for each in answers]
        conversation = made.conversation(first, *told)
        await store.conversations.create(conversation)
        mask.seen.clear()
        assert await store.conversations.get(conversation.id) == conversation
        ((text, thread),) = mask.seen
        assert (text, thread == threading.get_ident()) == ("%25" * 99, False)


async def test_a_title_without_end_is_given_as_long_as_a_row_is_painted_in_no_time(store: Store) -> None:
    """An older version kept it whole."""
    kept = made.said("Hello", "x" * 1_000_000)
    await store.conversations.create(kept)
    assert [len(each.title) for each in await store.conversations.list()] == [LONGEST]
    assert len((await store.conversations.get(kept.id)).title) == LONGEST


async def test_messages_are_deleted_with_all_that_follow_and_leave_no_trace(store: Store) -> None:
    asked = made.message(Role.USER, "One?")
    first, other = (made.message(Role.ASSISTANT, text, asked) for text in ("First zebra.", "Other."))
    then = made.message(Role.USER, "Two okapi?", first)
    talk = msgspec.structs.replace(made.conversation(asked, first, other, then), current=then.id)
    await store.conversations.create(talk)
    await store.conversations.delete_messages(talk.id, [first.id], other.id)
    kept = await store.conversations.get(talk.id)
    assert [each.text for each in kept.messages] == ["One?", "Other."]
    assert kept.current == other.id
    assert [len(await store.search(word)) for word in ("zebra", "okapi", "Other")] == [0, 0, 1]
