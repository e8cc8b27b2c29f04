"""The window names settings as its pages do, never by their keys, and no switches of the command line."""

from __future__ import annotations

import re

import pytest

from desktop.errors import UsageError
from desktop.settings.schema import CA_FILE, OPTIONS
from desktop.text.phrases import phrase
from tests.ui.test_translations import messages, tool
from ui.base.strings import sentence, tr
from ui.base.window_wording import WORDING, reworded

_COMMANDS = r"`(?:paragone|connections|conversations|runs|suites|models|storage|keys) "
_TOLD_IN_TERMINALS = re.compile("|".join((*(re.escape(each.key) for each in OPTIONS), r"(?<![\w-])--[a-z]", _COMMANDS)))


def test_no_sentence_of_the_window_names_a_key_or_a_switch() -> None:
    said = {each.source for each in tool().sentences()}
    assert sorted(each for each in said if _TOLD_IN_TERMINALS.search(reworded(each))) == []
    assert sorted(each for each in WORDING if each not in said) == []  # none is left of what is said no more


@pytest.mark.parametrize("code", ["de", "ar"])
def test_no_translation_of_the_windows_own_wording_does(code: str) -> None:
    own = {each.template for each in WORDING.values()}
    translated = [each.findtext("translation", "") for each in messages(code) if each.findtext("source", "") in own]
    assert translated
    assert [each for each in translated if _TOLD_IN_TERMINALS.search(each)] == []


def test_sentences_keep_their_values_and_what_was_stored_in_english_is_reworded_too() -> None:
    hint = phrase("Set network.ca_file to a readable PEM file, or leave it empty.")
    own = "Choose a readable PEM file in Settings › Network › Certificate file, or leave the setting empty."
    assert sentence(UsageError(phrase("It failed."), hint=hint)) == f"It failed. {own}"
    assert tr(str(hint)) == own
    named = phrase(next(each for each in WORDING if each.startswith("Sign in again") and "{name}" in each), name="lab")
    assert tr(named) == "Sign in again, or remove the connection “lab”."
    assert (
        tr(phrase("Your organization does not allow changing {key}.", key=CA_FILE.key))
        == "Your organization does not allow changing “Certificate file”."
    )
    assert str(hint).startswith("Set network.ca_file")  # in a terminal
