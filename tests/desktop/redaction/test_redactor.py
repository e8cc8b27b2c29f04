"""Keys in texts: hidden in every spelling that a server may give them back in, and nothing else is."""

from __future__ import annotations

import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal, cast
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.redaction import fuzzy_match as key_skeletons
from desktop.redaction.redactor import HIDDEN, Mask, hide, hide_head, hide_plain, hide_within, pieces_of
from desktop.text.phrases import Phrase, phrase
from tests.cpu_time import within
from tests.examples import alike

KEY = "abC/DEf+9=_key-&<x"


def unicode(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


def full_width(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) for each in text)


def dashes(text: str) -> str:
    return text.replace("-", "\\u002d")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "slashes escaped": lambda key: key.replace("/", "\\/"),
    "JSON escapes": unicode,
    "JSON escapes twice": lambda key: json.dumps(unicode(key))[1:-1],
    "JSON in JSON": lambda key: json.dumps(json.dumps(key.replace("/", "\\/"))[1:-1])[1:-1],
    "decimal entities": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "hexadecimal entities": lambda key: "".join(f"&#x{ord(each):X};" for each in key),
    "entities without an end": lambda key: "".join(f"&#0{ord(each)}" + ";" * each.isdigit() for each in key[:-1]) + "x",
    "named entities": lambda key: html.escape(key).replace("/", "&sol;").replace("+", "&plus;"),
    "entities of entities": lambda key: html.escape("".join(f"&#{ord(each)};" for each in key)),
    "percent signs": lambda key: quote(key, safe=""),
    "percent signs twice": lambda key: quote(quote(key, safe=""), safe=""),
    "all in percent signs": lambda key: "".join(f"%{ord(each):02X}" for each in key),
    "percent signs in entities in JSON": lambda key: unicode(html.escape(quote(key, safe=""))),
    "Python's escapes": lambda key: "".join(f"\\x{ord(each):02x}" for each in key),
    "another case": str.swapcase,
    "zeros between": "\0".join,
    "characters that nobody sees": "\u200b".join,
    "variation selectors": "\ufe0f".join,
    "joiners and tags": "\u034f\U000e0041".join,
    "broken over lines that became blanks": lambda key: f"{key[:5]} {key[5:12]}   {key[12:]}",
    "broken over lines in JSON": lambda key: json.dumps(f"{key[:5]}\n{key[5:12]}\r\n\t{key[12:]}")[1:-1],
    "Python's wide escapes": lambda key: "".join(f"\\U{ord(each):08x}" for each in key),
    "escapes with what nobody sees within": lambda key: "".join(f"\\\u200bx{ord(each):02x}" for each in key),
    "JavaScript's escapes": lambda key: "".join(f"%u{ord(each):04X}" for each in key),
    "a terminal's colours": "\x1b[1;31m".join,
    "colours without their escape character": "[0m".join,
    "zeros between in JSON": lambda key: json.dumps("\0".join(key))[1:-1],
    "zeros between in Python": lambda key: repr(key.encode("utf-16-le"))[2:-1],
    "zeros between in percent signs": "%00".join,
    "zeros between in entities": "&#0;".join,
    "zeros between in octal escapes": "\\000".join,
    "what nobody sees in percent signs": lambda key: quote("\u200b".join(key)),
    "what nobody sees in bytes": lambda key: repr("\u200b".join(key).encode())[2:-1],
    "what nobody sees in octal bytes": "\\342\\200\\213".join,
    "tags in bytes, twice": lambda key: quote(quote("\U000e0041".join(key))),
    "full width": full_width,
    "full width in percent signs": lambda key: quote(full_width(key)),
    "full width in JSON": lambda key: json.dumps(full_width(key))[1:-1],
    "combining marks": lambda key: "".join(f"{each}\u0301" for each in key),
    "a list of numbers": lambda key: f"{list(key.encode())}"[1:-1],
    "numbers and blanks": lambda key: " ".join(f"{ord(each)}" for each in key),
    "numbers over lines in JSON": lambda key: json.dumps(json.dumps(list(key.encode()), indent=1)[3:-2])[1:-1],
    "numbers in quotes": lambda key: "', '".join(f"{ord(each)}" for each in key),
    "hexadecimal numbers": lambda key: ", ".join(f"0x{ord(each):02x}" for each in key),
    "hexadecimal digits": lambda key: key.encode().hex(" "),
    "hexadecimal digits and colons": lambda key: key.encode().hex(":").upper(),
    "octal escapes": lambda key: "".join(f"\\{ord(each):03o}" for each in key),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_is_hidden_in_every_spelling_and_what_stands_around_it_stays(spelling: str) -> None:
    text = f"no 5% of “{SPELLINGS[spelling](KEY)}” & \\o/ no"
    assert hide(text, [KEY]) == f"no 5% of “{HIDDEN}” & \\o/ no"


