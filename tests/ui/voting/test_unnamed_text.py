"""Sentences of errors tell no name of a model, and stay sentences."""

from __future__ import annotations

import pytest

from ui.voting.blind_view import without_names

FULL = "The disk is full. Paragone cannot write to /home/u/paragone/conversations.db. It is not available."


@pytest.mark.parametrize("name", ["a", "lab", "on", "ava"])
def test_a_short_name_is_cut_out_of_no_word(name: str) -> None:
    assert without_names(FULL, [name]) == FULL
    assert without_names(f"{name} refused", [name]) == "… refused"


@pytest.mark.parametrize(
    ("text", "names", "shown"),
    [
        ("zebra-mini refused; zebra too", ("zebra", "zebra-mini"), "… refused; … too"),
        ("https://mylab-west.example said no", ("lab", "mylab-west"), "https://….example said no"),
        ("LAB/x failed", ("lab",), "…/x failed"),
        ("nothing", ("",), "nothing"),
    ],
)
def test_names_are_left_out_in_whatever_case(text: str, names: tuple[str, ...], shown: str) -> None:
    assert without_names(text, names) == shown
