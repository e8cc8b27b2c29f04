from __future__ import annotations

import pickle

import msgspec
import pytest

from desktop.text.phrases import Phrase, as_text, counted, phrase


def test_a_phrase_reads_as_its_text_and_remembers_what_it_was_made_from() -> None:
    made = phrase("{host} refused {what}", host="a.example", what="the key")
    assert made == "a.example refused the key"
    assert (made.template, dict(made.values)) == ("{host} refused {what}", {"host": "a.example", "what": "the key"})


def test_values_with_braces_stand_as_they_are() -> None:
    assert phrase("Not {what}", what="{x}") == "Not {x}"
    assert phrase("As {it} stands") == "As {it} stands"


@pytest.mark.parametrize(("number", "said"), [(0, "0 files"), (1, "1 file"), (1200, "1,200 files")])
def test_counted_things_are_one_or_many(number: int, said: str) -> None:
    made = counted("{n} file", "{n} files", number)
    assert (made, made.template, made.number) == (said, "{n} files", number)


def test_a_phrase_is_encoded_as_plain_text_and_nothing_else_is() -> None:
    assert msgspec.json.encode([phrase("a {b}", b=1)], enc_hook=as_text) == b'["a 1"]'
    with pytest.raises(NotImplementedError, match="object"):
        msgspec.json.encode(object(), enc_hook=as_text)


def test_a_phrase_survives_pickling() -> None:
    back = pickle.loads(pickle.dumps(counted("{n} file of {who}", "{n} files of {who}", 3, who="Ann")))
    assert isinstance(back, Phrase)
    assert (back, back.number, back.values["who"]) == ("3 files of Ann", 3, "Ann")
