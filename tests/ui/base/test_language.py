"""The window's language: sentences, counts, direction, and back to English."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import PySide6
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

from desktop.errors import StoreFull
from desktop.text.phrases import counted, english, figure, phrase
from ui.base.language import Language
from ui.base.strings import day, decimal, sentence, tr, trn

GERMAN = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE TS><TS version="2.1" language="de" sourcelanguage="en">
<context><name>Paragone</name>
<message><source>Close {what}</source><translation>{what} schließen</translation></message>
<message><source>d MMM yyyy</source><translation>d. MMMM yyyy</translation></message>
<message><source>the pane</source><translation>den Bereich</translation></message>
<message><source>The disk is full.</source><translation>Die Platte ist voll.</translation></message>
<message numerus="yes"><source>{n} files</source><translation><numerusform>{n} Datei</numerusform>
<numerusform>{n} Dateien</numerusform></translation></message>
</context></TS>"""
ARABIC = GERMAN.replace('"de"', '"ar"').replace("{what} schließen", "إغلاق {what}")


@pytest.fixture
def language(qapp: QApplication, tmp_path: Path) -> Iterator[Language]:
    """German and Arabic are there."""
    release = Path(PySide6.__file__).parent / "lrelease"
    for code, text in (("de", GERMAN), ("ar", ARABIC)):
        source = tmp_path / f"paragone_{code}.ts"
        source.write_text(text, encoding="utf-8")
        subprocess.run([release, "-silent", source, "-qm", source.with_suffix(".qm")], check=True)
    made = Language(qapp, tmp_path)
    yield made
    made.leave()


def test_sentences_and_their_values_are_in_the_language(language: Language) -> None:
    language.use("de")
    assert tr("Close {what}", what="A") == "A schließen"
    assert tr(phrase("Close {what}", what=phrase("the pane"))) == "den Bereich schließen"
    assert tr("Not translated {x}", x=1) == "Not translated 1"


@pytest.mark.parametrize(("number", "said"), [(1, "1 Datei"), (0, "0 Dateien"), (1200, "1.200 Dateien")])
def test_counts_have_the_languages_forms_and_digits(language: Language, number: int, said: str) -> None:
    language.use("de")
    assert trn("{n} file", "{n} files", number) == said
    assert tr(counted("{n} file", "{n} files", number)) == said


def test_figures_of_the_core_have_the_languages_signs_wherever_they_stand(language: Language) -> None:
    shares = phrase("{low}–{high}", low=figure(-1234.5, 1), high=figure(81.25, 1))
    assert tr(shares) == shares == "−1,234.5–81.2"
    language.use("de")
    assert (tr(shares), tr(figure(1_000_000)), tr(figure(2.5, 1))) == ("−1.234,5–81,2", "1.000.000", "2,5")
    assert tr(figure(1e20)) == f"{10**20:,}"  # larger than Qt tells


def test_dates_and_decimals_are_the_languages(language: Language) -> None:
    assert (day(date(2026, 5, 1)), decimal(1.25, 1)) == ("1 May 2026", "1.3")
    language.use("de")
    assert (day(date(2026, 5, 1)), decimal(0.4, 1)) == ("1. Mai 2026", "0,4")
    language.use("ar")
    assert decimal(1200.5, 1).endswith("0.5")


def test_errors_of_the_core_are_said_in_the_language(language: Language) -> None:
    language.use("de")
    assert sentence(StoreFull(phrase("The disk is full."), hint=english("Ask Ann."))) == "Die Platte ist voll. Ask Ann."


def test_arabic_turns_the_window_around_and_leaving_turns_it_back(language: Language) -> None:
    language.use("ar")
    assert QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    assert tr("Close {what}", what="A") == "إغلاق A"
    language.leave()
    assert QApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight
    assert tr("Close {what}", what="A") == "Close A"
    assert trn("{n} file", "{n} files", 1) == "1 file"


def test_qts_own_words_are_translated_too(language: Language) -> None:
    language.use("de")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"


@pytest.mark.parametrize("wanted", ["fr", "", "../x"])
def test_a_language_that_is_not_there_is_english(language: Language, wanted: str) -> None:
    language.use(wanted)
    assert language.code == "en"
    assert tr("the pane") == "the pane"
