from __future__ import annotations

import msgspec
import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation_types import FileLeftOut, Message, Problem, Status
from desktop.pages.html_text import rendered
from desktop.renderer.render_wire import FormulaReply, FormulaRequest, Request
from tests.desktop.markdown.splitting import cut
from tests.ui.transcript.inks import AtOnce
from tests.ui.transcript.makers import answer, prompt
from ui.base.theme import Theme
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.long_text import MOST_BLOCKS
from ui.transcript.message.row import Row
from ui.transcript.message.row_slabs import PIECE, pieces
from ui.transcript.message.segment_builder import SegmentBuilder
from ui.transcript.message.segments import CodeSegment, TableSegment
from ui.transcript.message.slabs import PlainSlab
from ui.transcript.text.drawings import Wish
from ui.transcript.text.look import Look
from ui.transcript.text.paragraphs import paragraphs

CODE = "```python\n" + "".join(f"a_{n} = {n}\n" for n in range(250)) + "```\n"


@pytest.fixture
def builder(qapp: QApplication) -> SegmentBuilder:
    return SegmentBuilder(Look.of(Theme.load("light"), QFont(qapp.font())), drawings=AtOnce())


def row_of(builder: SegmentBuilder, message: Message, *, live: bool = False) -> Row:
    return Row(message, "somebody", builder, live=live)


def grown(builder: SegmentBuilder, text: str, size: int = 30) -> Row:
    """A live row that grew by pieces and ended."""
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    for piece in cut(text, size):
        row.grow(piece, "")
    row.become(answer(text))
    return row


def bodies(row: Row) -> list[BodySlab]:
    return [slab for slab in row.parts.body if isinstance(slab, BodySlab)]


def drop(row: Row) -> None:
    for slab in row.slabs:
        slab.drop()


def segments_of(row: Row) -> list[str]:
    return [segment.text for slab in row.parts.body for segment in slab.segments]


def test_a_growing_answer_goes_on_in_another_slab_when_one_is_full(builder: SegmentBuilder) -> None:
    row = grown(builder, "word\n\n" * 60)
    assert [len(slab.segments) for slab in bodies(row)] == [MOST_BLOCKS, MOST_BLOCKS, 12]
    assert [slab.start for slab in bodies(row)] == [0, 24 * 6 - 1, 48 * 6 - 1]


@pytest.mark.parametrize("text", ["word\n\n" * 60, CODE, "- item\n" * 300, "| a |\n|---|\n" + "| b |\n" * 200])
def test_what_grew_reads_as_what_is_stored(builder: SegmentBuilder, text: str) -> None:
    stored = row_of(builder, answer(text))
    while stored.slabs and stored.parts.rest:
        stored.parts.unroll(1)
    assert segments_of(grown(builder, text)) == segments_of(stored)


def test_a_definition_that_comes_late_draws_the_answer_anew(builder: SegmentBuilder) -> None:
    row = grown(builder, "See [docs].\n\nMore.\n\n[docs]: https://example.org\n")
    first = row.parts.body[0].segments[0]
    assert first.text == "See docs."
    assert first.laid.document.find("docs").charFormat().anchorHref() == "https://example.org"


def test_a_definition_that_no_link_is_made_from_is_read_while_it_grows_and_when_it_is_stored(
    builder: SegmentBuilder,
) -> None:
    text = "`x[1]`\n\n- [1]: https://a.example\n\n[2]: https://b.example\n\n[3]: https://c.example\n\nSee [3].\n"
    for row in (grown(builder, text), row_of(builder, answer(text))):
        said = [segment.text for slab in bodies(row) for segment in slab.segments]
        assert [line.replace("\t", " ") for line in said if line] == [
            *("x[1]", "• [1]: https://a.example", "[2]: https://b.example", "See [3].")
        ]


def test_without_one_what_is_laid_out_stays(builder: SegmentBuilder) -> None:
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    row.grow("One.\n\nTwo.", "")
    kept = row.parts.body[0].segments[0]
    row.become(answer("One.\n\nTwo."))
    assert row.parts.body[0].segments[0] is kept


