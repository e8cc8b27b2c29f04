"""Values: names of models, usage as vendors count it, paths through a conversation's tree."""

from __future__ import annotations

import time

import msgspec
import pytest

from desktop.domain.conversation_types import (
    Conversation,
    Message,
    ModelRef,
    Parameters,
    Role,
    Status,
    Usage,
    new_id,
    now,
)
from desktop.domain.message_parts import Part, ReasoningPart, TextPart, ToolCallPart
from desktop.errors import UsageError


def message(message_id: str, parent: str | None) -> Message:
    return Message(
        id=message_id,
        parent=parent,
        role=Role.USER,
        parts=(TextPart(text=message_id),),
        status=Status.COMPLETE,
        created_at=now(),
    )


def test_a_model_is_split_at_its_first_slash() -> None:
    ref = ModelRef.parse("hub/meta/Llama-3.3")
    assert (ref.connection, ref.name, str(ref)) == ("hub", "meta/Llama-3.3", "hub/meta/Llama-3.3")


@pytest.mark.parametrize("text", ["", "grok", "/grok", "foundry/", " / "])
def test_what_names_no_model_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        ModelRef.parse(text)


def test_reasoning_counted_apart_is_paid_for_and_counted_within_is_not_paid_twice() -> None:
    apart = Usage(input_tokens=10, output_tokens=5, reasoning_tokens=100, total_tokens=115)
    within = Usage(input_tokens=10, output_tokens=105, reasoning_tokens=100, total_tokens=115)
    assert apart.billed_output_tokens == within.billed_output_tokens == 105


def test_the_path_follows_the_current_branch() -> None:
    at = now()
    conversation = Conversation(
        id="c",
        title="",
        model=ModelRef.parse("a/b"),
        created_at=at,
        updated_at=at,
        current="right",
        messages=(message("root", None), message("left", "root"), message("right", "root")),
    )
    assert [each.id for each in conversation.path()] == ["root", "right"]
    assert [each.id for each in conversation.path("left")] == ["root", "left"]


def test_a_path_without_versions_is_all_its_messages_up_to_the_leaf() -> None:
    said = (message("one", None), message("two", "one"), message("three", "two"))
    at, model = now(), ModelRef.parse("a/b")
    talk = Conversation(id="c", title="", model=model, created_at=at, updated_at=at, current="three", messages=said)
    assert talk.path() == said
    assert talk.path("two") == said[:2]
    assert talk.path("none") == ()


def test_text_and_reasoning_are_kept_apart() -> None:
    said = msgspec.structs.replace(message("m", None), parts=(ReasoningPart(text="hm"), TextPart(text="yes")))
    assert (said.text, said.reasoning) == ("yes", "hm")


@pytest.mark.parametrize(
    "between", [ToolCallPart(id="t", name="search", arguments="{}"), ReasoningPart(text="I look at it.")]
)
def test_text_that_a_call_or_a_thought_parted_is_two_paragraphs(between: Part) -> None:
    parts = (TextPart(text="```py\n1\n```"), between, TextPart(text="## "), TextPart(text="Results"), between)
    assert msgspec.structs.replace(message("m", None), parts=parts).text == "```py\n1\n```\n\n## Results"


def test_text_that_has_a_break_where_it_is_parted_gets_no_other() -> None:
    thought = ReasoningPart(text="hm")
    parts = (thought, TextPart(text="a\nb\n"), thought, TextPart(text="\nc"), thought, TextPart(text="\n\n\nd"))
    said = msgspec.structs.replace(message("m", None), parts=parts)
    assert (said.text, said.reasoning) == ("a\nb\n\nc\n\n\nd", "hm\n\nhm\n\nhm")


def test_a_message_survives_json() -> None:
    said = message("m", None)
    assert msgspec.json.decode(msgspec.json.encode(said), type=Message) == said


def test_ids_differ_and_sort_by_time() -> None:
    ids = [new_id() for _ in range(100)]
    assert len({*ids}) == 100
    assert [each[:12] for each in ids] == sorted(each[:12] for each in ids)


def test_an_id_of_a_clock_before_1970_is_no_option_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: -1)
    assert new_id().startswith("0" * 12)


def test_parameters_are_changed_by_copying() -> None:
    parameters = Parameters(values={"temperature": 1.0})
    assert parameters.with_("seed", 3).values == {"temperature": 1.0, "seed": 3}
    assert parameters.without("temperature").values == {}
    assert parameters.without("seed") is parameters
    assert parameters.over({"temperature": 0.1, "top_p": 0.9}).values == {"temperature": 1.0, "top_p": 0.9}
