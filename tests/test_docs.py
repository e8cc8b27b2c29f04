"""The documentation holds together: links, tables, commands, codes, pictures, and the words of the window."""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from desktop import errors
from desktop.presets.preset_files import from_toml
from desktop.settings.settings_file import parse
from desktop.terminal.arguments import parser
from tests.syntax_trees import statements

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
GUIDE = DOCS / "guide"
OUTSIDE = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "DECISIONS.md")]
PAGES = [*OUTSIDE, *sorted(DOCS.rglob("*.md"))]

EXAMPLES = ("localhost", "127.0.0.1", "example.com", "contoso.com", "contoso.onmicrosoft.com")
"""Hosts that stand for somebody's own."""

REAL = (
    *("ai.azure.com", "azure.com", "azure.us", "azure.cn", "microsoftonline.com", "microsoftonline.us"),
    *("openai.azure.com", "services.ai.azure.com", "anthropic.com", "github.com", "apache.org"),
)
"""Hosts of others that are there, or end so."""

BUDGET = 1_200_000
"""Bytes of all pictures."""


def load(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    return load("documentation", "packaging/docs.py")


def tool(*words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(ROOT / "packaging" / "docs.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=200)


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    """All of a page's tokens, those within paragraphs too."""
    found = MarkdownIt().enable("table").parse(page.read_text("utf-8"))
    return tuple(each for token in found for each in (token, *(token.children or ())))


def addresses(page: Path) -> Iterator[str]:
    for token in tokens(page):
        for name in ("href", "src"):
            if isinstance(value := token.attrs.get(name), str):
                yield value


def anchors(page: Path) -> set[str]:
    """The places of a page, named as Git hosts and the site name them."""
    parsed = MarkdownIt().parse(page.read_text("utf-8"))
    titles = (parsed[at + 1].children or [] for at, token in enumerate(parsed) if token.type == "heading_open")
    texts = ("".join(each.content for each in title) for title in titles)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


def test_no_page_has_the_name_of_one_that_the_site_makes_itself() -> None:
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert "searching" in pages
    assert pages.isdisjoint({"search", "genindex"})


@pytest.mark.long
def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = tool("--out", str(tmp_path / "site"))
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "site" / "guide" / "first-steps.html").is_file()


def test_what_leads_nowhere_or_loads_from_elsewhere_is_found(docs: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "there.html").write_text('<h1 id="place">There</h1>')
    (tmp_path / "page.html").write_text(
        '<script src="https://cdn.example/a.js"></script><img src="gone.png">'
        '<a href="there.html#place">good</a><a href="there.html#other">bad</a><a href="https://example.com/">good</a>'
        '<a href="http://example.com/">bad</a>'
    )
    (tmp_path / "style.css").write_text('@import "//fonts.example/a.css"; a { background: url(here.png) }')
    assert sorted(docs.check(tmp_path)) == [
        "page.html loads https://cdn.example/a.js from elsewhere",
        "page.html: gone.png leads nowhere",
        "page.html: http://example.com/ is no good address",
        "page.html: there.html#other leads to no place of that page",
        "style.css loads //fonts.example/a.css from elsewhere",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_pages_links_lead_somewhere_on_a_git_host_too(page: Path) -> None:
    for address in addresses(page):
        parts = urlsplit(address)
        if parts.scheme:
            assert parts.scheme == "https", address
            continue
        target = (page.parent / parts.path).resolve() if parts.path else page
        assert target.is_file(), address
        assert target.is_relative_to(ROOT), address
        assert not parts.fragment or parts.fragment in anchors(target), address


def test_every_page_is_in_the_site(docs: ModuleType) -> None:
    listed = set(re.findall(r"^[a-z/-]+$", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE))
    assert listed == {page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.md")} - {"index"}


def test_keys_settings_and_rooms_in_the_pages_are_those_of_the_source() -> None:
    done = tool("tables", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_the_map_says_is_in_a_file_is_there() -> None:
    table = (DOCS / "contributing.md").read_text("utf-8").partition("## Where to look")[2].partition("\n## ")[0]
    named = re.findall(r"`([A-Za-z_.]+)` in `([a-z_/]+\.py)`", table)
    assert len(named) > 8
    for name, file in named:
        *owner, last = name.split(".")
        source = (ROOT / file).read_text("utf-8")
        assert re.search(rf"^\s*(?:async )?(?:def|class) {last}\b", source, re.MULTILINE), f"{name} in {file}"
        assert all(re.search(rf"^class {each}\b", source, re.MULTILINE) for each in owner), f"{name} in {file}"


def commands(command: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each command with each of its long options, and with none."""
    yield words, ""
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = cast("argparse._SubParsersAction[argparse.ArgumentParser]", action)
            for name, each in below.choices.items():
                yield from commands(each, (*words, name))
        for option in action.option_strings:
            if option.startswith("--"):
                yield words, option


def test_the_terminals_page_has_every_command_with_an_example_and_every_option() -> None:
    page = (GUIDE / "terminal.md").read_text("utf-8")
    for words, option in commands(parser("0")):
        name = " ".join(words)
        if option:
            assert f"{option} " in page or f"{option}`" in page or f"{option}\n" in page, f"{name} {option}"
        elif words and words not in {("connections",), ("conversations",), ("storage",)}:
            assert f"paragone {name}" in page, name


EXAMPLE = re.compile(r"^ {4}(?:.*\| )?(paragone(?: .*)?)$", re.MULTILINE)


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_relative_to(DOCS)], ids=lambda page: page.name)
def test_what_a_page_says_to_type_is_understood(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in EXAMPLE.findall(page.read_text("utf-8")):
        words = shlex.split(line)[1:]
        if words in ([], ["--version"], ["--selftest"]):
            continue
        try:
            parser("0").parse_args(words)
        except SystemExit:
            pytest.fail(f"{line}: {capsys.readouterr().err}")


def test_the_examples_of_files_are_taken_whole() -> None:
    (preset,) = re.findall(r"```toml\n(.*?)```", (GUIDE / "presets.md").read_text("utf-8"), re.DOTALL)
    found = from_toml(preset)
    assert (len(found.presets), found.notices) == (1, ())
    (settings,) = re.findall(r"```toml\n(.*?)```", (GUIDE / "settings.md").read_text("utf-8"), re.DOTALL)
    loaded = parse(tomllib.loads(re.sub(r"(?m)^# ", "", settings)), "the example")
    assert (len(loaded.settings.connections), loaded.notices) == (1, ())


def test_every_error_that_has_a_cure_is_explained_by_its_code() -> None:
    page = (GUIDE / "troubleshooting.md").read_text("utf-8")
    kinds = [getattr(errors, name) for name in errors.__all__]
    assert [each.code for each in kinds if each.hint_default and f"`{each.code}`" not in page] == []


def test_codes_on_the_page_are_those_of_errors() -> None:
    page = (GUIDE / "troubleshooting.md").read_text("utf-8")
    named = {
        code for row in re.findall(r"^\|.*?\|(.*?)\|", page, re.MULTILINE) for code in re.findall(r"`([a-z_]+)`", row)
    }
    assert named - {getattr(errors, name).code for name in errors.__all__} == set()


def test_words_in_bold_are_those_of_the_window() -> None:
    translations = load("translations_of_docs", "packaging/translations.py")
    known = {text for each in translations.sentences() for text in (each.source, each.one)} | {"⋯"}
    unknown: list[str] = []
    for page in [*sorted(GUIDE.glob("*.md")), DOCS / "administration" / "networks.md"]:
        found = tokens(page)
        bold = [found[at + 1].content for at, token in enumerate(found) if token.type == "strong_open"]
        unknown += [f"{page.name}: {text}" for each in bold for text in each.split(" › ") if text not in known]
    assert unknown == []


def test_policies_that_pages_name_are_there() -> None:
    declared = set(re.findall(r"^### (\w+)$", (DOCS / "policies.md").read_text("utf-8"), re.MULTILINE))
    for page in DOCS.rglob("*.md"):
        for name in re.findall(r"\[(\w+)\]\([./]*policies\.md#", page.read_text("utf-8")):
            assert name in declared, f"{page.name}: {name}"


def test_make_knows_every_target_that_a_page_names() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        for name in re.findall(r"(?:`|^ {4})make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE):
            assert name in targets, f"{page.name}: make {name}"


def test_scripts_and_folders_that_pages_name_are_there() -> None:
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for name in re.findall(r"\b(?:packaging|resources|desktop|ui|tests)/[\w/.-]*\w", page.read_text("utf-8")):
            path = name.replace("CODE", "de")
            assert (ROOT / path).exists() or "*" in name, f"{page.name}: {name}"


def test_no_page_names_a_host_that_is_nobodys() -> None:
    ending = re.compile(rf"(?:^|[.])(?:{'|'.join(map(re.escape, (*EXAMPLES, *REAL)))})$")
    for page in PAGES:
        for host in re.findall(r"https?://([^\s/`\"'|)>\]:,;]+)", page.read_text("utf-8")):
            if "." in host or host == "localhost":
                assert ending.search(host.rpartition("@")[2].lower().rstrip(".")), f"{page.name}: {host}"


def test_each_picture_is_used_small_and_drawn_by_the_tool(docs: ModuleType) -> None:
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    shown = {Path(address).stem for page in PAGES for address in addresses(page) if address.endswith(".png")}
    assert {path.stem for path in pictures} == shown == set(docs.CUTS)
    sizes = [path.stat().st_size for path in pictures]
    assert max(sizes) < 200_000
    assert sum(sizes) < BUDGET
    widths = [int.from_bytes(path.read_bytes()[16:20]) for path in pictures]
    assert max(widths) <= docs.WIDEST


PATHS = ("A prompt", "A token", "A setting", "An API key")


@pytest.mark.parametrize("path", PATHS)
def test_the_paths_through_the_code_are_those_of_its_imports(path: str) -> None:
    text = (DOCS / "contributing.md").read_text("utf-8").partition(f"### {path}\n")[2].partition("\n#")[0]
    files = re.findall(r"^- `([^`]+)`: .+\.$", text, re.MULTILINE)
    assert len(files) == text.count("\n- ") > 8
    taken = {file: imported(ROOT / file) for file in files}
    named = {file: file.removesuffix(".py").replace("/", ".") for file in files}
    for at, file in enumerate(files[1:], start=1):
        above = files[:at]
        assert any(named[each] in taken[file] or named[file] in taken[each] for each in above), file


def imported(path: Path) -> set[str]:
    """What a module imports, anywhere in it."""
    found: set[str] = set()
    for node in statements(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def test_the_map_names_every_module_with_its_sentence() -> None:
    lines = tool("map").stdout.splitlines()
    modules = [path for room in ("desktop", "ui") for path in (ROOT / room).rglob("*.py")]
    assert len(lines) == len(modules) > 400
    assert [line for line in lines if not re.fullmatch(r" *[a-z_0-9/]+(\.py)?: .{10,}", line)] == []
