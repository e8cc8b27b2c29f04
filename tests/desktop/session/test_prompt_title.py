"""Titles of chats from their first prompts: never empty, never long, and without a greeting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.session.prompt_title import title_of


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("What is the capital?", "What is the capital?"),
        ("\n\n  # Heading\nbody", "Heading"),
        ("a\tb\x00c\x1b[31m", "a b c [31m"),
        ("\u202eevil\u202c", "evil"),
        ("   \n", "Untitled"),
        ("東京タワーの高さは", "東京タワーの高さは"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
    ],
)
def test_a_title_is_the_first_line_with_words(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


@given(st.text(max_size=300))
def test_a_title_is_short_printable_and_never_empty(prompt: str) -> None:
    title = title_of(prompt)
    assert 0 < len(title) <= 60
    assert "\n" not in title
    assert "\x1b" not in title


def test_a_long_title_ends_at_a_word() -> None:
    title = title_of("The quick brown fox jumps over the lazy dog and then goes on to do many other things")
    assert title == "The quick brown fox jumps over the lazy dog and then goes…"


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("Hi! Explain the CAP theorem", "Explain the CAP theorem"),
        ("Hello, could you sort this list?", "Could you sort this list?"),
        ("hey there, how are you? what is rust", "What is rust"),
        ("Hello\n\nHow do I debounce a function?", "How do I debounce a function?"),
        ("Hi 👋! Sort a list", "Sort a list"),
        ("Hi Claude, write a haiku", "Write a haiku"),
        ("Hallo, kannst du mir den Mietvertrag übersetzen?", "Kannst du mir den Mietvertrag übersetzen?"),
        ("Guten Tag!\nBitte kürze diesen Text.", "Bitte kürze diesen Text."),
        ("Hallo zusammen, wie geht's? Was ist Rust?", "Was ist Rust?"),
        ("Bonjour, traduis ceci", "Traduis ceci"),
        ("مرحبا، ما عاصمة أستراليا؟", "ما عاصمة أستراليا؟"),
        ("你好，请翻译", "请翻译"),
    ],
)
def test_a_greeting_is_no_part_of_a_title(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


@pytest.mark.parametrize(
    "prompt",
    [
        "Hi!",
        "Hello, how are you?",
        "Hello, world! in Rust",
        "Hallo Welt in Python",
        "hello.py does not run",
        "Hi-fi amplifiers compared",
        "Hello Kitty, a short history",
        "Heya and hey: where do these words come from?",
        "Good morning routines",
        "Dear Sir or Madam",
        "Please, explain",
    ],
)
def test_what_only_looks_like_a_greeting_and_one_that_is_all_there_is_stay(prompt: str) -> None:
    assert title_of(prompt) == prompt
