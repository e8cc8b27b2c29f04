"""Masking: whatever stands around a secret, nothing of it stays, and everything else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.guards import patterns
from desktop.guards.patterns import Action, cards, masked, passes_luhn, secrets

KEYS = ("sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY", "AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2c3D4e5F6" * 3, "hf_" + "aB3" * 11)
CARDS = ("4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005")
_AROUND = st.text(st.sampled_from(" \n.,;:()\"'!?äß漢"), max_size=6)


@given(_AROUND, st.sampled_from(KEYS + CARDS), _AROUND)
def test_a_secret_is_taken_out_and_what_stands_around_it_stays(before: str, secret: str, behind: str) -> None:
    if before[-1:] in tuple(".,") or behind[:1] in tuple(".,"):
        before, behind = f"{before} ", f" {behind}"  # a card's digits may not be part of a longer number
    assert masked(f"{before}{secret}{behind}") == f"{before}[secure]{behind}"


_DISGUISES = (
    str.maketrans(" -", "\xa0\u2011"),
    str.maketrans({code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}),
    str.maketrans(" ", "\u3000"),
)


@pytest.mark.parametrize("disguise", _DISGUISES)
@given(_AROUND, st.sampled_from(KEYS + CARDS), _AROUND)
def test_a_secret_in_other_blanks_hyphens_and_digits_is_found_and_taken_out(
    disguise: dict[int, str], before: str, secret: str, behind: str
) -> None:
    if before[-1:] in tuple(".,") or behind[:1] in tuple(".,"):
        before, behind = f"{before} ", f" {behind}"
    hidden = secret.translate(disguise)
    assert [*secrets(hidden, Action.FLAG)] == [*secrets(secret, Action.FLAG)]
    assert [*cards(hidden, Action.FLAG)] == [*cards(secret, Action.FLAG)]
    assert masked(f"{before}{hidden}{behind}") == f"{before}[secure]{behind}"


@given(_AROUND, st.sampled_from(KEYS + CARDS), st.integers(1, 11), st.sampled_from(["\u200b", "\xad", "\u2060\u200d"]))
def test_what_is_not_seen_within_a_secret_hides_it_from_nobody(
    before: str, secret: str, place: int, unseen: str
) -> None:
    hidden = secret[:place] + unseen + secret[place:]
    assert masked(f"{before}ö {hidden} ä\u200bö") == f"{before}ö [secure] ä\u200bö"


@pytest.mark.parametrize(
    "number",
    ["4111  1111  1111  1111", "4111 - 1111 - 1111 - 1111", "٤١١١ ١١١١ ١١١١ ١١١١", "4111\xa0 1111\xa0 1111 1111"],
)
def test_a_card_in_doubled_blanks_or_other_digits_is_one(number: str) -> None:
    (plainly,) = cards("4111111111111111", Action.FLAG)
    assert [*cards(number, Action.FLAG)] == [plainly]
    assert masked(f"a {number} b") == "a [secure] b"


@given(st.lists(st.sampled_from([*KEYS, *CARDS, "hello", "4111", "sk-", "\n", "12,5"]), max_size=8))
def test_what_was_masked_holds_nothing_to_be_found_and_is_masked_already(words: list[str]) -> None:
    once = masked(" ".join(words))
    assert not [*secrets(once, Action.FLAG), *cards(once, Action.FLAG)]
    assert masked(once) == once


@given(st.integers(10**11, 10**18))
def test_two_neighbours_that_change_places_are_nearly_always_noticed(number: int) -> None:
    digits = str(number)
    right = next(f"{digits}{last}" for last in range(10) if passes_luhn(f"{digits}{last}"))
    for place in range(len(right) - 1):
        one, two = right[place : place + 2]
        swapped = f"{right[:place]}{two}{one}{right[place + 2 :]}"
        if one != two and {one, two} != {"0", "9"}:  # the one pair that the check digit does not tell apart
            assert not passes_luhn(swapped)


@given(st.integers(0, 3 * patterns.SLICE))
def test_slices_put_together_again_are_the_text(length: int) -> None:
    text = ("0123456789" * (length // 10 + 1))[:length]
    slices = [*patterns.slices(text)]
    whole = slices[0] if slices else ""
    for each in slices[1:]:
        assert whole.endswith(each[: patterns.OVERLAP])
        whole += each[patterns.OVERLAP :]
    assert whole == text


@pytest.mark.parametrize("action", [Action.FLAG, Action.BLOCK])
def test_what_is_found_is_told_without_revealing_it(action: Action) -> None:
    found = [*secrets(KEYS[0], action), *cards(CARDS[0], action)]
    assert [each.what for each in found] == ["an API key", "a card number"]
    assert {each.action for each in found} == {action}
    assert not any(KEYS[0][:8] in repr(each) or "4111" in repr(each) for each in found)
