"""The languages' files hold every sentence of the program, translated, with its placeholders."""

from __future__ import annotations

import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "i18n"
LANGUAGES = {"de": 2, "ar": 6}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "packaging" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["translations"] = made  # dataclasses look their module up
    spec.loader.exec_module(made)
    return made


def messages(code: str) -> list[ET.Element]:
    return list(ET.parse(FOLDER / f"paragone_{code}.ts").iter("message"))


def forms(message: ET.Element) -> list[str]:
    translation = message.find("translation")
    assert translation is not None
    return [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_of_the_program_is_there_and_no_other(code: str) -> None:
    sources = {(each.findtext("source", ""), each.get("numerus") == "yes") for each in messages(code)}
    assert sources == {(each.source, each.counts) for each in tool().sentences()}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_is_translated_in_all_its_forms(code: str) -> None:
    missing = [each.findtext("source") for each in messages(code) if not all(form.strip() for form in forms(each))]
    assert missing == []
    counted = [each for each in messages(code) if each.get("numerus") == "yes"]
    assert {len(forms(each)) for each in counted} == {LANGUAGES[code]}
    assert [each.findtext("source") for each in messages(code) if "unfinished" in ET.tostring(each, "unicode")] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_translations_have_the_placeholders_of_their_sources(code: str) -> None:
    wrong = list[str]()
    for each in messages(code):
        source = each.findtext("source", "")
        wanted = set(PLACEHOLDER.findall(source))
        free = {"n"} if each.get("numerus") == "yes" else set[str]()  # “one file” needs no number
        wrong += [form for form in forms(each) if set(PLACEHOLDER.findall(form)) | free != wanted | free]
    assert wrong == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_blanks_at_the_ends_and_titles_stay_as_they_are(code: str) -> None:
    wrong = list[str]()
    for each in messages(code):
        source = each.findtext("source", "")
        for form in forms(each):
            blanks = (form[:1].isspace(), form[-1:].isspace()) == (source[:1].isspace(), source[-1:].isspace())
            if not blanks or (": {" in source and ": {" not in form):
                wrong.append(form)
    assert wrong == []


def test_sentences_are_literals_of_calls(tmp_path: Path) -> None:
    module = tmp_path / "made.py"
    module.write_text('tr("One {a}", a=1)\nphrase("Two")\ntrn("{n} cat", "{n} cats", 3)\nother("Three")\ntr(TITLE)\n')
    found = {(each.source, each.counts, each.one) for each in tool().sentences_of(module)}
    assert found == {("One {a}", False, ""), ("Two", False, ""), ("{n} cats", True, "{n} cat")}
    module.write_text('tr(f"One {a}")\n')
    with pytest.raises(SystemExit, match="needs a literal"):
        list(tool().sentences_of(module))
