"""Message trees: parents first, by time, without cycles, fast at any depth."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from desktop.domain.conversation_types import Role, Status
from desktop.domain.message_parts import TextPart
from desktop.transfer.import_drafts import text_node
from desktop.transfer.message_trees import Node, grow
from tests.cpu_time import within
from tests.desktop.transfer.made import AT

ZERO = "00000000-0000-4000-8000-000000000000"


def node(id_: str, parent: str | None, role: Role | None = Role.USER, seconds: int | None = None) -> Node:
    at = None if seconds is None else AT + timedelta(seconds=seconds)
    return text_node(id_, parent, role, id_, at)


def ids(nodes: list[Node], current: str | None = None) -> list[str]:
    return [each.node.id for each in grow(nodes, current, AT).messages]


def test_parents_come_first_and_siblings_by_time() -> None:
    nodes = [node("c", "a", seconds=3), node("b", "a", seconds=2), node("a", None, seconds=9)]
    assert ids(nodes) == ["a", "c", "b"] or ids(nodes) == ["a", "b", "c"]
    later = [node("c", "a", seconds=30), node("b", "a", seconds=20), node("a", None, seconds=9)]
    assert ids(later) == ["a", "b", "c"]


def test_a_ring_is_left_out_and_counted() -> None:
    tree = grow([node("a", None), node("x", "y"), node("y", "x")], "y", AT)
    assert [each.node.id for each in tree.messages] == ["a"]
    assert (tree.lost, tree.current) == (2, "a")


def test_a_message_without_its_parent_is_a_first_one_and_a_second_id_is_left_out() -> None:
    tree = grow([node("a", "gone"), node("a", None), node("b", "a")], None, AT)
    assert [(each.node.id, each.parent) for each in tree.messages] == [("a", None), ("b", "a")]
    assert (tree.lost, tree.current) == (1, "b")


def parents(*nodes: Node) -> list[tuple[str, str | None]]:
    return [(each.node.id, each.parent) for each in grow(nodes, None, AT).messages]


def test_a_message_whose_parent_is_not_there_follows_the_one_before_it_in_time() -> None:
    answer = node("a", "p", Role.ASSISTANT, seconds=2)
    row = [("p", None), ("a", "p"), ("q", "a"), ("b", "q")]
    for at in (3, None):
        last = [node("q", "gone", seconds=at), node("b", "q", Role.ASSISTANT, seconds=4)]
        assert parents(node("p", ZERO, seconds=1), answer, *last) == row
    assert parents(node("p", "nowhere", seconds=1), answer, *last) == row
    # Versions with the same parent remain siblings, and an answer remains separate.
    two = [node("b", "gone", Role.ASSISTANT, seconds=3), node("c", "gone", Role.ASSISTANT, seconds=4)]
    assert parents(node("p", ZERO, seconds=1), answer, *two) == [("p", None), ("a", "p"), ("b", "a"), ("c", "a")]
    assert parents(node("p", ZERO, seconds=1), answer, two[0]) == [("p", None), ("a", "p"), ("b", "a")]


def test_versions_of_a_first_prompt_stay_side_by_side() -> None:
    for first in (None, ZERO, "client-created-root"):
        given = node("p", first, seconds=1), node("a", "p", Role.ASSISTANT, seconds=2), node("q", first, seconds=3)
        assert parents(*given) == [("p", None), ("a", "p"), ("q", None)]


def test_messages_without_any_parent_stand_in_a_row() -> None:
    for first in (None, ZERO, "gone"):
        said = [node("b", first, Role.ASSISTANT, seconds=2), node("a", first, seconds=1), node("c", first, seconds=3)]
        assert parents(*said) == [("a", None), ("b", "a"), ("c", "b")]


def test_what_shows_nothing_is_passed_over_by_the_leaf_too() -> None:
    tree = grow([node("a", None), node("h", "a", None), node("b", "h"), node("i", "b", None)], "i", AT)
    assert [(each.node.id, each.parent) for each in tree.messages] == [("a", None), ("b", "a")]
    assert tree.current == "b"


def test_answers_become_one_only_without_a_branch_between() -> None:
    made = [node("p", None), node("a", "p", Role.ASSISTANT), node("b", "a", Role.ASSISTANT)]
    tree = grow(made, "b", AT)
    assert [each.node.id for each in tree.messages] == ["p", "a"]
    assert tree.messages[1].pieces == [TextPart(text="a"), TextPart(text="\n\nb")]
    assert tree.current == "a"
    assert ids([*made, node("c", "a", Role.ASSISTANT)]) == ["p", "a", "b", "c"]


def test_a_call_that_failed_is_no_answer_of_its_own_where_the_answer_goes_on() -> None:
    call = Node(id="c", parent="p", role=Role.ASSISTANT, status=Status.FAILED)
    tree = grow([node("p", None), call, node("a", "c", Role.ASSISTANT)], "a", AT)
    assert [(each.node.id, each.node.status) for each in tree.messages] == [
        ("p", Status.COMPLETE),
        ("c", Status.COMPLETE),
    ]


@pytest.mark.long
def test_a_hundred_thousand_messages_in_any_order_take_little_time() -> None:
    nodes = [node(str(number), str(number - 1) if number else None) for number in range(100_000)]
    random.Random(1).shuffle(nodes)
    for attempt in within(10):
        with attempt:
            assert len(grow(nodes, None, AT).messages) == 100_000
