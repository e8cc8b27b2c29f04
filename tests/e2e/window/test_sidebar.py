"""Many conversations by keyboard alone: found by a filter, chosen together, tagged, thrown away and brought back."""

from __future__ import annotations

import pytest

from tests.e2e.window.atspi import FOCUSED, SELECTED, SHOWING, wait
from tests.e2e.window.window import Desk, Window

pytestmark = pytest.mark.slow

PLACES = ("Zanzibar", "Quito", "Oslo")


@pytest.fixture
def window(lab_desk: Desk) -> Window:
    """A window that lists three conversations."""
    for place in PLACES:
        ended = lab_desk.program("ask", "--save", "--model", "lab/grok-3", f"Where is {place}?")
        assert ended.status == 0, ended.err
    window = lab_desk.open()
    wait(lambda: listed(window) == set(PLACES), "three conversations")
    return window


def listed(window: Window) -> set[str]:
    """The places whose conversations are listed."""
    return {place for place in PLACES if any(place in line for line in window.conversations())}


def chosen(window: Window) -> list[str]:
    """The conversations that are chosen, as they are listed."""
    conversations = window.find("list", "Conversations")
    return [each.name for each in conversations.children if each.has(SELECTED)]


def to_the_list(window: Window) -> None:
    """Go through the search to the list's first conversation."""
    window.keys.press("Control_L", "Shift_L", "f")
    window.keys.press("Down")
    conversations = window.find("list", "Conversations")
    wait(lambda: conversations.has(FOCUSED), "the keyboard on the conversations")
    window.keys.press("Home")


@pytest.mark.long
def test_a_filter_is_put_to_the_search_and_taken_out(window: Window) -> None:
    keys = window.keys
    keys.press("Control_L", "Shift_L", "f")
    keys.type("zanzibar")
    wait(lambda: listed(window) == {"Zanzibar"}, "what was found")
    search, filtered = window.find("text", "Search conversations"), window.find("check box", "Filter: Has code")
    window.tab_to(filtered)
    keys.press("space")
    wait(lambda: search.text.split() == ["zanzibar", "has:code"], "the filter among the words")
    wait(lambda: not listed(window), "nothing with code")
    window.tab_to(window.find("check box", "Filter: Has code"))
    keys.press("space")
    wait(lambda: listed(window) == {"Zanzibar"}, "what was found before")


def test_several_conversations_are_tagged_thrown_away_and_brought_back(window: Window) -> None:
    keys = window.keys
    to_the_list(window)
    keys.press("Shift_L", "Down")
    wait(lambda: len(chosen(window)) == 2, "two that are chosen")
    keys.press("Menu")
    window.choose("Tags…")
    dialog = window.find("dialog", "Tags")
    wait(lambda: dialog.find("text", "New tag").has(FOCUSED), "the keyboard on the new tag")
    keys.type("far")
    keys.press("Return")
    dialog.find("list item", "far")
    keys.press("Escape")
    wait(lambda: len([line for line in window.conversations() if line.endswith("far")]) == 2, "two with the tag")

    to_the_list(window)
    keys.press("Shift_L", "Down")
    wait(lambda: len(chosen(window)) == 2, "two that are chosen")
    keys.press("Delete")
    window.find("push button", "Undo")
    wait(lambda: len(listed(window)) == 1, "one that is left")
    keys.press("Control_L", "Alt_L", "z")  # the button goes after ten seconds
    wait(lambda: listed(window) == set(PLACES), "all of them")


@pytest.mark.long
def test_the_storage_page_is_reached_and_read(window: Window) -> None:
    keys = window.keys
    keys.press("Control_L", "comma")
    search = window.find("text", "Search settings")
    window.tab_to(search)
    keys.type("backup")
    wait(lambda: window.look("label", "Backups"), "the page about storage")
    assert window.find("push button", "Encrypt conversations…").has(SHOWING)
    keys.press("Escape")
    wait(lambda: window.look("text", "Search settings") is None, "the end of the settings")