def test_an_end_that_was_not_drawn_yet_is_laid_out_below_what_is(builder: SegmentBuilder) -> None:
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    row.unfolded = True
    row.grow("", "Let me")
    row.grow("One.\n\nTw", "")
    kept = row.parts.body[0].segments[0]
    row.become(answer("One.\n\nTwo.\n\n- three", reasoning="Let me think."))
    assert row.parts.body[0].segments[0] is kept
    assert segments_of(row) == ["One.", "Two.", "•\tthree"]
    assert (row.text, row.reasoning) == ("One.\n\nTwo.\n\n- three", "Let me think.")


@pytest.mark.parametrize("text", ["Another one.", "One. " + "And more. " * 200])
def test_an_answer_that_ends_otherwise_or_with_much_more_is_made_anew(builder: SegmentBuilder, text: str) -> None:
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    row.grow("One.", "")
    before = row.parts.body[0]
    row.become(answer(text))
    assert row.parts.body[0] is not before
    assert segments_of(row) == [text.strip()]


def test_long_code_is_one_frame_of_parts_that_is_copied_whole(builder: SegmentBuilder) -> None:
    row = grown(builder, f"Before\n\n{CODE}\nAfter\n\n```\nother\n```\n")
    code = [segment for slab in row.parts.body for segment in slab.segments if isinstance(segment, CodeSegment)]
    for slab in row.parts.body:
        slab.height(500)
    assert [segment.continued for segment in code] == [False, True, True, False]
    assert [segment.goes_on for segment in code] == [True, True, False, False]
    assert len({id(segment.chain) for segment in code[:3]}) == 1
    assert row.parts.code_at(code[0].start) == CODE.removeprefix("```python\n").removesuffix("```\n")
    assert row.parts.code_at(code[3].start) == "other\n"
    code[0].toggle_wrap()
    assert code[2].chain.wraps
    assert not code[3].chain.wraps


def test_fenced_code_of_a_prompt_is_code_within_its_bubble_and_the_rest_is_as_typed(builder: SegmentBuilder) -> None:
    row = row_of(builder, prompt(f"# *Mend*\n\n{CODE}so.\n```\nother\n```"))
    code = [segment for slab in bodies(row) for segment in slab.segments if isinstance(segment, CodeSegment)]
    assert [slab.text for slab in row.slabs if isinstance(slab, PlainSlab)] == ["# *Mend*\n", "so."]
    assert [(segment.continued, segment.language) for segment in code] == [
        *((False, "python"), (True, "python"), (True, "python"), (False, ""))
    ]
    assert row.parts.code_at(code[0].start) == CODE.removeprefix("```python\n").removesuffix("```\n")
    assert row.parts.code_at(code[3].start) == "other\n"
    assert all(slab.room(500) == 500 - 2 * slab.inset() < 500 for slab in bodies(row))
    tall = [slab.height(500) for slab in row.slabs]
    drop(row)
    assert [slab.height(500) for slab in row.slabs] == tall


def test_the_words_of_a_part_are_told_apart_by_what_the_part_before_left_open(builder: SegmentBuilder) -> None:
    text = "```python\n" + "x = '''\n" + "text\n" * 150 + "'''\n```\n"
    row = grown(builder, text)
    second = row.parts.body[0].segments[1]
    string = second.laid.document.begin().begin().fragment().charFormat().foreground().color().name()
    assert string == Theme.load("light").good.lower()


def test_parts_of_a_table_have_the_widths_of_its_first(builder: SegmentBuilder) -> None:
    row = grown(builder, "| a | b |\n|---|---|\n| a wide cell of the first part | b |\n" + "| c | d |\n" * 100)
    tables = [segment for slab in row.parts.body for segment in slab.segments if isinstance(segment, TableSegment)]
    assert len(tables) == 3
    tables[0].height(2_000)
    widths = {round(table.laid.document.idealWidth()) for table in tables if table.height(2_000)}
    assert max(widths) - min(widths) <= 2


