from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QFont, QImage, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication

from desktop.markdown.blocks import Block, BlockKind
from desktop.markdown.splitter import Splitter
from desktop.markdown.text_segments import blocks
from tests.desktop.markdown.splitting import cut
from tests.desktop.markdown.test_splitter import ANSWER, TEXTS
from tests.examples import examples
from tests.ui.transcript.inks import AtOnce
from ui.base.theme import Theme
from ui.transcript.text.document_writer import DocumentWriter
from ui.transcript.text.look import Look

Place = tuple[str, str]
"""What is at a place of a document, and how it looks."""


@pytest.fixture
def writer(qapp: QApplication) -> DocumentWriter:
    return DocumentWriter(Look.of(Theme.load("light"), QFont(qapp.font())), drawings=AtOnce())


def written(writer: DocumentWriter, text: str) -> QTextDocument:
    return writer.document(blocks(text)[0])


def shown(document: QTextDocument) -> str:
    return document.toPlainText()


def looks(document: QTextDocument) -> list[Place]:
    """All that is in a document, place by place."""
    found: list[Place] = []
    block = document.begin()
    while block.isValid():
        form = block.blockFormat()
        stands = (form.leftMargin(), form.topMargin(), form.textIndent(), form.layoutDirection(), form.lineHeight())
        found.append(("", repr(stands)))
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            char = fragment.charFormat()
            font = char.font()
            colours = (char.foreground().color().name(), char.background().color().name())
            face = (font.family(), font.pixelSize(), font.weight(), font.italic(), font.strikeOut())
            found.append((fragment.text(), repr((face, colours, char.anchorHref(), char.isImageFormat()))))
            iterator += 1
        block = block.next()
    return found


def changes_of(document: QTextDocument) -> list[tuple[int, int, int]]:
    """Where a document changes from now on: place, characters removed, characters added."""
    assert document.size().height() > 0  # it tells of changes once it is laid out
    changes: list[tuple[int, int, int]] = []

    def changed(at: int, removed: int, added: int) -> None:
        changes.append((at, removed, added))

    document.contentsChange.connect(changed)
    return changes


def format_of(document: QTextDocument, word: str) -> QTextCharFormat:
    cursor = document.find(word)
    assert not cursor.isNull(), word
    return cursor.charFormat()


def test_an_open_block_grows_in_its_document_to_what_it_is_when_written_whole(writer: DocumentWriter) -> None:
    splitter = Splitter()
    document: QTextDocument | None = None
    old: Block | None = None
    kept = 0
    for piece in cut(ANSWER, 3):
        update = splitter.feed(piece)
        for block in (*update.closed, *update.open):
            if document is not None and old is not None and old.open and writer.update(document, old, block):
                kept += 1
            else:
                document = writer.document(block)
            old = block
            assert looks(document) == looks(writer.document(block)), block
            if not block.open:
                document = None
    assert kept > 60


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS)
def test_a_document_is_brought_from_any_block_to_any_other(writer: DocumentWriter, before: str, after: str) -> None:
    for old, new in zip(blocks(before), blocks(after), strict=False):
        document = writer.document(old)
        if writer.update(document, old, new):
            assert looks(document) == looks(writer.document(new))


def test_only_what_follows_the_difference_is_touched(writer: DocumentWriter) -> None:
    old, new = blocks("A *long* paragraph of wor")[0], blocks("A *long* paragraph of words, and")[0]
    document = writer.document(old)
    changes = changes_of(document)
    assert writer.update(document, old, new)
    assert changes == [(23, 0, 7)]


def test_links_carry_their_address_and_images_are_links(writer: DocumentWriter) -> None:
    document = written(writer, "[docs](https://x.org/a), ![a view](https://x.org/v.png) and https://y.org")
    assert shown(document) == "docs, a view and https://y.org"
    hrefs = [format_of(document, word).anchorHref() for word in ("docs", "a view", "https")]
    assert hrefs == ["https://x.org/a", "https://x.org/v.png", "https://y.org"]


@pytest.mark.parametrize(
    "text",
    [
        *('<img src="file:///etc/passwd">', "![x](file:///etc/passwd)", "![x][r]\n\n[r]: //host/share", "<b>bold</b>"),
        *("![x](data:image/png;base64,AAAA)", "<script>alert(1)</script>", "[x](javascript:alert(1))", "&lt;img&gt;"),
    ],
)
def test_markup_in_an_answer_is_text_and_loads_nothing(writer: DocumentWriter, text: str) -> None:
    document = writer.document(blocks(text)[0])
    assert not any(look.endswith("True)") or "javascript" in look for _, look in looks(document))


def test_lists_show_bullets_numbers_and_boxes(writer: DocumentWriter) -> None:
    document = written(writer, "3. three\n4. four\n   - [x] done\n   - [ ] open\n   - plain\n")
    assert shown(document) == "3.\tthree\n4.\tfour\n☑\tdone\n☐\topen\n•\tplain"
    lefts = [document.findBlockByNumber(number).blockFormat().leftMargin() for number in range(5)]
    assert lefts[0] == lefts[1] < lefts[2] == lefts[4]


def test_a_table_in_a_list_is_lines_with_bars(writer: DocumentWriter) -> None:
    assert shown(written(writer, "- | a | b |\n  |---|---|\n  | 1 | 2 |\n")) == "•\ta  │  b\n1  │  2"


