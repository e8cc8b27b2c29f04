"""Words are looked up in a child process, in several dictionaries, whatever is wrong with one of them."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from desktop.spelling.own_words import OwnWords
from desktop.spelling.speller import Speller
from desktop.spelling.spelling_child import SWITCH
from desktop.system.paths import resources
from main import SPELLING_SWITCH, child_command

BUNDLED = resources() / "dictionaries"
_CRASHING = """
import os
from desktop.spelling import spelling_child as child
class Crashing(child.Lexicons):
    def reply_to(self, request):
        if getattr(request, "code", "") == "xx" or "crash" in getattr(request, "words", ()):
            os.abort()
        return super().reply_to(request)
raise SystemExit(child.serve(child.parse_request, Crashing().reply_to, most=child.MOST_BYTES))
"""

Make = Callable[..., Speller]


def put(folder: Path, code: str, *words: str, encoding: str = "UTF-8") -> None:
    """Write a small dictionary."""
    (folder / f"{code}.aff").write_text(f"SET {encoding}\n", "ascii")
    (folder / f"{code}.dic").write_bytes(
        "\n".join([str(len(words)), *words, ""]).encode(encoding.removeprefix("microsoft-"))
    )


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes spellers over the dictionaries of a folder."""
    made: list[Speller] = []

    def speller(wanted: str, *folders: Path, command: list[str] | None = None) -> Speller:
        own = OwnWords(lambda: tmp_path / "words.txt")
        each = Speller(command or child_command(SPELLING_SWITCH), lambda: folders or (tmp_path,), own)
        each.choose(wanted, [])
        made.append(each)
        return each

    yield speller
    for each in made:
        await each.aclose()


async def test_the_bundled_english_knows_words_and_corrections(make: Make) -> None:
    speller = make("", BUNDLED)
    assert speller.used == ("en_US",)
    words = {"Hello", "wrld", "it’s", "websites", "definiton", "Straße"}
    assert await speller.misspelled(words) == {"wrld", "definiton", "Straße"}
    assert (await speller.suggestions("definiton"))[0] == "definition"
    assert (await speller.suggestions("speling"))[0] == "spelling"
    assert (await speller.suggestions("doesn’tt"))[0] == "doesn’t"
    assert len(await speller.suggestions("wrld")) <= 5


async def test_a_word_is_right_if_any_language_takes_it(make: Make, tmp_path: Path) -> None:
    put(tmp_path, "de", "Straße", "grün", encoding="ISO8859-1")
    put(tmp_path, "ru", "привет")
    words = ["Straße", "hello", "grun", "привет", "превет"]
    speller = make("de, en, ru", tmp_path, BUNDLED)
    assert await speller.misspelled(words) == {"grun", "превет"}
    speller.choose("de", [])
    assert await speller.misspelled(words) == {"hello", "grun"}, "without Russian, no word of its script is wrong"


@pytest.mark.parametrize("encoding", ["KOI8-R", "microsoft-cp1251", "ISO8859-5", "UTF-8"])
async def test_dictionaries_come_in_many_encodings(make: Make, tmp_path: Path, encoding: str) -> None:
    put(tmp_path, "bg", "здравей", "свят", encoding=encoding)
    assert await make("bg").misspelled(["здравей", "свят", "светт"]) == {"светт"}


async def test_own_words_count_at_once_and_without_asking_the_child(make: Make, tmp_path: Path) -> None:
    put(tmp_path, "de", "ja")
    speller = make("de")
    assert await speller.misspelled(["qasync", "ja"]) == {"qasync"}
    speller.add("qasync")
    assert await speller.misspelled(["qasync", "ja"]) == set()


@pytest.mark.parametrize(
    ("aff", "dic"),
    [
        (b"", b""),
        (b"SET UTF-8\nAF 2\nAF 1\nFLAG num\n", b"\xff\xfe\x00\x01"),
        (b"SET NOWHERE\n", "1\nStraße\n".encode()),
        (os.urandom(4_096), os.urandom(4_096)),
    ],
)
async def test_damaged_dictionaries_leave_the_others_in_use(make: Make, tmp_path: Path, aff: bytes, dic: bytes) -> None:
    put(tmp_path, "de", "ja")
    (tmp_path / "fr.aff").write_bytes(aff)
    (tmp_path / "fr.dic").write_bytes(dic)
    assert "neinn" in await make("fr, de").misspelled(["ja", "neinn"])


async def test_a_dictionary_that_crashes_the_child_is_not_used_again(make: Make, tmp_path: Path) -> None:
    for code in ("aa", "xx", "zz"):
        put(tmp_path, code, code)
    speller = make("aa, xx, zz", command=[sys.executable, "-c", _CRASHING])
    assert await speller.misspelled(["aa", "xx", "zz"]) == {"xx"}
    pid = speller.pid
    assert await speller.misspelled(["qq"]) == {"qq"}
    assert speller.pid == pid


async def test_nothing_is_misspelled_while_the_child_crashes_or_cannot_start(make: Make, tmp_path: Path) -> None:
    put(tmp_path, "aa", "aa")
    speller = make("aa", command=[sys.executable, "-c", _CRASHING])
    for _ in range(3):
        assert await speller.misspelled(["crash", "wrld"]) == set()
    assert await speller.misspelled(["wrld"]) == set(), "after three failures, it is not started any more"
    assert await make("aa", command=[str(tmp_path / "none")]).misspelled(["wrld"]) == set()
    assert await make("aa", command=[str(tmp_path / "none")]).suggestions("wrld") == ()


def test_the_child_is_started_by_the_switch_it_names() -> None:
    assert SWITCH == SPELLING_SWITCH