WORDS = "| Model | Concurrency |\n|---|---|\n| short | x |\n| Foundation | Communities of practice |\n"
SENTENCES = (
    "| | One |\n|---|---|\n| Speed | It is interpreted, and thus slower at loops, yet its libraries are not. |\n"
)


def shape(table: TableSegment) -> tuple[int, list[int], list[str]]:
    """How high it is, how many lines its cells have, and what stands in these."""
    high, document = table.height(515), table.laid.document
    cells = [document.findBlockByNumber(number) for number in range(document.blockCount())]
    lines = [[cell.layout().lineAt(each) for each in range(cell.layout().lineCount())] for cell in cells]
    parts = [
        cell.text()[each.textStart() :][: each.textLength()]
        for cell, line in zip(cells, lines, strict=True)
        for each in line
    ]
    return high, [len(each) for each in lines], parts


@pytest.mark.parametrize("text", [WORDS, SENTENCES])
@pytest.mark.parametrize("size", [1, 5])
def test_a_table_that_grew_is_laid_out_as_one_that_is_stored(builder: SegmentBuilder, text: str, size: int) -> None:
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    for piece in cut(text, size):
        row.grow(piece, "")
        assert [slab.height(515) for slab in row.slabs]
    row.become(answer(text))
    (grew,) = row.parts.body[0].segments
    (stored,) = row_of(builder, answer(text)).parts.body[0].segments
    assert isinstance(grew, TableSegment)
    assert isinstance(stored, TableSegment)
    assert shape(grew) == shape(stored)


def test_a_sentence_in_a_table_is_broken_into_lines_between_its_words(builder: SegmentBuilder) -> None:
    (table,) = row_of(builder, answer(SENTENCES)).parts.body[0].segments
    assert isinstance(table, TableSegment)
    _, counts, parts = shape(table)
    assert max(counts) in {2, 3}
    assert all(part.endswith((" ", ".")) for part in parts if len(part) > 10)
    assert table._natural < 515


FORMULAS = "| Plan | Costs |\n|---|---|\n| billed yearly<br>($90) | $\\text{H}_2\\text{SO}_4$ and `code` |\n"


@pytest.mark.parametrize("text", [WORDS, SENTENCES, FORMULAS, FORMULAS + "| a | b |\n" * 100])
def test_a_table_that_is_made_anew_is_as_wide_as_before(builder: SegmentBuilder, text: str) -> None:
    row = row_of(builder, answer(text))
    row.parts.unroll(10)
    seen: list[list[tuple[int, int]]] = []
    for _ in range(2):
        assert [slab.height(515) for slab in row.slabs]
        tables = [segment for slab in bodies(row) for segment in slab.segments if isinstance(segment, TableSegment)]
        seen.append([(table.height(515), table._natural) for table in tables])
        drop(row)
    assert seen[0] == seen[1]


NUMBERED = "| # | City |\n|---|---|\n" + "".join(f"| {n} | Town {n} |\n" for n in range(1, 121))


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    "text", [NUMBERED, NUMBERED + "| 9999999 | a_name_that_is_far_longer_than_all |\n" + "| 1 | b |\n" * 40]
)
def test_all_parts_of_a_table_have_columns_that_hold_every_word(
    builder: SegmentBuilder, qapp: QApplication, text: str, *, live: bool
) -> None:
    row = grown(builder, text) if live else row_of(builder, answer(text))
    row.parts.unroll(10)
    assert all(slab.height(800) for slab in row.slabs)
    for _ in range(3):
        qapp.processEvents()
    tables = [segment for slab in bodies(row) for segment in slab.segments if isinstance(segment, TableSegment)]
    assert len(tables) >= 3
    columns: set[int] = set()
    lines: set[int] = set()
    for table in tables:
        assert table.height(800)
        document = table.laid.document
        blocks = [document.findBlockByNumber(number) for number in range(document.blockCount())]
        said = [block for block in blocks if block.text()]
        lines |= {block.layout().lineCount() for block in said}
        columns.add(round(document.documentLayout().blockBoundingRect(said[1]).left()))
    assert len(columns) == 1
    assert lines == {1}


