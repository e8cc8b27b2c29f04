"""`conversations search`: filters as words and as options, snippets, JSON, and whatever else somebody may type."""

from __future__ import annotations

import json

import pytest

from tests.desktop.transfer.made import chatgpt_chat
from tests.e2e.program import Program


@pytest.fixture
def filled(lab: Program) -> Program:
    lab("ask", "--save", "--model", "lab/grok-3", "Where is Canberra?")
    (lab.folder / "c.json").write_text(json.dumps([chatgpt_chat("a", 1)]))
    lab("conversations", "import", "c.json")
    return lab


def found(program: Program, *words: str) -> list[str]:
    ended = program("conversations", "search", *words, "--json")
    assert ended.status == 0, ended.err
    return [hit["snippet"] for hit in ended.json]


def test_filters_stand_among_the_words_or_are_options(filled: Program) -> None:
    assert found(filled, "why") == ["why 0"]
    assert found(filled, "why", "model:gpt-4o") == ["why 0"] == found(filled, "why", "--model", "gpt")
    assert found(filled, "why", "--model", "grok") == [] == found(filled, "why", "model:grok")
    assert found(filled, "role:assistant", "because") == ["because"] == found(filled, "because", "--role", "assistant")
    assert found(filled, "--until", "2023-11", "--role", "user") == ["why 0"] == found(filled, "role:user to:2023")
    assert found(filled, "canberra", "--since", "2024") != []
    assert found(filled, "canberra", "--until", "2024") == []
    assert found(filled, "--pinned") == []


def test_a_phrase_in_quotes_is_found_as_it_stands(filled: Program) -> None:
    assert found(filled, '"where is"', "--role", "user") == ["Where is Canberra?"]
    assert found(filled, '"is where"') == []


def test_a_pipe_gets_a_line_a_message(filled: Program) -> None:
    (line,) = filled("conversations", "search", "why").out.splitlines()
    assert line.split("\t")[2:] == ["imported-chatgpt/gpt-4o", "Sky", "why 0"]


@pytest.mark.parametrize("words", [['"'], ["a" * 10_000], ["AND", "OR"], ["is:pinned", "has:code"], ["*", "^", "("]])
def test_whatever_is_typed_is_an_answer(filled: Program, words: list[str]) -> None:
    assert found(filled, *words) is not None


@pytest.mark.parametrize("words", [[], ["x", "--since", "soon"], ["x", "--limit", "0"], ["x", "--role", "nobody"]])
def test_wrong_use_is_said(filled: Program, words: list[str]) -> None:
    assert filled("conversations", "search", *words).status == 2


def test_tags_are_put_on_taken_off_and_searched_for(filled: Program) -> None:
    ids = [each["id"] for each in filled("conversations", "list", "--json").json]
    tagged = filled("conversations", "tag", "Rome trip", *ids, "--json").json
    assert [each["tags"] for each in tagged] == [["Rome trip"], ["Rome trip"]]
    assert filled("conversations", "tag", "--remove", "rome TRIP", ids[0][:10]).out.startswith("Removed tag from: ")
    assert len(found(filled, "--tag", "rome trip")) == 1 == len(found(filled, 'tag:"Rome trip"'))
    assert filled("conversations", "tag", "x", "nobody").status == 1
    assert filled("conversations", "tag", " ", *ids).status == 2
    exported = filled("conversations", "export", "--all").json
    assert sorted(each["tags"] for each in exported["conversations"]) == [[], ["Rome trip"]]
