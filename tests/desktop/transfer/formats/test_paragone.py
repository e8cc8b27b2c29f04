"""Paragone's own format: files of later versions or other programs are imported as far as possible, or refused."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from desktop.domain.conversation_types import Status
from desktop.text.phrases import LONGEST
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.export import paragone_json
from desktop.transfer.formats import paragone
from desktop.transfer.import_drafts import Draft
from tests.desktop.transfer.made import AT, arbitrary


def exported(draft: Draft) -> dict[str, Any]:
    return json.loads(paragone_json.piece(draft, first=True))


@pytest.mark.parametrize("seed", range(20))
def test_a_conversation_comes_back_as_it_was(seed: int) -> None:
    draft = arbitrary(random.Random(seed), seed)
    assert paragone.drafts(exported(draft), AT) == (draft,)


def test_what_may_be_left_out_is_filled_in() -> None:
    said: Any = [{"role": "user", "parts": [{"type": "text", "text": "a"}]}, {"role": "assistant", "parts": []}]
    (draft,) = paragone.drafts({"id": "c1", "model": "lab/m", "messages": said}, AT)
    first, second = draft.conversation.messages
    assert (first.text, first.parent, second.parent) == ("a", None, first.id)
    assert (draft.conversation.current, draft.conversation.created_at, first.created_at) == (second.id, AT, AT)
    assert first.status is Status.COMPLETE
    assert paragone.drafts({"id": "c1", "model": "lab/m", "messages": said}, AT) == (draft,)


def test_unknown_fields_are_ignored_and_unknown_parts_are_said_to_be_lost() -> None:
    item = exported(arbitrary(random.Random(1), 1))
    item["later"] = {"x": 1}
    item["messages"][0]["parts"] = [{"type": "hologram"}, {"type": "text", "text": "kept"}]
    (draft,) = paragone.drafts(item, AT)
    assert draft.conversation.messages[0].text == "kept"
    assert draft.losses == ("Content of an unknown type is left out (1)",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 1),
        ("id", "\ud83d"),
        ("created_at", "2026-01-01T00:00:00"),
        ("created_at", "soon"),
        ("model", "no slash"),
        ("messages", {}),
        ("messages", [{"id": "x"}]),
        ("title", None),
    ],
)
def test_what_does_not_fit_is_refused_whole(field: str, value: object) -> None:
    item = {**exported(arbitrary(random.Random(1), 1)), field: value}
    with pytest.raises(Unreadable):
        paragone.drafts(item, AT)


def test_what_is_said_of_a_misfit_is_short_however_long_that_is() -> None:
    item = exported(arbitrary(random.Random(1), 1))
    item["messages"][0]["role"] = "x" * 4_000_000
    with pytest.raises(Unreadable) as caught:
        paragone.drafts(item, AT)
    assert len(str(caught.value)) < 2 * LONGEST


def test_titles_and_names_of_models_are_as_long_as_a_row_is_painted_in_no_time() -> None:
    word = "x" * 1_000_000
    item = exported(arbitrary(random.Random(1), 1))
    item |= {"title": word, "model": f"{word}/{word}"}
    (draft,) = paragone.drafts(item, AT)
    talk = draft.conversation
    assert {len(each) for each in (talk.title, talk.model.connection, talk.model.name)} == {LONGEST}
    whole: dict[str, Any] = {"id": "k", "title": word, "created_at": AT.isoformat(), "updated_at": AT.isoformat()}
    found = paragone.comparison({**whole, "panes": [{"conversation": "c", "model": f"{word}/{word}"}]})
    (pane,) = found.panes
    assert {len(each) for each in (found.title, pane.model.connection, pane.model.name)} == {LONGEST}


LONG = "x" * (17 << 20)
TOOL = {"type": "tool_call", "id": "i", "name": "n", "arguments": "{}"}
IMAGE = {"type": "image", "sha256": "0", "media_type": "image/png"}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"id": "x" * 201}, "An ID"),
        ({"system": LONG}, "system prompt"),
        ({"messages": {"id": "x" * 201}}, "An ID"),
        *(({"messages": {"figures": {name: LONG}}}, "field") for name in ("finish_reason", "request_id", "region")),
        ({"messages": {"parts": [{**TOOL, "arguments": LONG}]}}, "larger than 16 MB"),
        ({"messages": {"parts": [{**TOOL, "name": LONG}]}}, "field"),
        *(({"messages": {"parts": [{**IMAGE, name: LONG}]}}, "field") for name in ("sha256", "media_type", "name")),
    ],
)
def test_no_field_of_a_conversation_is_longer_than_lists_can_carry(wrong: dict[str, Any], reason: str) -> None:
    item = exported(arbitrary(random.Random(1), 1))
    if "messages" in wrong:
        (first, *_) = item["messages"]
        wrong = {"messages": [{**first, **wrong["messages"]}], "current": None}
    with pytest.raises(Unreadable, match=reason):
        paragone.drafts({**item, **wrong}, AT)


def test_tags_are_as_many_and_as_long_as_a_list_shows() -> None:
    (draft,) = paragone.drafts({**exported(arbitrary(random.Random(1), 1)), "tags": [LONG] * 300}, AT)
    assert (len(draft.tags), {len(each) for each in draft.tags}) == (100, {200})


@pytest.mark.parametrize("wrong", [{"id": "x" * 201}, {"panes": [{"conversation": "x" * 201, "model": "a/b"}]}])
def test_no_id_of_a_comparison_is_longer_than_lists_can_carry(wrong: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"id": "k", "title": "", "created_at": AT.isoformat(), "updated_at": AT.isoformat()}
    with pytest.raises(Unreadable, match="An ID"):
        paragone.comparison({**whole, **wrong})


def test_a_comparison_that_does_not_fit_is_refused() -> None:
    whole: dict[str, Any] = {"id": "k", "title": "", "created_at": AT.isoformat(), "updated_at": AT.isoformat()}
    assert paragone.comparison({**whole, "maximised": 7}).maximised is None
    for wrong in ({"panes": 1}, {"rule": "other"}, {"panes": [{"conversation": "c", "model": "x"}]}, {"id": None}):
        with pytest.raises(Unreadable):
            paragone.comparison({**whole, **wrong})


@pytest.mark.parametrize(
    "long",
    [
        {"draft": "x" * (4 << 20)},
        {"panes": [{"conversation": "", "model": "x/y", "system": "x" * (4 << 20)}]},
        {"winners": [0] * (2 << 20)},
    ],
    ids=["draft", "system", "winners"],
)
def test_a_comparison_that_is_too_large_is_refused(long: dict[str, object]) -> None:
    whole: dict[str, Any] = {"id": "k", "title": "", "created_at": AT.isoformat(), "updated_at": AT.isoformat()}
    with pytest.raises(Unreadable, match="larger than 4 MB"):
        paragone.comparison({**whole, **long})


def test_sizes_and_places_of_a_comparison_are_those_that_a_window_can_have() -> None:
    whole: dict[str, Any] = {"id": "k", "title": "", "created_at": AT.isoformat(), "updated_at": AT.isoformat()}
    odd = [(1e308, [0, 1 << 70]), (-1e308, [-9, 0]), (0, [1 << 40, 0]), (2.5, [3, -40])]
    panes = [{"conversation": "c", "model": "a/b", "size": size, "scroll": scroll} for size, scroll in odd]
    wide = {"panes": panes, "heights": [1e308, -1.0, 0.5] + [1.0] * 99, "panel_width": 1 << 70}
    found = paragone.comparison({**whole, **wide})
    assert [(pane.size, pane.scroll) for pane in found.panes] == [(1, None), (1, None), (1, None), (2.5, (3, -40))]
    assert found.heights == (1, 1, 0.5, *[1] * 13)
    assert found.panel_width == 0


def test_only_known_parameters_come_within_their_bounds_and_the_others_are_said_to_be_lost() -> None:
    given: dict[str, Any] = {
        "temperature": 0.5,
        "stop": ["x"],
        "max_tokens": 5,
        "reasoning_effort": "low",
        "seed": -3,
        "top_k": 4,
        "n": 128,
        "store": True,
        "tools": [{"type": "function"}],
        "messages": [],
        "top_p": 7,
        "presence_penalty": {},
    }
    item = {**exported(arbitrary(random.Random(1), 1)), "parameters": {"values": given}}
    (draft,) = paragone.drafts(item, AT)
    assert draft.conversation.parameters.values == {
        "temperature": 0.5,
        "stop": ["x"],
        "max_tokens": 5,
        "reasoning_effort": "low",
        "seed": -3,
        "top_k": 4,
    }
    assert draft.losses == ("Unknown parameters are left out (6)",)
    assert all(message.imported for message in draft.conversation.messages)


def test_the_empty_panes_of_a_comparison_bring_known_parameters_alone() -> None:
    whole: dict[str, Any] = {"id": "k", "title": "", "created_at": AT.isoformat(), "updated_at": AT.isoformat()}
    values = {"temperature": 0.5, "store": True, "n": 128}
    pane = {"conversation": "c", "model": "lab/x", "parameters": {"values": values}}
    assert [each.parameters.values for each in paragone.comparison({**whole, "panes": [pane]}).panes] == [
        {"temperature": 0.5}
    ]
