"""A receipt keeps no key: where one stood, a variable stands."""

from __future__ import annotations

import pytest

from desktop.receipts.sent_headers import kept_address, kept_headers


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Authorization", "Bearer sk-abcdefgh12345678", "Bearer $PARAGONE_KEY"),
        ("api-key", "abcdefgh12345678", "$PARAGONE_KEY"),
        ("Ocp-Apim-Subscription-Key", "abcdefgh12345678", "$PARAGONE_KEY"),
        ("Cookie", "session=abcdefgh12345678", "$PARAGONE_KEY"),
        ("Content-Type", "application/json", "application/json"),
        ("X-Team", "blue", "blue"),
        ("X-Team", "of sk-known", "$PARAGONE_KEY"),
    ],
)
def test_what_may_be_a_key_is_a_variable(name: str, value: str, kept: str) -> None:
    assert kept_headers({name: value}, ["sk-known"]) == {name.lower(): kept}


def test_a_key_in_an_address_is_a_variable() -> None:
    kept = kept_address("https://a.example/v1?api-version=1&code=abcdefgh12345678")
    assert kept == "https://a.example/v1?api-version=1&code=$PARAGONE_KEY"
