"""Imports whose words would multiply: what comes of them is no more than a few times what they are."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.transfer.formats.chatgpt_components import ComponentAnswer
from desktop.transfer.formats.chatgpt_marks import ChatGptCitations, chart, saved_writing, without_writing
from desktop.transfer.formats.claude import Documents
from desktop.transfer.formats.claude_cards import card_of

LONG = "x" * 100_000

CARDS: list[tuple[str, dict[str, Any]]] = [
    (
        "recipe_display_v0",
        {
            "ingredients": [{"id": "1", "name": LONG, "amount": 10**400}],
            "steps": [{"content": "{1} " * 2_000}],
        },
    ),
    ("table_display_v0", {"table": [["a"] * 3_000, *([] for _ in range(3_000))]}),
    ("chart_display_v0", {"series": [{"name": "n", "values": [1]}] * 2_000, "xAxis": {"data": ["m"] * 2_000}}),
]


def components(said: str) -> str:
    return ComponentAnswer(said, {"model_dil_v2": {}}, ChatGptCitations({}, lambda _: "")).markdown()


@pytest.mark.parametrize(("name", "given"), CARDS)
def test_a_card_says_no_more_than_it_holds(name: str, given: dict[str, Any]) -> None:
    assert 0 < len(card_of(name, given)) < 2_000_000


def test_a_chart_of_many_keys_or_long_units_is_cut() -> None:
    keys = {"data": [{f"k{number}": number} for number in range(2_000)]}
    units = {"data": [{"k": 1}] * 2_000, "series": [{"dataKey": "k", "valuePrefix": LONG}]}
    assert all(0 < len(chart(each)) < 1_000_000 for each in (keys, units))


@pytest.mark.parametrize(
    "said",
    [
        '<Link url="https://a"><row>' * 45 + "[x]",
        '<Link url="https://a" title="t">' * 45 + "[x]",
        "<table><table-row>"
        + "<table-cell>a</table-cell>" * 2_000
        + "</table-row>"
        + "<table-row></table-row>" * 2_000,
    ],
)
def test_components_within_each_other_say_no_more_than_they_hold(said: str) -> None:
    assert "x" in components(said) or "a" in components(said)
    assert len(components(said)) < 4 * len(said) + 100_000


@pytest.mark.parametrize("block", ['<WritingBlock id="x" variant="a"/>\n', ':::writing{id="x"}\n:::\n'])
def test_what_was_written_anew_stands_once(block: str) -> None:
    metadata: dict[str, Any] = {"writing_blocks": {"x": {"content": LONG}}, "model_dil_v2": {}}
    said = ComponentAnswer(block * 400, metadata, ChatGptCitations({}, lambda _: "")).markdown()
    assert len(without_writing(said, saved_writing(metadata))) < 3 * len(LONG)


def test_a_cited_address_beyond_all_measure_is_no_link() -> None:
    address = f"https://a.example/{LONG}"
    cited = ChatGptCitations({}, lambda _: address)
    assert len(cited.resolved("\ue200cite\ue202turn0search0\ue201 " * 400)) < 10_000


def test_a_document_that_is_changed_everywhere_is_cut_before_it_is_made() -> None:
    documents = Documents()
    change = {"file_path": "/a.md", "old_string": "a", "new_string": LONG, "replace_all": True}
    documents.begin([("Write", {"file_path": "/a.md", "content": "a" * 30_000}), ("Edit", change)])
    shown = documents.of_call("Artifact", {"file_path": "/a.md"})
    assert shown is not None
    assert len(shown.text) < 6_000_000


def test_a_long_document_that_each_answer_changes_is_not_shown_without_end() -> None:
    documents, shown = Documents(), 0
    documents.begin([("artifacts", {"id": "x", "command": "create", "content": "a" * 4_000_000})])
    for number in range(20):
        change: dict[str, object] = {"id": "x", "command": "update", "old_str": "a", "new_str": f"{number}a"}
        documents.begin([("artifacts", change)])
        part = documents.of_call("artifacts", change)
        shown += len(part.text) if part is not None else 0
    assert 4_000_000 < shown < 25_000_000
