"""Reasoning between tags in an answer's text: told apart however it is cut, and nothing of any other text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.events import ReasoningDelta, TextDelta
from desktop.session.think_tags import ThinkTags, closed_only


def told(*pieces: str) -> tuple[str, str]:
    """The reasoning and the text that pieces come to."""
    reader = ThinkTags()
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.finish()
    assert all(event.text for event in events)
    thoughts = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    return thoughts, "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("answer", "thoughts", "text"),
    [
        ("<think>\nLet me see.\n</think>\n\nBlue.", "Let me see.", "Blue."),
        ("\n <thinking>Hm</thinking>Blue.\n", "Hm", "Blue.\n"),
        ("<think></think>\n\nBlue.", "", "Blue."),
        ("[THINK]Hm.[/THINK]Blue.", "Hm.", "Blue."),
        ("[TH", "", "[TH"),
        ("[THINK] is the tag of Magistral.", "", "[THINK] is the tag of Magistral."),
        ("<think>cut", "cut", ""),
        ("<think>a < b </thin", "a < b </thin", ""),
        ("  indented", "", "  indented"),
        ("<th", "", "<th"),
        ("<b>bold</b>", "", "<b>bold</b>"),
        ("Write <think> tags </think> so.", "", "Write <think> tags </think> so."),
        ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
        (" ", "", " "),
        ("<think> is the tag that it begins with.", "", "<think> is the tag that it begins with."),
        ("<think> and </think> are tags.", "", "<think> and </think> are tags."),
        ("<think> opening tag: <think>.", "", "<think> opening tag: <think>."),
        ("<think> island</think>Malta", "island", "Malta"),
        ("<think> and", "", "<think> and"),
        ("<think> hm", "hm", ""),
        ("`<think>` is the tag. `</think>`\nends it.", "", "`<think>` is the tag. `</think>`\nends it."),
    ],
)
def test_what_an_answer_begins_with_between_tags_is_reasoning(answer: str, thoughts: str, text: str) -> None:
    for size in range(1, len(answer) + 1):
        assert told(*(answer[at : at + size] for at in range(0, len(answer), size))) == (thoughts, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hm.\n</think>\n\nBlue.", ("Hm.", "Blue.")),
        ("Hm.\n</thinking>", ("Hm.", "")),
        ("Hm.\n[/THINK]\nBlue.", ("Hm.", "Blue.")),
        ("So blue</think>\n\nBlue.", ("So blue", "Blue.")),
        ("So blue. </think>\nBlue.", ("So blue.", "Blue.")),
        ("Thoughts end with </think>\nand then more.", ("", "Thoughts end with </think>\nand then more.")),
        ("What closes:</think>\nBlue.", ("", "What closes:</think>\nBlue.")),
        ("Models write `</think>`\nand more.", ("", "Models write `</think>`\nand more.")),
        ("```\n</think>\n```", ("", "```\n</think>\n```")),
        ("a <think>b\n</think>\nc", ("", "a <think>b\n</think>\nc")),
        ("a </think> b", ("", "a </think> b")),
        ("Blue.", ("", "Blue.")),
    ],
)
def test_what_stands_before_a_tag_that_only_closes_is_reasoning(text: str, found: tuple[str, str]) -> None:
    assert closed_only(text) == found


@given(st.lists(st.text(alphabet="<think>/ \nab", max_size=8)))
def test_pieces_change_nothing(pieces: list[str]) -> None:
    assert told(*pieces) == told("".join(pieces))


@given(st.text())
def test_no_other_text_is_touched(text: str) -> None:
    if not text.lstrip().startswith(("<think", "[THINK]")):
        assert told(text) == ("", text)


def test_blanks_are_not_held_for_ever() -> None:
    reader = ThinkTags()
    assert sum(len(event.text) for _ in range(1_000) for event in reader.feed(" ")) > 500