def test_a_quotes_frame_takes_no_place_of_its_own_while_it_grows(writer: DocumentWriter) -> None:
    old, new = blocks("> one\n>\n> tw")[0], blocks("> one\n>\n> two\n> - a")[0]
    document = writer.document(old)
    assert writer.update(document, old, new)
    assert shown(document).strip() == "one\ntwo\n•\ta"


def test_a_table_has_its_cells_and_freezes_its_widths(writer: DocumentWriter) -> None:
    text = "| a | wide column |\n|---|--:|\n" + "| 1 | 2 |\n" * 60
    first, second = blocks(text)
    document = writer.document(first)
    document.setTextWidth(400)
    widths = writer.column_widths(document)
    assert widths[1] > widths[0] > 5
    following = writer.document(second, widths)
    following.setTextWidth(400)
    assert writer.column_widths(following) == pytest.approx(widths, abs=1)
    assert shown(following).split() == ["1", "2"] * 20


def test_paragraphs_run_in_their_own_direction(writer: DocumentWriter) -> None:
    document = written(writer, "- שלום world\n- hello עולם\n")
    directions = [document.findBlockByNumber(number).textDirection() for number in (0, 1)]
    assert directions == [Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight]


@pytest.mark.parametrize("text", ["`a\u202eb`", "```\na\u202eb\n```", "- x\n\n  ```\n  a\u202eb\n  ```"])
def test_what_turns_code_around_is_made_visible(writer: DocumentWriter, text: str) -> None:
    assert "a⟦RLO⟧b" in shown(written(writer, text))


@pytest.mark.parametrize("text", ["`a\u202eb`", "```\na\u202eb\n```", "```python\nx = 'a\u202eb'\n```"])
def test_what_is_made_visible_has_the_colour_of_what_is_bad(writer: DocumentWriter, text: str) -> None:
    document = written(writer, text)
    bad = QColor(Theme.load("light").bad).name()
    found: list[tuple[str, str]] = []
    iterator = document.begin().begin()
    while not iterator.atEnd():
        found.append((iterator.fragment().text(), iterator.fragment().charFormat().foreground().color().name()))
        iterator += 1
    assert ("⟦RLO⟧", bad) in found
    assert [text for text, colour in found if colour == bad] == ["⟦RLO⟧"]


def test_emoji_in_code_stay_whole(writer: DocumentWriter) -> None:
    assert shown(written(writer, "`👩\u200d👧 a\u200db`")) == "👩\u200d👧 a⟦ZWJ⟧b"


def test_what_no_document_can_hold_is_shown_as_unknown(writer: DocumentWriter) -> None:
    document = written(writer, "a\ud800b\ufdd0c\u2029d\0e")
    assert shown(document) == "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert document.blockCount() == 1


def test_a_formula_is_a_picture_and_its_source_where_it_cannot_be_drawn(writer: DocumentWriter) -> None:
    document = written(writer, "The $x^2$ and $\\frac{a}$ here")
    assert shown(document) == "The \ufffc and $\\frac{a}$ here"
    cursor = QTextCursor(document)
    cursor.setPosition(5)
    name = cursor.charFormat().toImageFormat().name()
    image = document.resource(QTextDocument.ResourceType.ImageResource.value, QUrl(name))
    assert isinstance(image, QImage)
    assert not image.isNull()


def test_a_formula_counts_as_one_place_when_its_paragraph_grows(writer: DocumentWriter) -> None:
    old, new = blocks("A $x^2$ 👍 b")[0], blocks("A $x^2$ 👍 bc **d**")[0]
    document = writer.document(old)
    assert writer.update(document, old, new)
    assert looks(document) == looks(writer.document(new))


def test_code_grows_by_lines_and_only_its_open_line_is_written_again(writer: DocumentWriter) -> None:
    splitter = Splitter()
    splitter.feed("```python\n")
    old = splitter.feed("a = 1\nb").open[0]
    document = writer.document(old)
    changes = changes_of(document)
    new = splitter.feed(" = 2\ndef f").open[0]
    assert writer.update(document, old, new)
    assert shown(document) == "a = 1\nb = 2\ndef f"
    assert min(at for at, _, _ in changes) >= 6
    closed = splitter.feed("():\n```\n").closed[0]
    assert writer.update(document, new, closed)
    assert looks(document) == looks(writer.document(closed))


def test_at_a_fences_end_what_lines_alone_could_not_tell_is_corrected(writer: DocumentWriter) -> None:
    splitter = Splitter()
    splitter.feed("```go\n")
    old = splitter.feed("x := `a\n").open[0]
    document = writer.document(old)
    new = splitter.feed("b`\n```\n").closed[0]
    assert writer.update(document, old, new)
    assert [text for text, _ in looks(document)] == ["", "x := ", "`a", "", "b`"]
    assert shown(document) == "x := `a\nb`"


def test_code_in_a_list_has_its_words_told_apart_once_the_list_is_closed(writer: DocumentWriter) -> None:
    splitter = Splitter()
    old = splitter.feed("- x\n  ```python\n  def f(): pass\n  ```\n").open[0]
    document = writer.document(old)
    assert "def f(): pass" in [text for text, _ in looks(document)]
    (new,) = splitter.finish().closed
    assert writer.update(document, old, new)
    assert "def" in [text for text, _ in looks(document)]
    assert looks(document) == looks(writer.document(new))


def test_another_kind_of_block_asks_for_another_document(writer: DocumentWriter) -> None:
    old, new = blocks("Text")[0], blocks("# Text")[0]
    assert not writer.update(writer.document(old), old, new)
    assert old.kind is BlockKind.PARAGRAPH