@given(st.text(), st.text(), st.sampled_from(sorted(SPELLINGS)))
def test_no_spelling_of_a_key_outlives_its_hiding(before: str, after: str, spelling: str) -> None:
    assert SPELLINGS[spelling](KEY) not in hide(f"{before} {SPELLINGS[spelling](KEY)} {after}", ["other", KEY])


ONE_BY_ONE: list[Callable[[str], str]] = [
    lambda each: f"\\u{ord(each):04x}",
    lambda each: f"\\uu{ord(each):04X}",
    lambda each: f"\\x{ord(each):02x}",
    lambda each: f"\\x{{{ord(each):x}}}",
    lambda each: f"\\u{{{ord(each):x}}}",
    lambda each: f"\\U{ord(each):08x}",
    lambda each: f"\\N{{U+{ord(each):X}}}",
    lambda each: f"\\{ord(each):03o}",
    lambda each: f"\\o{{{ord(each):o}}}",
    lambda each: f"&#{ord(each)};",
    lambda each: f"&#x{ord(each):X};",
    lambda each: f"%{ord(each):02X}",
    lambda each: f"%u{ord(each):04x}",
]
KEPT = "Zq7-RtXw92LmKp4VbN8s"


@given(st.lists(st.sampled_from(ONE_BY_ONE), min_size=1, max_size=2), st.data())
def test_spellings_within_each_others_characters_are_undone(
    ways: list[Callable[[str], str]], data: st.DataObject
) -> None:
    said = KEPT
    for way in ways:
        whole = data.draw(st.booleans())
        odd = data.draw(st.integers(2, 5))
        signs = way("a")[0]  # whoever spells so spells what begins a spelling
        said = "".join(way(each) if whole or each == signs or at % odd else each for at, each in enumerate(said))
    assert hide(f"no {said} no", [KEPT]) == f"no {HIDDEN} no"


@pytest.mark.parametrize(
    "said",
    [
        "".join(f"={ord(each):02X}" for each in KEPT),
        "".join(f"={ord(each):02X}" for each in KEPT[:9]) + "=\r\n" + KEPT[9:],
        "".join(f"\\{ord(each):x} " for each in KEPT),
        "".join(f"\\{ord(each):o}" for each in KEPT),
        "\\u{" + " ".join(f"{ord(each):x}" for each in KEPT) + "}",
        "".join(f"\\{each}" for each in KEPT),
        "".join(f"\\{ord(each):06x}" for each in KEPT),
        "".join(f"\\{ord(each):04x}" for each in KEPT),
        "".join(f"\\0{ord(each):03o}" for each in KEPT),
        "".join(f"\\{ord(each)}" for each in KEPT),
        "".join(f"_x{ord(each):04x}_" for each in KEPT),
        " ".join(f"U+{ord(each):04X}" for each in KEPT),
        "".join(f"&#{ord(each):020};" for each in KEPT),
        "".join(f"%{'25' * 9}{ord(each):02x}" for each in KEPT),
        "".join(f"&{'amp;' * 9}#{ord(each)};" for each in KEPT),
        "".join(f"\\{'u005c' * 9}u{ord(each):04x}" for each in KEPT),
        KEPT.replace("Z", "Z\u17b4").replace("4", "4\U0001d173"),
    ],
)
def test_what_could_be_several_spellings_is_read_as_each(said: str) -> None:
    assert hide(f"no 5 of {said}!", [KEPT]).rstrip("! ").replace("\\", "") == f"no 5 of {HIDDEN}"


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
def test_a_key_that_holds_what_looks_like_a_spelling_is_hidden_in_others(key: str, quoting: str) -> None:
    assert hide(f"no <{QUOTINGS[quoting](key)}> no", [key]) == f"no <{HIDDEN}> no"


