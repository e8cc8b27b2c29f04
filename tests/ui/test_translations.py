"""The languages' files hold the sentences of the program, translated, with their placeholders."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "i18n"
LANGUAGES = {"de": 2, "ar": 6}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def tool(root: Path = ROOT) -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", root / "packaging" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["translations"] = made  # dataclasses look their module up
    spec.loader.exec_module(made)
    return made


def messages(code: str) -> list[ET.Element]:
    return list(ET.parse(FOLDER / f"paragone_{code}.ts").iter("message"))


def forms(message: ET.Element) -> list[str]:
    translation = message.find("translation")
    assert translation is not None
    return [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]


@pytest.mark.filterwarnings("default")  # shown at the end of the tests; only the release build fails
@pytest.mark.parametrize("code", LANGUAGES)
def test_sentences_without_a_translation_are_warned_of(code: str) -> None:
    if said := tool().gap(code):
        warnings.warn(said, stacklevel=1)


def test_an_incomplete_translation_fails_the_release_build_with_the_sentence_of_that_warning(tmp_path: Path) -> None:
    for name in ("packaging", "desktop", "ui", "resources/i18n"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("packaging/translations.py", "packaging/build.py", "resources/presets.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "ui" / "made.py").write_text('tr("Not translated")\n')
    command = [sys.executable, str(tmp_path / "packaging" / "build.py"), "--python", "none", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    made = tool(tmp_path)
    assert done.stderr.splitlines() == [made.gap("de"), made.gap("ar")]
    assert "`.venv/bin/python packaging/translations.py update`" in made.gap("de")
    made.update()
    assert made.gap("de").startswith("resources/i18n/paragone_de.ts: ")
    unfinished = made.file_of("de").read_text("utf-8")
    made.file_of("de").write_text(unfinished.replace(' type="unfinished" />', ">Übersetzt</translation>"), "utf-8")
    assert made.gap("de") == ""


@pytest.mark.parametrize("code", LANGUAGES)
def test_translations_have_the_placeholders_of_their_sources(code: str) -> None:
    wrong = list[str]()
    for each in messages(code):
        source = each.findtext("source", "")
        wanted = set(PLACEHOLDER.findall(source))
        free = {"n"} if each.get("numerus") == "yes" else set[str]()  # “one file” needs no number
        wrong += [form for form in forms(each) if form and set(PLACEHOLDER.findall(form)) | free != wanted | free]
    assert wrong == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_blanks_at_the_ends_and_titles_stay_as_they_are(code: str) -> None:
    wrong = list[str]()
    for each in messages(code):
        source = each.findtext("source", "")
        for form in filter(None, forms(each)):
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
