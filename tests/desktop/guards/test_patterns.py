"""What is found in a prompt, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.guards.patterns import OVERLAP, SLICE, Action, cards, masked, parse_own, passes_luhn, secrets, slices
from tests.cpu_time import within

RANDOM = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY5zA7bC9dE1fG3hJ5kL7mN9pQ2rS4tU6vW8xY"

KEYS = [
    f"sk-{RANDOM[:48]}",
    f"sk-proj-{RANDOM[:60]}",
    f"sk-ant-api03-{RANDOM[:60]}",
    f"xai-{RANDOM[:64]}",
    f"gsk_{RANDOM[:52]}",
    "AKIAIOSFODNN7EXAMPLE",
    f"AIza{RANDOM[:35]}",
    f"ghp_{RANDOM[:36]}",
    f"github_pat_{RANDOM[:60]}",
    f"xoxb-{RANDOM[:40]}",
    f"hf_{RANDOM[:34]}",
    f"sk_live_{RANDOM[:24]}",
    f"{RANDOM[:52]}JQQJ99{RANDOM[:26]}",
    f"AccountKey={(RANDOM * 2)[:86]}==",
    f"eyJ{RANDOM[:30]}.eyJ{RANDOM[:40]}.{RANDOM[:43]}",
    f"-----BEGIN PRIVATE KEY-----\n{RANDOM}\n-----END PRIVATE KEY-----",
    f"-----BEGIN OPENSSH PRIVATE KEY-----\n{RANDOM}\n",
    f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n{RANDOM}",
]


@pytest.mark.parametrize("key", KEYS)
def test_keys_of_known_shapes_are_found_and_masked(key: str) -> None:
    for text in (key, f"use {key} now", f'"{key}"', f"KEY={key}\n", f"({key})."):
        assert len(list(secrets(text, Action.FLAG))) == 1, text
        assert RANDOM[:20] not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-... is how keys begin",
        "task-aB3dE5fG7hJ9kL1mN2pQ4rS6",
        "-----BEGIN PUBLIC KEY-----\n" + RANDOM,
        "-----BEGIN PRIVATE KEY----- begins such a file.",
        "AKIA and ghp_ are prefixes",
        "d41d8cd98f00b204e9800998ecf8427e",
        "https://example.com/a/very/long/path/without/any/key",
    ],
)
def test_what_only_looks_like_a_key_is_let_go(text: str) -> None:
    assert list(secrets(text, Action.FLAG)) == []


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011111111111117", "3530111333300000"]
)
def test_card_numbers_are_found_and_masked(number: str) -> None:
    assert len(list(cards(f"my card is {number}, thanks", Action.BLOCK))) == 1
    assert masked(f"card {number}.") == "card [secure]."


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # a wrong check digit
        "1234567890123452",  # no issuer, though the check digit is right
        "0000000000000000",
        "3.14159265358979323846",
        "41111111111111111111111",
        "4111111111111111.5",
        "2026-11-24 12:30:45 20261124123045",
        "+49 4111 1111",
    ],
)
def test_other_numbers_are_let_go(text: str) -> None:
    assert list(cards(text, Action.FLAG)) == []


@given(st.text("0123456789", min_size=12, max_size=18))
def test_exactly_one_check_digit_is_right(digits: str) -> None:
    assert sum(passes_luhn(digits + digit) for digit in "0123456789") == 1


def test_fingerprints_tell_two_apart_and_reveal_nothing() -> None:
    one, two = (next(secrets(key, Action.FLAG)) for key in KEYS[:2])
    assert one.fingerprint != two.fingerprint
    assert RANDOM[:8] not in one.fingerprint
    assert one.fingerprint == next(secrets(f"again {KEYS[0]}", Action.FLAG)).fingerprint


@given(st.integers(0, 3 * SLICE), st.integers(0, 3 * SLICE))
def test_slices_hold_every_stretch_that_is_shorter_than_their_overlap(length: int, at: int) -> None:
    text = "".join(chr(0x4E00 + place % 20000) for place in range(length))
    stretch = text[at : at + OVERLAP // 2]
    assert any(stretch in piece for piece in slices(text))


@pytest.mark.parametrize("unit", ["sk-", "a", "4 ", "eyJaaaaaaaaaaa.", "-----BEGIN ", "41111111 ", "A1-"])
def test_hostile_texts_take_time_that_grows_with_them_alone(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    for attempt in within(5):
        with attempt:
            for piece in slices(text):
                list(secrets(piece, Action.FLAG))
                list(cards(piece, Action.FLAG))


def test_own_patterns_are_read_line_by_line_and_slips_named() -> None:
    own, slips = parse_own(
        "flag project: (?i)nightingale\n\nblock id: C-\\d{8}\nnonsense\nflag bad: (\nflag : x\nstop x: y"
    )
    assert [(each.name, each.action, each.expression) for each in own] == [
        ("project", Action.FLAG, "(?i)nightingale"),
        ("id", Action.BLOCK, "C-\\d{8}"),
    ]
    assert len(slips) == 4
