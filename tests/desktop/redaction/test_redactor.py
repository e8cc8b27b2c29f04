"""Redaction of keys in texts, in every encoding that programs apply on the way."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.redaction.redactor import HIDDEN, Mask, hide, hide_head, hide_plain, hide_within
from desktop.text.phrases import Phrase, phrase
from tests.cpu_time import within
from tests.examples import alike

KEY = "abC/DEf+9=_key-&<x"


def unicode(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


def dashes(text: str) -> str:
    return text.replace("-", "\\u002d")


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "slashes escaped": lambda key: key.replace("/", "\\/"),
    "JSON escapes": unicode,
    "JSON escapes twice": lambda key: json.dumps(unicode(key))[1:-1],
    "JSON in JSON": lambda key: json.dumps(json.dumps(key.replace("/", "\\/"))[1:-1])[1:-1],
    "decimal entities": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "hexadecimal entities": lambda key: "".join(f"&#x{ord(each):X};" for each in key),
    "named entities": lambda key: html.escape(key).replace("/", "&sol;").replace("+", "&plus;"),
    "entities of entities": lambda key: html.escape("".join(f"&#{ord(each)};" for each in key)),
    "percent signs": lambda key: quote(key, safe=""),
    "percent signs twice": lambda key: quote(quote(key, safe=""), safe=""),
    "all in percent signs": lambda key: "".join(f"%{ord(each):02X}" for each in key),
    "percent signs in entities in JSON": lambda key: unicode(html.escape(quote(key, safe=""))),
    "another case": str.swapcase,
}


def basic(key: str) -> str:
    return base64.b64encode(f"user:{key}".encode()).decode()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_key_is_hidden_in_every_encoding_and_the_text_around_it_stays(encoding: str) -> None:
    text = f"no 5% of “{ENCODINGS[encoding](KEY)}” & \\o/ no"
    assert hide(text, [KEY]) == f"no 5% of “{HIDDEN}” & \\o/ no"


@given(st.text(), st.text(), st.sampled_from(sorted(ENCODINGS)))
def test_no_encoding_of_a_key_survives(before: str, after: str, encoding: str) -> None:
    assert ENCODINGS[encoding](KEY) not in hide(f"{before} {ENCODINGS[encoding](KEY)} {after}", ["other", KEY])


ENCODERS: dict[str, Callable[[str], str]] = {
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON escapes": unicode,
    "HTML": html.escape,
    "entities": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "percent signs": lambda key: quote(key, safe=""),
    "all in percent signs": lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
}


@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x2FF, exclude_categories=["Cc", "Cf", "Zs"]), min_size=8),
    st.sampled_from(sorted(ENCODERS)),
    st.sampled_from(sorted(ENCODERS)),
)
def test_of_a_key_that_is_encoded_twice_no_more_than_a_backslash_is_left(key: str, first: str, second: str) -> None:
    hidden = hide(f"«{ENCODERS[second](ENCODERS[first](key))}»", [key])
    assert HIDDEN in hidden
    left = html.unescape(unquote(hidden.replace(HIDDEN, "").replace("\\u005c", "\\")))
    assert set(left) <= {"«", "»", "\\"}


@given(st.text())
def test_a_text_without_a_key_stays_as_it_is(text: str) -> None:
    assert hide(text, ["0123456789abcdef-not-there"]) == text


QUOTINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON with slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "HTML": html.escape,
    "Python": lambda key: repr(key)[1:-1],
    "percent signs": lambda key: quote(key, safe=""),
    "HTML in JSON": lambda key: json.dumps(html.escape(key))[1:-1],
    "JSON in percent signs": lambda key: quote(json.dumps(key)[1:-1]),
}


@pytest.mark.parametrize(
    "key", ['pa\\ss"word1', "Pa%41ss&word", "ab&amp;cd/ef12", "c\\jK$#7Q'tF5t", "U%F3FsxIC>P:", "%2541<q\\u0041"]
)
@pytest.mark.parametrize("quoting", QUOTINGS)
def test_a_key_that_looks_encoded_itself_is_hidden_when_encoded(key: str, quoting: str) -> None:
    assert hide(f"no <{QUOTINGS[quoting](key)}> no", [key]) == f"no <{HIDDEN}> no"


@pytest.mark.parametrize("user", ["", "u", "me", "you:"])
@pytest.mark.parametrize("key", [KEY, "pass?~w", "q7Zk3mVx9TbLw2RfYp6Hd8Nc4Js5Gu1E"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_key_is_hidden_in_base64_wherever_it_begins(encode: Callable[[bytes], bytes], key: str, user: str) -> None:
    encoded = encode(f"{user}{key}:".encode()).decode()
    hidden = hide(f"Basic {encoded} or {quote(encoded, safe='')}.", [key])
    one, _, other = hidden.removeprefix("Basic ").partition(" or ")
    for left in (one, unquote(other.removesuffix("."))):
        assert HIDDEN in left
        assert len(left.replace(HIDDEN, "")) <= len(user) * 4 // 3 + 6


def test_half_of_a_key_is_hidden_in_base64_that_was_cut_off() -> None:
    key = "q7Zk3mVx9TbLw2RfYp6Hd8Nc4Js5Gu1E"
    encoded = basic(key)
    assert hide(f"no {encoded[:36]}…", [key]) == f"no {encoded[:7]}{HIDDEN}…"


def test_a_short_secret_is_not_seen_in_words_that_follow_each_other() -> None:
    assert hide("it was in the state st", ["asin", "test", "thestatest"]) == "it was in the state st"
    assert hide("it was in the state st.", ["the-state-st-of"]) == "it was in the state st."


def test_words_are_no_keys() -> None:
    assert hide("the key is", ["", "the"]) == "the key is"


def test_a_phrase_stays_one_and_can_be_translated() -> None:
    said = phrase("{host} rejected the key (401){said}", host="h.example", said=phrase(": {key}.", key=KEY))
    hidden = hide(said, [KEY])
    assert isinstance(hidden, Phrase)
    assert hidden == f"h.example rejected the key (401): {HIDDEN}."
    assert hidden.template == said.template
    assert KEY not in f"{dict(hidden.values)}"


def test_names_and_texts_of_json_are_searched_at_any_depth_that_is_read() -> None:
    value: object = {KEY: [{"a": {"b": KEY.replace("/", "\\/")}}, 5, None]}
    assert hide_within(value, [KEY]) == {HIDDEN: [{"a": {"b": HIDDEN}}, 5, None]}
    deep: object = KEY
    for _ in range(1000):
        deep = [deep]
    assert KEY not in f"{hide_within(deep, [KEY])}"


@pytest.mark.parametrize(("message", "count"), [("%2525" * 6_000, 8), ("%2525" * 50, 1_000)])
def test_of_long_json_only_so_much_is_searched_as_nobody_notices(message: str, count: int) -> None:
    said = json.dumps(hide_within({"error": [{"message": message}] * count}, [KEY]))
    assert 30_000 < said.count("%") * 5 <= 64 << 10


def test_a_part_of_a_key_is_hidden_in_a_text_of_json_that_is_shorter_than_the_key() -> None:
    key = "q7Zk3mVx9TbLw2RfYp6Hd8Nc4Js5Gu1E" * 40
    assert hide_within({"message": f"no {key[:700]}."}, [key]) == {"message": f"no {HIDDEN}."}
    assert hide_within(["pass<word"], ["pa\\ss<word", "abc"]) == [HIDDEN]
    assert hide_within(["stop", 1], []) == ["stop", 1]


def test_what_a_server_repeats_at_length_leaves_room_for_what_it_says() -> None:
    value = {"input": "x" * 100_000, "message": f"no {KEY}", "more": "y" * 1000}
    found = cast("dict[str, str]", hide_within(value, [KEY]))
    assert (found["message"], found["more"]) == (f"no {HIDDEN}", "")
    assert 60_000 < len(found["input"]) <= 64 << 10


@pytest.mark.parametrize("cut", range(1, len(KEY) * 6))
def test_a_key_that_the_cut_goes_through_is_hidden_too(cut: int) -> None:
    spelled = unicode(KEY)
    assert "abC" not in hide_head("x" * 400 + spelled, [KEY], 400 + cut)
    assert "\\u0061" not in hide_head("x" * 400 + spelled, [KEY], 400 + cut)


@pytest.mark.parametrize(
    "piece",
    [
        "\\",
        "&",
        "%",
        "%25",
        "&amp;",
        "&#",
        "\\u005c",
        "\\u",
        "&#38;",
        "%e2",
        "%c3%a9",
        "&quot;0&quot;",
        "YWJj",
        "abc/def",
    ],
)
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    text = piece * ((64 << 10) // len(piece))
    for attempt in within(0.25):
        with attempt:
            hide(text, [KEY])


def test_a_mask_knows_what_it_was_told() -> None:
    mask = Mask()
    assert mask.hide(KEY) == KEY
    mask.add(KEY)
    assert mask.hide(f"a {KEY}") == f"a {HIDDEN}"


@pytest.mark.parametrize("spelled", [str, str.upper, dashes])
def test_what_a_cut_leaves_of_a_key_is_hidden_from_its_half_on(spelled: Callable[[str], str]) -> None:
    key = "sk-proj-Zq7w9zK3mX8vB2nL5tR4yH6jD1"
    half = len(key) // 2
    for length in range(half, len(key)):
        for left in (key[:length], key[-length:]):
            assert hide(f"no key {spelled(left)}", {key, "another-key-0123456789"}) == f"no key {HIDDEN}", left
            assert hide(f"x{spelled(left)}.", {key}) == f"x{HIDDEN}."
    assert hide("no key sk-proj-Zq7w9...H6jD1", {key}) == "no key sk-proj-Zq7w9...H6jD1"
    assert hide("no key fifteen-chars!", {"fifteen-charsXY"}) == "no key fifteen-chars!"


def test_of_keys_that_begin_or_end_alike_the_longest_part_is_hidden() -> None:
    one, other = "common-beginning-0123-of-one-common-end-4567", "common-beginning-0123-of-other-common-end-4567"
    assert hide(f"<{one[:40]}> <{other[:42]}>", {one, other}) == f"<{HIDDEN}> <{HIDDEN}>"
    assert hide(f"<{one[-40:]}> <{other[-42:]}>", {one, other}) == f"<{HIDDEN}> <{HIDDEN}>"


LONG = "q7Zk3mVx9TbLw2RfYp6Hd8Nc4Js5Gu1E"
UUID = "3f2b8c1e-9d47-4a6f-b0e5-7c8d9e0f1a2b"


@pytest.mark.parametrize("key", ["İstanbul-gizli-parola", "gizli-parola-İstanbulİ", "İ" * 16 + "password"])
@pytest.mark.parametrize("said", ["{}", "Proxy said {}", "{} it said", "a {} b"])
def test_letters_that_are_two_when_lowered_are_hidden_at_their_place(key: str, said: str) -> None:
    assert hide(said.format(key), [key]) == said.format(HIDDEN)


KEY_OF_FORTY = "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"


def test_hide_plain_leaves_short_secrets_and_encoded_ones() -> None:
    text = f"keys: {KEY_OF_FORTY.lower()}, {KEY_OF_FORTY[-20:]}; a word, {KEY_OF_FORTY[:9]}, sk&#45;proj"
    hidden = hide_plain(text, [KEY_OF_FORTY, "a word"])
    assert hidden == f"keys: {HIDDEN}, {HIDDEN}; a word, {KEY_OF_FORTY[:9]}, sk&#45;proj"
    assert hide_plain("", [KEY_OF_FORTY]) == ""
    assert hide_plain(text, []) is text


class LookedAt(Mask):
    """Mask that records the texts that are searched at once."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        self.parts.append(text)
        return super().places(text)