def test_a_short_key_is_known_however_its_letters_are_drawn_and_its_letters_alone_are_not() -> None:
    assert hide(f"no “{full_width('sk-Ab3dEf7h9')}”", ["sk-Ab3dEf7h9"]) == f"no “{HIDDEN}”"
    assert hide("śḱ-Áb́3́d́Éf́7́h́9́!", ["sk-Ab3dEf7h9"]) == f"{HIDDEN}!"
    assert hide("sk Ab3dEf7h9, Ünï %E4%F6 \\xe4 ½", ["sk-Ab3dEf7h9"]) == "sk Ab3dEf7h9, Ünï %E4%F6 \\xe4 ½"


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


@pytest.mark.parametrize("form", ["{}", "0x{:02x}", "{:02x}"])
def test_numbers_of_a_keys_characters_are_hidden_in_json_too(form: str) -> None:
    values = [form.format(byte) if form != "{}" else byte for byte in KEY.encode()]
    kept = {"type": "Buffer", "size": [4, 3, 2, 1]}
    assert hide_within({**kept, "data": values}, [KEY]) == {**kept, "data": [HIDDEN]}
    assert hide_within([{f"{at}": each for at, each in enumerate(values)}], [KEY]) == [{HIDDEN: HIDDEN}]
    assert hide_within([*KEY], [KEY]) == [HIDDEN]