@pytest.mark.parametrize("live", [True, False])
def test_all_parts_of_a_list_have_one_indent(builder: SegmentBuilder, *, live: bool) -> None:
    text = "".join(f"{n}. {'word ' * 20}\n" for n in range(1, 40 if live else 140))
    row = grown(builder, text) if live else row_of(builder, answer(text))
    row.parts.unroll(10)
    blocks = [block for slab in bodies(row) for block in slab.blocks]
    assert len(blocks) > 5
    assert len({paragraph.shape.left for block in blocks for paragraph in paragraphs(block)}) == 1


def test_what_is_far_from_view_is_forgotten_and_made_again(builder: SegmentBuilder) -> None:
    row = row_of(builder, answer("One *two*.\n\nThree."))
    tall = [slab.height(400) for slab in row.slabs]
    drop(row)
    assert not any(slab.is_made for slab in bodies(row))
    assert [slab.likely_height(400) for slab in row.slabs] == tall
    assert row.parts.body[0].segments[0].text == "One two."


def test_a_growing_answer_is_never_forgotten(builder: SegmentBuilder) -> None:
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    row.grow("One *tw", "")
    drop(row)
    row.grow("o*.", "")
    assert row.parts.body[0].segments[0].text == "One two."


def test_another_look_while_it_grows_is_written_anew(builder: SegmentBuilder, qapp: QApplication) -> None:
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    row.grow("One `two` th", "")
    builder.restyle(Look.of(Theme.load("dark"), QFont(qapp.font())))
    row.parts.restyle()
    row.grow("ree.", "")
    (segment,) = row.parts.body[0].segments
    assert segment.text == "One two three."
    ground = segment.laid.document.find("two").charFormat().background().color().name()
    assert ground == Theme.load("dark").bubble.lower()


def test_thoughts_grow_in_their_slabs_only_while_they_are_unfolded(builder: SegmentBuilder) -> None:
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    assert row.slabs
    row.grow("", "Hm. ")
    assert len(row.slabs) == 3
    row.toggle()
    row.grow("", "And. ")
    assert [slab.text for slab in row.slabs if isinstance(slab, PlainSlab)] == ["Hm. And. "]
    row.grow("", "x" * PIECE)
    row.grow("", "\nmore")
    assert len([slab for slab in row.slabs if isinstance(slab, PlainSlab)]) == 2


def test_a_screen_reader_hears_text_without_signs_and_what_went_wrong(builder: SegmentBuilder) -> None:
    assert row_of(builder, answer("**Two** [docs](/x)\n\n- a")).spoken == "Two docs\n• a"
    assert row_of(builder, prompt("**as it is**")).spoken == "**as it is**"
    problem = Problem(code="x", message="It broke.", hint="Ask again.")
    broken = row_of(builder, answer("*Half*", status=Status.FAILED, problem=problem))
    assert broken.spoken == "Half\nIt broke. Ask again."
    long = "*word* " * 5_000
    assert row_of(builder, answer(long)).spoken == long


def test_plain_text_is_cut_at_ends_of_lines() -> None:
    text = "word\n" * 3_000
    found = pieces(text)
    assert "\n".join(piece for _, piece in found) == text.removesuffix("\n") or "".join(p for _, p in found)
    assert all(text[at : at + len(piece)] == piece for at, piece in found)
    assert all(len(piece) <= PIECE for _, piece in found)
    assert pieces("") == [(0, "")]


def test_what_its_model_got_nothing_of_is_said_below_an_answer_once(builder: SegmentBuilder) -> None:
    lacking = msgspec.structs.replace(answer("a"), left_out=(FileLeftOut(name="a.png", model="Llama"),))
    row = row_of(builder, lacking)
    assert row.note == "Llama cannot read a.png: not sent."
    row.take_notice("Llama cannot read a.png: not sent.")
    assert row.note == "Llama cannot read a.png: not sent."


