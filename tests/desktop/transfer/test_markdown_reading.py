"""Parsers of Markdown files and HTML pages: any text is read, in linear time, and imported once."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import TransferError
from desktop.store.store import Store
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.html_markdown import markdown_of
from desktop.transfer.formats.markdown_pages import MOST_LINES, front_matter, texts_of
from desktop.transfer.formats.markdown_turns import outline, page_lines, passages_of, speaker_of
from desktop.transfer.formats.written_times import written_time
from desktop.transfer.import_report import ItemState
from desktop.transfer.importer import Importer
from tests.cpu_time import assert_growth, within
from tests.desktop.transfer.made import AT
from tests.examples import alike

ODD = st.text(alphabet="#*_>-`:|<>!=[]()/&;\"'\\~ \n\tabU1👤🤖é空\u202e\0", max_size=80)


@given(ODD)
def test_any_text_is_read(text: str) -> None:
    lines = page_lines(text)
    front_matter(lines)
    outline(lines)
    passages_of(lines, answered=True)
    speaker_of(text)
    written_time(text)
    assert "<b>" not in markdown_of(f"<b>{text}</b>").said
    for page in (text, f"## User\n\n{text}\n\n## Assistant\n\n{text}", f"---\ntitle: {text}\n---\n\n**User**: {text}"):
        try:
            source = detect("x.md", page.encode("utf-8", "surrogatepass"))
        except TransferError:
            continue
        for place in range(source.count):
            source.format.drafts(source.read(place), AT)


@pytest.mark.parametrize(
    ("head", "properties", "end"),
    [
        ("---\na: b\n---\nx", {"a": "b"}, 3),
        ("--- \nA: 'it''s'\nb: \"x\\n\\u00e9\\q\"\n...\nx", {"a": "it's", "b": "x\né\\q"}, 4),
        ("---\na: [x, \"y, z\", 'w']\nb:\n- 1\n-  two # three\n---", {"a": ("x", "y, z", "w"), "b": ("1", "two")}, 6),
        ("---\na: |\n  x\n   y\n\n  z\nb: >-\n  one\n  two\n---", {"a": "x\n y\n\nz", "b": "one two"}, 10),
        ("---\na: null\nb: # nothing\nc: one # two\n---", {"a": "", "b": "", "c": "one"}, 5),
        ("---\na: b: c\nd: {e: f}\ng: long\n  line\n---", {"a": "b: c", "d": "{e: f}", "g": "long line"}, 6),
        ("---\na:\n  b: c\n---", {"a": ()}, 4),
        ("---\nfile: x\n---\n---\ntitle: y\n---\nz", {"file": "x", "title": "y"}, 6),
        (
            "---\na: !!python/object:os.system x\nb: &x [*x]\n---",
            {"a": "!!python/object:os.system x", "b": "&x [*x]"},
            4,
        ),
        ("---\nnot one\n---", {}, 0),
        ("---\na: b", {}, 0),
        ("x\n---\na: b\n---", {}, 0),
        ("---\n---\nx", {}, 2),
    ],
)
def test_properties_are_a_part_of_yaml(head: str, properties: dict[str, object], end: int) -> None:
    assert front_matter(head.split("\n")) == (properties, end)


def test_a_property_has_texts() -> None:
    assert [texts_of(each) for each in (None, "a", ("a", "b"))] == [(), ("a",), ("a", "b")]


HEAVY = (
    "## User\n## Assistant\n",
    "## User\n\n## 1. x\n\n",
    "**User**: x\n\n## 1. x\n\n**ai**: y\n\n",
    "> [!user]\n> x\n\n> [!ai]\n> y\n\n",
    "> > - ",
    "- a\n  - b\n",
    "[a]: b\n",
    "<details><summary>Thought",
    "<!--",
    "---\na: b\n",
    "a: [",
    "\\",
    "```\n",
    "# x\n\na/b · 2026-11-24 12:00 UTC\n\n## You\n\nx\n\n",
    "### 1 · a\n\n",
)


@pytest.mark.parametrize("piece", alike(3, HEAVY))
@pytest.mark.parametrize(
    "head",
    alike(
        2,
        [
            "## User\n\nx\n\n## Assistant\n\n",
            "",
            "---\nt: x\n---\n",
            "# T\n\n## Summary\n\n## Settings\n\n",
            "## 1. a\n\n**user**: x\n\n",
        ],
    ),
)
def test_files_that_are_made_to_be_slow_are_not(head: str, piece: str) -> None:
    def read(times: int) -> None:
        page = (head + piece * times).encode()
        try:
            source = detect("x.md", page)
            for place in range(min(source.count, 500)):
                source.format.drafts(source.read(place), AT)
        except TransferError:
            pass

    assert_growth(read, 500, 2_000, at_most=8)


HTML = (
    "<a href='",
    "<ul><li>",
    "<!--",
    "<pre>",
    "<",
    "<a",
    "<blockquote>",
    "<table><tr><td>",
    "<a>",
    "</h1>",
    "<td>",
    "&#",
    "<b>x",
)


@pytest.mark.parametrize("piece", alike(6, HTML))
def test_html_is_written_in_linear_time(piece: str) -> None:
    for attempt in within(3):
        with attempt:
            markdown_of(piece * 50_000)


def test_what_stands_within_lists_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        assert outline(["- a"] * 2_000 + ["", "# b"]).headings == {2_001: 1}
        assert tracemalloc.get_traced_memory()[1] < 1_500_000
    finally:
        tracemalloc.stop()


def test_a_page_of_too_many_lines_is_a_sentence() -> None:
    with pytest.raises(TransferError, match="more than 500,000 lines"):
        detect("x.md", b"\n" * MOST_LINES)


def test_a_head_of_too_many_lines_is_no_head() -> None:
    lines = ["---", *(f"k{number}: &a [*a, *a]" for number in range(100_000)), "---"]
    assert front_matter(lines) == ({}, 0)


async def test_a_folder_of_notes_is_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"---\ntags: [x]\n---\n## User\n\n{name}?\n\n## Assistant\n\nso\n")
    (folder / "note.md").write_text("# none\n")
    async with await Store.open(tmp_path / "store") as store:
        for state in (ItemState.NEW, ItemState.HERE):
            importing = Importer(store, [folder], clock=lambda: AT)
            report = await importing.run()
            importing.close()
            assert [item.state for file in report.files for item in file.items] == [state] * 2
            left_out = "Files without conversations are left out (1)."
            undated = "Conversations without a date are assigned the import date (2 of 2)."
            assert [file.notice for file in report.files if file.notice] == [f"{left_out} {undated}"]
        kept = await store.conversations.list()
        assert sorted(each.title for each in kept) == ["one", "two"]
        assert {each.tags for each in kept} == {("x",)}