@pytest.mark.parametrize(("message", "count"), [("%2525" * 6_000, 8), ("%2525" * 50, 1_000)])
def test_of_json_of_a_quarter_megabyte_so_much_is_looked_at_as_nobody_notices(message: str, count: int) -> None:
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
        *(
            "\\",
            "&",
            "%25",
            "&amp;",
            "\\u005c",
            "&#38;",
            "\0",
            "\\u0000",
            "%e2",
            "%c3%a9",
            "\\xf0\\x90",
            "\\\\342",
            "\ufdfa",
            "\u1e69",
            "1 ",
            "10,",
            "0xff, ",
            "a1:",
            "1" + "\\n" * 12,
            "1 ",
            "0 1 s ",
            "00000010 73 6b ",
            "<k>1",
            "&quot;0&quot;",
        )
    ],
)
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    text = piece * ((16 << 10) // len(piece))
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

DISGUISES: dict[str, Callable[[str], str]] = {
    "letters that are drawn as nothing": "\u17b4".join,
    "marks below each letter": "\u0332".join,
    "object replacement and annotation": lambda key: "\ufffc".join(key[:9]) + "\ufff9".join(key[9:]),
    "without its first and last": lambda key: key[1:-1],
    "in thirds": lambda key: " / ".join((key[:12], key[12:24], key[24:])),
    "tags within": lambda key: f"{key[:11]}<wbr/>{key[11:22]}<b class='x'>{key[22:]}",
    "full width": lambda key: "".join(chr(ord(each) + 0xFEE0) for each in key),
    "mathematical letters": lambda key: "".join(
        chr(0x1D400 + ord(each) - 65) if each.isupper() else chr(0x1D41A + ord(each) - 97) if each.islower() else each
        for each in key
    ),
    "quotes and strokes doubled": lambda key: "''".join((key[:10], "\\\\".join((key[10:20], key[20:])))),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_letters_and_digits_of_a_long_key_are_known_whatever_is_put_between_them(disguise: str) -> None:
    hidden = hide(f"Bad key “{DISGUISES[disguise](LONG)}” given.", [LONG])
    assert hidden.startswith("Bad key “")
    assert hidden.endswith("” given.")
    assert HIDDEN in hidden
    shown = unicodedata.normalize("NFKD", unquote(hidden))
    assert not any(LONG[start : start + 6] in re.sub("[^A-Za-z0-9]", "", shown) for start in range(len(LONG) - 5))


@pytest.mark.parametrize("before", range(7))
@pytest.mark.parametrize("start", range(len(LONG) // 2 + 1))
def test_half_of_a_long_key_is_known_wherever_it_begins_and_whatever_stands_between(before: int, start: int) -> None:
    half = ".".join(LONG[start : start + len(LONG) // 2])
    assert hide(f"{'o' * before} {half} oo", [LONG]) == f"{'o' * before} {HIDDEN} oo"


def test_a_key_with_dashes_is_known_without_them_and_one_without_with_them() -> None:
    assert hide(f"key {UUID.replace('-', '')} is bad", [UUID]) == f"key {HIDDEN} is bad"
    assert hide(f"key {UUID} is bad", [UUID.replace("-", "")]) == f"key {HIDDEN} is bad"


def test_a_key_with_signs_in_it_is_known_in_any_quoting() -> None:
    key = r"pa\ss'wo\\rd\"1234567890"
    for said in (repr(key), json.dumps(json.dumps(key)), key.replace("'", "''"), key.replace('"', '""')):
        assert "1234567890" not in hide(f"The password {said} is wrong.", [key])


@pytest.mark.parametrize("key", ["İstanbul-gizli-parola", "gizli-parola-İstanbulİ", "İ" * 16 + "password"])
@pytest.mark.parametrize("said", ["{}", "Proxy said {}", "{} it said", "a {} b"])
def test_letters_that_are_two_when_lowered_are_hidden_at_their_place(key: str, said: str) -> None:
    assert hide(said.format(key), [key]) == said.format(HIDDEN)


def lines(key: str, form: str, start: str, wide: int = 16) -> str:
    """A key as a tool dumps files."""
    parts = [(at, key[at : at + wide]) for at in range(0, len(key), wide)]
    return "\n".join(start.format(at) + "".join(form.format(ord(each)) for each in part) for at, part in parts)


def words(key: str, form: str, order: Literal["big", "little"] = "little") -> str:
    """A key of an even length as numbers of two bytes each."""
    return " ".join(form.format(int.from_bytes(key[at : at + 2].encode(), order)) for at in range(0, len(key), 2))


ARRAYS: dict[str, Callable[[str], str]] = {
    "an object of letters": lambda key: json.dumps({f"{at}": each for at, each in enumerate(key)}),
    "an object of numbers": lambda key: json.dumps({f"{at}": ord(each) for at, each in enumerate(key)}),
    "PHP": lambda key: "Array ( " + " ".join(f"[{at}] => {each}" for at, each in enumerate(key)) + " )",
    "PHP, numbers": lambda key: "Array\n(\n" + "".join(f"    [{at}] => {ord(c)}\n" for at, c in enumerate(key)) + ")",
    "hexdump": lambda key: "\n".join(
        lines(key[at : at + 16], " {:02x}", f"{at:08x} ") + f"  |{key[at : at + 16]}|" for at in range(0, len(key), 16)
    ),
    "xxd": lambda key: "\n".join(
        f"{at:08x}: {words(key[at : at + 16], '{:04x}', 'big')}  {key[at : at + 16]}" for at in range(0, len(key), 16)
    ),
    "od -tx1": lambda key: lines(key, " {:02x}", "{:07o}"),
    "od -b": lambda key: lines(key, " {:03o}", "{:07o}"),
    "od -c": lambda key: lines(key, "   {:c}", "{:07o}"),
    "od": lambda key: f"0000000 {words(key, '{:06o}')}",
    "a list": lambda key: f"{[*key]}",
    "pairs": lambda key: f"{[*enumerate(key)]}",
    "pairs of numbers": lambda key: f"{[*enumerate(key.encode())]}",
    "YAML": lambda key: "".join(f"- {ord(each)}\n" for each in key),
    "tags": lambda key: "".join(f"<k>{ord(each)}</k>" for each in key),
    "tags of letters": lambda key: "".join(f"<k>{each}</k>" for each in key),
    "records": lambda key: json.dumps([{"index": at, "char": each} for at, each in enumerate(key)]),
    "HTML": lambda key: html.escape(json.dumps({f"{at}": each for at, each in enumerate(key)})),
    "types of PHP": lambda key: " ".join(f'[{at}]=> string(1) "{each}"' for at, each in enumerate(key)),
    "lengths of PHP": lambda key: "".join(f'i:{at};s:1:"{each}";' for at, each in enumerate(key)),
    "binary": lambda key: " ".join(f"{ord(each):08b}" for each in key),
    "floats": lambda key: f"{[*map(float, key.encode())]}",
    "elements": lambda key: " ".join(f"k[{at}] = '{each}';" for at, each in enumerate(key)),
    "calls": lambda key: "+".join(f"chr({ord(each)})" for each in key),
    "assignments": lambda key: " ".join(f"{at}={each}" for at, each in enumerate(key)),
    "two bytes each": lambda key: " ".join(f"{ord(each):04x}" for each in key),
    "RTF": lambda key: "".join(f"\\u{ord(each)}?" for each in key),
    "points": lambda key: ".".join(f"{ord(each)}" for each in key),
    "strokes": lambda key: " | ".join(f"{ord(each)}" for each in key),
}


@pytest.mark.parametrize("key", ["sk-aB3dE5fG7hJ9kL2mN4pQ6rS8x0z", "gateKey2024x", "0123456789abcdef0123456789abcdef"])
@pytest.mark.parametrize("array", ARRAYS)
def test_a_key_that_is_printed_as_an_array_is_hidden(array: str, key: str) -> None:
    for said in (ARRAYS[array](key), json.dumps(ARRAYS[array](key))[1:-1]):
        hidden = hide(f"401: bad key {said}, said 1 of 2 gates.", [key])
        assert HIDDEN in hidden
        assert len(re.findall("[A-Za-z0-9]", hidden)) < 54, hidden
        assert hidden.endswith(" of 2 gates.")


def test_tables_lists_and_prose_are_no_keys() -> None:
    key = "sk-aB3dE5fG7hJ9kL2mN4pQ6rS8x0"
    table = "".join(f"| {at} | {at * 7 % 128} | {chr(97 + at % 26)} |\n" for at in range(300))
    alphabet = "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2"
    for text in (table, '["ok", 1, 2, 3]', f"{[*range(128)]}", alphabet, table.upper()):
        assert hide(text, [key, "gateKey2024x", "adgjmpsv"]) == text


KEY_OF_FORTY = "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"


def test_pieces_of_a_key_are_told_in_whatever_order_they_stand() -> None:
    quarters = [KEY_OF_FORTY[start : start + 10] for start in range(0, 40, 10)]
    texts = [quarters[3], "eastus2", quarters[0], "x-" + quarters[2], "gpt-4.1-mini", quarters[1].upper()]
    assert pieces_of([KEY_OF_FORTY], texts) == {*texts} - {"eastus2", "gpt-4.1-mini"}


def test_names_that_are_like_a_part_of_a_key_are_no_pieces_of_it() -> None:
    assert not pieces_of(["my-llama-server-key-0123456789"], ["llama-server", "mistral", "key"])
    assert not pieces_of([KEY_OF_FORTY], ["Ab3dEf6h", "a request that says Lm2nOp5q somewhere within it", "stop", ""])
    assert not pieces_of(["short-key-1"], ["short-", "key-1"])


def test_what_stands_plainly_is_hidden_and_short_secrets_and_spellings_are_left() -> None:
    text = f"keys: {KEY_OF_FORTY.lower()}, {KEY_OF_FORTY[-20:]}; a word, {KEY_OF_FORTY[:9]}, sk&#45;proj"
    hidden = hide_plain(text, [KEY_OF_FORTY, "a word"])
    assert hidden == f"keys: {HIDDEN}, {HIDDEN}; a word, {KEY_OF_FORTY[:9]}, sk&#45;proj"
    assert hide_plain("", [KEY_OF_FORTY]) == ""
    assert hide_plain(text, []) is text


class LookedAt(Mask):
    """Says which texts were looked at in one go."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        self.parts.append(text)
        return super().places(text)


@pytest.mark.parametrize("spelled", alike(1, [unicode, str, "\u200b".join]))
def test_whether_a_key_stands_in_a_long_text_is_looked_at_in_parts_and_none_lies_between_two(
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


def test_any_part_of_a_long_token_is_seen_though_its_letters_are_noted_at_intervals() -> None:
    """Each place of a token of thousands of letters took a megabyte and a half."""
    noted = key_skeletons._parts(frozenset({TOKEN})).begins
    assert sum(map(len, noted.values())) * 10 < len(TOKEN)
    for start in range(len(TOKEN) - 24 + 1):
        apart = "-".join(TOKEN[start : start + 24])
        assert key_skeletons.places(f"no: {apart}!", [TOKEN]) == [(4, 4 + len(apart))]


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