def test_how_an_answer_ended_stands_below_it(builder: SegmentBuilder) -> None:
    assert row_of(builder, answer("a", status=Status.STOPPED)).note == "Stopped."
    assert row_of(builder, answer("a", status=Status.INTERRUPTED)).note.startswith("The response was interrupted")
    assert row_of(builder, answer("a", finish_reason="length")).note == "The response reached its maximum length."
    assert row_of(builder, answer("")).note == "The response is empty."
    assert row_of(builder, answer("", reasoning="hm")).note == "The response contains only reasoning, no text."
    assert row_of(builder, answer("", status=Status.STOPPED)).note == "Stopped."


@pytest.mark.parametrize("width", [240, 900])
def test_what_stands_is_not_laid_out_again_and_heights_are_those_of_a_new_layout(
    builder: SegmentBuilder, width: int
) -> None:
    text = f"One\n\ntwo *three*\n\n- a\n- b\n\n{CODE}\nafter\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n# End\n\nlast words"
    row = row_of(builder, answer("", status=Status.STREAMING), live=True)
    for piece in cut(text, 17):
        row.grow(piece, "")
        grew = [slab.height(width) for slab in row.slabs]
        tops = [[slab.segment_top(n, width) for n in range(len(slab.segments))] for slab in bodies(row)]
        for slab in row.slabs:
            slab.changed()
        assert [slab.height(width) for slab in row.slabs] == grew
        assert [[slab.segment_top(n, width) for n in range(len(slab.segments))] for slab in bodies(row)] == tops


def test_a_long_line_is_torn_between_words_and_nothing_is_lost() -> None:
    parts = pieces("words " * 3000)
    assert len(parts) > 2
    assert all(text.endswith("words ") for _, text in parts)
    assert "".join(text for _, text in parts) == "words " * 3000
    assert [start for start, _ in parts] == [sum(len(text) for _, text in parts[:n]) for n in range(len(parts))]
    assert len(pieces("x" * 12_000)) == 3


def test_what_a_fence_says_behind_its_language_is_kept(builder: SegmentBuilder) -> None:
    row = row_of(builder, answer("```python app.py\nx\n```\n\n```js title=&quot;a&quot;\ny\n```"))
    found = [each for slab in bodies(row) for each in slab.segments if isinstance(each, CodeSegment)]
    assert [(each.language, each.title) for each in found] == [("python", "app.py"), ("js", 'title="a"')]
    assert "python app.py" in rendered("```python app.py\nx\n```")


class Late(AtOnce):
    """Draws formulas once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[Wish] = []
        self.draws = False

    def drawn(self, request: FormulaRequest) -> FormulaReply | None:
        return super().drawn(request) if self.draws else None

    def is_settled(self, request: Request) -> bool:
        return self.draws

    def want(self, wish: Wish) -> None:
        self.wishes.append(wish)

    def draw(self) -> None:
        asked = [(wish, wish.request()) for wish in self.wishes]
        self.draws = True
        for wish, request in asked:
            assert isinstance(request, FormulaRequest)
            wish.take(request, self.drawn(request))


def test_a_table_whose_formulas_are_drawn_is_measured_anew(qapp: QApplication) -> None:
    late = Late()
    look = Look.of(Theme.load("light"), QFont(qapp.font()))
    text = "| n | f |\n|---|---|\n| 1 | $\\sum_{i} \\binom{k}{i}$ |\n"
    row = Row(answer(text), "somebody", SegmentBuilder(look, drawings=late))
    (table,) = (segment for slab in bodies(row) for segment in slab.segments if isinstance(segment, TableSegment))
    table.height(130)
    assert table.scroll_sideways(10, 130)
    late.draw()
    table.height(130)
    assert not table.scroll_sideways(10, 130)


def test_a_height_that_was_guessed_follows_the_text_the_width_and_the_fold(builder: SegmentBuilder) -> None:
    row = row_of(builder, answer("word " * 400))
    wide, narrow = row.likely_height(800), row.likely_height(200)
    assert narrow > wide
    assert row.likely_height(800) == wide
    row.make_brief(on=True)
    folded = row.likely_height(800)
    row.make_brief(on=False)
    row.become(answer("word " * 4_000))
    assert folded < wide < row.likely_height(800)