@pytest.mark.parametrize("spelled", alike(1, [unicode, str, quote]))
def test_a_long_text_is_searched_in_chunks_that_overlap_by_an_encoded_key(
    spelled: Callable[[str], str],
) -> None:
    mask = LookedAt()
    mask.add(KEY_OF_FORTY)
    long = " ".join(f"line {number}: so it is." for number in range(12_000))
    assert not mask.stands_in(long)
    parts = mask.parts
    assert max(map(len, parts)) * 4 < len(long), "each look holds every other thread"
    assert parts[0] == long[: len(parts[0])]
    assert parts[-1] == long[-len(parts[-1]) :]
    said = spelled(KEY_OF_FORTY)
    for one, other in pairwise(parts):
        assert len(one) - one.index(other[:100]) >= len(said)
    for at in (0, len(parts[0]) - len(said) // 2, len(long)):
        assert mask.stands_in(f"{long[:at]} {said} {long[at:]}"), at
    assert mask.stands_in(said)
    assert not mask.stands_in("")


TOKEN = "".join(hashlib.sha256(f"{number}".encode()).hexdigest() for number in range(32))


def test_of_what_comes_anew_for_ever_the_newest_are_hidden() -> None:
    mask = Mask()
    mask.add(KEY_OF_FORTY)
    tokens = [f"{number:03}{TOKEN}" for number in range(200)]
    mask.add_passing(tokens[-1])
    for each in tokens:
        mask.add_passing(each, "abc")
    assert len(mask.secrets) < 50
    assert {KEY_OF_FORTY, *tokens[-10:]} <= mask.secrets
    assert "abc" not in mask.secrets
    mask.add("another-key-of-mine")
    assert {KEY_OF_FORTY, "another-key-of-mine", tokens[-1]} <= mask.secrets
