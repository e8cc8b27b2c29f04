"""Collect the window's sentences into resources/i18n/*.ts, and compile these files for Qt.

    python packaging/translations.py update     add new sentences to each language's file, remove unused ones
    python packaging/translations.py check      fail if a language's file is incomplete; release builds begin with this
    python packaging/translations.py compile    compile the .qm files that the window loads; quick, part of the setup

Sentences are the literal first arguments of tr, trn, phrase and counted, which Qt's lupdate does not know.
"""

from __future__ import annotations

import ast
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "i18n"
CONTEXT = "Paragone"
ONE, MANY = {"tr", "phrase"}, {"trn", "counted"}

FORMS = {"de": 2, "ar": 6}
"""Languages and their number of plural forms in Qt."""

CURE = "Run `.venv/bin/python packaging/translations.py update`, then translate what is marked as unfinished."


@dataclass(frozen=True, order=True)
class Sentence:
    """A translatable sentence: its key, whether it has plural forms, and the singular form."""

    source: str
    counts: bool = False
    one: str = ""


def sentences_of(path: Path) -> Iterator[Sentence]:
    """Yield the sentences in a module.

    Raises:
        SystemExit: If a first argument is neither a literal nor a name.
    """
    written = path.read_text(encoding="utf-8")
    if not any(f"{name}(" in written for name in ONE | MANY):
        return  # most modules have no sentences, and parsing takes 10 ms each
    for node in ast.walk(ast.parse(written)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if node.func.id in MANY and len(texts) == len(node.args[:2]) == 2:
            yield Sentence(texts[1], counts=True, one=texts[0])
        elif node.func.id in ONE and isinstance(node.args[0], ast.Constant) and texts and texts[0]:
            yield Sentence(texts[0])
        elif isinstance(node.args[0], (ast.JoinedStr, ast.BinOp)) and node.func.id in ONE | MANY:
            sys.exit(f"{path}:{node.lineno}: {node.func.id}() needs a literal, its values by name")


def sentences() -> list[Sentence]:
    """Return all sentences in Paragone, sorted."""
    used = {
        sentence
        for folder in ("desktop", "ui")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "phrases.py"
        for sentence in sentences_of(path)
    }
    return sorted(used | preset_sentences())


def preset_sentences() -> set[Sentence]:
    """Return the translatable sentences in the bundled presets. Their prompts remain English."""
    presets = tomllib.loads((ROOT / "resources" / "presets.toml").read_text(encoding="utf-8"))["presets"]
    labels = [variable.get("label", "") for preset in presets for variable in preset.get("variables", ())]
    texts = [preset.get(name, "") for preset in presets for name in ("title", "description")]
    return {Sentence(text) for text in (*texts, *labels) if text}


def gap(language: str) -> str:
    """Return what is missing in a language's file and how to add it, or an empty string if it is complete.

    `make test` warns with this text, and the release build fails with it. Until then, the window shows English.
    """
    path, wanted = file_of(language), sentences()
    known = read(path)
    missing = [each.source for each in wanted if not is_complete(each, language, known)]
    unused = known.keys() - {each.source for each in wanted}
    if not missing and not unused:
        return ""
    counts = f"{len(missing)} sentences without a translation, {len(unused)} no longer used"
    example = f" (“{(missing or sorted(unused))[0]}”)"
    return f"{path.relative_to(ROOT).as_posix()}: {counts}{example}. {CURE}"


def file_of(language: str) -> Path:
    """Return the path of a language's file."""
    return FOLDER / f"paragone_{language}.ts"


def is_complete(sentence: Sentence, language: str, known: dict[str, list[str]]) -> bool:
    """Whether a sentence is translated in all forms that the language needs."""
    forms = known.get(sentence.source, [])
    return len(forms) == (FORMS[language] if sentence.counts else 1) and all(form.strip() for form in forms)


def read(path: Path) -> dict[str, list[str]]:
    """Return the translations in a language's file by source sentence, with all plural forms."""
    if not path.exists():
        return {}
    translations: dict[str, list[str]] = {}
    for message in ET.parse(path).iter("message"):
        translation = message.find("translation")
        if translation is not None and translation.get("type") != "unfinished":
            forms = [form.text or "" for form in translation.iter("numerusform")]
            translations[message.findtext("source", "")] = forms or [translation.text or ""]
    return translations


def write(path: Path, language: str, known: dict[str, list[str]]) -> int:
    """Write a language's file, and return the number of untranslated sentences."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    missing = 0
    for sentence in sentences():
        message = ET.SubElement(context, "message", {"numerus": "yes"} if sentence.counts else {})
        ET.SubElement(message, "source").text = sentence.source
        translation = ET.SubElement(message, "translation")
        forms = known[sentence.source] if is_complete(sentence, language, known) else None
        if forms is None:
            missing += 1
            translation.set("type", "unfinished")
        if sentence.counts:
            for form in forms or [""] * FORMS[language]:
                ET.SubElement(translation, "numerusform").text = form
        elif forms is not None:
            translation.text = forms[0]
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{text}\n', encoding="utf-8")
    return missing


def update() -> None:
    """Update the files of all languages."""
    FOLDER.mkdir(exist_ok=True)
    for language in FORMS:
        path = file_of(language)
        missing = write(path, language, read(path))
        print(f"{path.relative_to(ROOT)}: {missing} of {len(sentences())} sentences have no translation")


def compile_all() -> None:
    """Compile outdated translation files."""
    import subprocess

    import PySide6

    tool = Path(PySide6.__file__).parent / ("lrelease.exe" if sys.platform == "win32" else "lrelease")
    for source in sorted(FOLDER.glob("*.ts")):
        made = source.with_suffix(".qm")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([str(tool), "-silent", str(source), "-qm", str(made)], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["update"]:
            update()
        case ["check"]:
            sys.exit("\n".join(filter(None, map(gap, FORMS))) or None)
        case ["compile"]:
            compile_all()
        case _:
            sys.exit(__doc__)
