"""Writes chats and comparisons as DOCX: headings, lists, tables, colored code and pictures of formulas."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NamedTuple

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from desktop.reports.report_style import INKS, PORTRAIT
from desktop.transfer.export.paper_text import PaperBlock, PaperForm, PaperPart, PlacedFormula
from ui.transcript.text.formula_pictures import FormulaPictures, png

_VOID = frozenset({"br", "img", "hr", "input", "meta"})


@dataclass(slots=True)
class Element:
    """HTML element with its attributes and children."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: list[Element | str] = field(default_factory=list["Element | str"])

    @property
    def classes(self) -> set[str]:
        """The element's CSS classes."""
        return set(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        """All text inside the element."""
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def of(self, *tags: str) -> Iterator[Element]:
        """Yield the outermost descendants with one of these tags."""
        for each in self.children:
            if isinstance(each, Element):
                if each.tag in tags:
                    yield each
                else:
                    yield from each.of(*tags)


def tree_of(html: str) -> Element:
    """Parse HTML into a tree."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("body")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        """Close an element and all open elements inside it."""
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        """Add text to the open element."""
        self._open[-1].children.append(data)


_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile("<w:[A-Za-z]+")
_MUTED, _BAD, _GOOD, _LINK, _GROUND = "5C6573", "A01824", "0F5F36", "1D3FB0", "F3F4F7"
_MONO = "Courier New"
_A4, _LETTER, _MARGIN_MM = (210, 297), (216, 279), 18
_LONGEST_TITLE = 255
"""Maximum length of a document title in DOCX."""

_DEEPEST = 3
"""Number of list levels for which the template has styles."""

_SHARP = 4.0
_CELL_SIDES = 12
"""Horizontal padding of a table cell in points."""

_WIDE, _CHARACTER = 50, 0.7
"""Maximum number of characters on a line in a cell, and width of a character relative to the font size."""

_BLOCKS = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "table", "pre", "figure", "div", "hr")
)
_TINTS = {
    "muted": _MUTED, "figures": _MUTED, "none": _MUTED, "attached": _MUTED, "language": _MUTED, "mark": _MUTED,
    "problem": _BAD, "good": _GOOD,
}  # fmt: skip


_ORDER = (
    *("w:pBdr", "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:bidi"),
    *("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:jc"),
    *("w:textDirection", "w:textAlignment", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr"),
)
"""Order that DOCX requires for paragraph properties, from the first one that python-docx does not support."""


_FEW, _SMALLER = 6, 0.8
"""Maximum number of columns in normal text size, and scale of the text if there are more."""


class RunLook(NamedTuple):
    """Character formatting for a run."""

    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    raised: bool = False
    marked: bool = False
    ink: str = ""
    href: str = ""


class DocxPlace(NamedTuple):
    """Insertion point: container, nesting of lists and quotations, and list numbering."""

    container: Any  # python-docx names no type that a document and a cell have in common
    room: float
    """Available width in points."""
    lists: tuple[str, ...] = ()
    quotes: int = 0
    number: int = 0


class DocxWriter:
    """Builds one DOCX document from parts."""

    def __init__(self, form: PaperForm) -> None:
        self._document: Any = Document()
        package = self._document.part.package
        for rel in [each for each in package.rels.values() if each.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
            del package.rels[rel.rId]  # the picture of python-docx's own template
        self._points = form.points
        self._known: dict[str, PlacedFormula] = {}
        self._pictures = FormulaPictures("#1B1F27", "#FFFFFF", _SHARP)
        self._document.core_properties.title = _fit(form.title)[:_LONGEST_TITLE]
        self._document.core_properties.author = ""
        self._document.core_properties.comments = ""
        self._set_page(form)
        _tell_of_fonts(self._document)
        normal = self._document.styles["Normal"]
        normal.font.size = Pt(form.points)
        normal.paragraph_format.space_after = Pt(6)

    def add(self, part: PaperPart) -> None:
        """Append a part to the document."""
        self._known.update(part.formulas)
        if isinstance(part, PaperBlock):
            if part.page:
                self._document.add_page_break()
            before = len(self._document.paragraphs) if part.keep else 0
            self._write(tree_of(part.html), DocxPlace(self._document, self._room), RunLook())
            for paragraph in self._document.paragraphs[before:] if part.keep else ():
                paragraph.paragraph_format.keep_with_next = True
            return
        table = self._document.add_table(rows=2, cols=len(part.heads))
        table.style = "Table Grid"
        head = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001 - as python-docx's own documentation does it
        head.append(_xml("<w:tblHeader/>"))
        for row, texts in enumerate((part.heads, part.cells)):
            for column, html in enumerate(texts):
                self._fill(table.cell(row, column), tree_of(html), self._room / len(texts) - _CELL_SIDES)
        self._document.add_paragraph()

    def finished(self) -> bytes:
        """Return the content of the complete file."""
        made = io.BytesIO()
        self._document.save(made)
        return made.getvalue()

    def _set_page(self, form: PaperForm) -> None:
        section = self._document.sections[0]
        wide, high = map(Mm, _LETTER if form.letter else _A4)
        if form.columns > PORTRAIT:
            wide, high = high, wide
            section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = wide, high
        self._room = (wide - Mm(2 * _MARGIN_MM)) / Pt(1)
        for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
            setattr(section, side, Mm(_MARGIN_MM))
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.LEFT if form.is_rtl else WD_ALIGN_PARAGRAPH.RIGHT
        for mark in ('<w:fldChar w:fldCharType="begin"/>', "<w:instrText>PAGE</w:instrText>"):
            foot.add_run()._r.append(_xml(mark))  # noqa: SLF001 - python-docx knows no fields
        foot.add_run()._r.append(_xml('<w:fldChar w:fldCharType="end"/>'))  # noqa: SLF001

    def _write(self, element: Element, place: DocxPlace, look: RunLook) -> None:
        """Write the content of an element block by block. Text between blocks becomes a paragraph."""
        words: list[Element | str] = []
        for each in (*element.children, None):
            if each is not None and (isinstance(each, str) or each.tag not in _BLOCKS):
                words.append(each)
                continue
            if words and isinstance(words[-1], str):
                words[-1] = words[-1].rstrip()
            if any(not isinstance(word, str) or word.strip() for word in words):
                self._paragraph(words, place, look)
                place = place._replace(number=0)
            words = []
            if isinstance(each, Element):
                place = self._block(each, place, look)

    def _block(self, element: Element, place: DocxPlace, look: RunLook) -> DocxPlace:
        """Write a block and return the insertion point after it. Only a list item's first paragraph has a mark."""
        tag = element.tag
        if tag[0] == "h" and tag[1:].isdigit():
            self._dress(place.container.add_paragraph(style=f"Heading {tag[1:]}"), element.children, look)
        elif tag == "hr":
            _rule(place.container.add_paragraph())
        elif tag in ("ul", "ol"):
            start = element.attributes.get("start", "1")
            number = self._numbering(int(start) if start.isdigit() else 1, len(place.lists)) if tag == "ol" else -1
            for item in element.of("li"):
                inner = place._replace(lists=(*place.lists, tag), number=number)
                self._write(item, inner, look)
        elif tag == "blockquote":
            self._write(element, place._replace(quotes=place.quotes + 1, number=0), look._replace(ink=_MUTED))
        elif tag == "table":
            self._table(element, place)
        elif tag == "pre":
            self._code(element, place)
        elif tag == "p" or (tag == "div" and "formula" in element.classes):
            self._paragraph(element.children, place, _tinted(look, element.classes), element)
        else:
            self._write(element, place, _tinted(look, element.classes))
            return place
        return place._replace(number=0)

    def _paragraph(
        self, words: list[Element | str], place: DocxPlace, look: RunLook, element: Element | None = None
    ) -> None:
        paragraph = place.container.add_paragraph()
        if place.lists:
            depth = min(len(place.lists), _DEEPEST)
            kind = "List Continue" if not place.number else "List Number" if place.lists[-1] == "ol" else "List Bullet"
            paragraph.style = self._document.styles[f"{kind} {depth}" if depth > 1 else kind]
            if place.number > 0:
                numbers = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001 - lists of their own numbers
                numbers.get_or_add_numId().val = place.number
                numbers.get_or_add_ilvl().val = 0
        if place.quotes:
            paragraph.paragraph_format.left_indent = Mm(6 * place.quotes)
        classes = element.classes if element is not None else set[str]()
        if "prompt" in classes:
            _shade(paragraph)
        if "formula" in classes:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if "language" in classes:
            paragraph.paragraph_format.keep_with_next = True
        self._dress(paragraph, words, look)

    def _dress(self, paragraph: Any, words: list[Element | str], look: RunLook) -> None:  # noqa: ANN401 - see DocxPlace
        for each in words:
            self._inline(paragraph, each, look)
        text = paragraph.text
        first = next((way for sign in text if (way := unicodedata.bidirectional(sign)) in ("L", "R", "AL")), "L")
        if first != "L":
            _say_of(paragraph, _xml("<w:bidi/>"))
            for run in paragraph.runs:
                run.font.rtl = True

    def _inline(self, paragraph: Any, word: Element | str, look: RunLook) -> None:  # noqa: ANN401 - see DocxPlace
        if isinstance(word, str):
            text = _fit(word) if look.code else re.sub(r"[\n\r]+", " ", _fit(word))
            if text:
                _run(paragraph, text, look)
            return
        tag, classes = word.tag, word.classes
        if tag == "br":
            paragraph.add_run().add_break()
        elif tag == "img":
            self._formula(paragraph, word.attributes.get("src", ""))
        else:
            ink = next((INKS[each[2:]][1:] for each in classes if each.startswith("k-") and each[2:] in INKS), "")
            inner = _tinted(look, classes)._replace(
                bold=look.bold or tag in ("strong", "b", "th"),
                italic=look.italic or tag == "em",
                struck=look.struck or tag == "s",
                code=look.code or tag == "code",
                raised=look.raised or tag == "sup",
                marked=look.marked or tag == "mark",
                href=word.attributes.get("href", "") if tag == "a" else look.href,
            )
            for each in word.children:
                self._inline(paragraph, each, inner._replace(ink=ink) if ink else inner)

    def _formula(self, paragraph: Any, name: str) -> None:  # noqa: ANN401 - see DocxPlace
        """Insert the picture of a formula, aligned with the text, with its source as alternative text."""
        placed = self._known.get(name)
        formula = self._pictures.formula(placed.request, placed.reply) if placed is not None else None
        if placed is None or formula is None:
            return
        scale = self._points / placed.request.size
        run = paragraph.add_run()
        picture = run.add_picture(io.BytesIO(png(formula.image)), width=Pt(max(formula.width * scale, 1)))
        picture._inline.docPr.set("descr", _fit(placed.request.source))  # noqa: SLF001 - python-docx knows no description
        if not placed.request.display:
            lowered = _xml(f'<w:position w:val="{-round(2 * formula.descent * scale)}"/>')
            run._r.get_or_add_rPr().append(lowered)  # noqa: SLF001 - python-docx knows no raised pictures

    def _code(self, element: Element, place: DocxPlace) -> None:
        paragraph = place.container.add_paragraph()
        _shade(paragraph)
        paragraph.paragraph_format.left_indent = Mm(6 * (len(place.lists) + place.quotes))
        children = [*element.children]
        while children and isinstance(children[-1], str) and not children[-1].strip():
            children.pop()
        plain = "plain" in element.classes
        for each in children:
            self._inline(paragraph, each, RunLook(code=True) if not plain else RunLook())
        last = paragraph.runs[-1] if paragraph.runs else None
        if last is not None and last.text.endswith("\n"):
            last.text = last.text.removesuffix("\n")

    def _table(self, element: Element, place: DocxPlace) -> None:
        rows = [[*row.of("th", "td")] for row in element.of("tr")]
        columns = max(map(len, rows), default=0)
        if not columns:
            return
        table = place.container.add_table(rows=len(rows), cols=columns)
        table.style = "Table Grid"
        texts = [[row[at].text for row in rows if at < len(row)] for at in range(columns)]
        self._set_widths(table, texts, place.room)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                self._fill(table.cell(number, column), cell, place.room / columns - _CELL_SIDES)
            for cell in table.rows[number].cells if columns > _FEW else ():
                for run in (run for paragraph in cell.paragraphs for run in paragraph.runs):
                    run.font.size = Pt(self._points * _SMALLER)
            if row and row[0].tag == "th" and not number:
                table.rows[0]._tr.get_or_add_trPr().append(_xml("<w:tblHeader/>"))  # noqa: SLF001 - see above
        place.container.add_paragraph().paragraph_format.space_after = Pt(2)

    def _set_widths(self, table: Any, texts: list[list[str]], room: float) -> None:  # noqa: ANN401 - see DocxPlace
        """Set column widths that suit the content and fit the page, without breaking words if possible."""
        points = self._points * _CHARACTER * (_SMALLER if len(texts) > _FEW else 1.0)
        words = [max((len(word) for text in column for word in text.split()), default=1) for column in texts]
        least = [min(each, _WIDE) * points + _CELL_SIDES for each in words]
        wanted = [min(max(map(len, column), default=1), _WIDE) * points + _CELL_SIDES for column in texts]
        share = min(max((room - sum(least)) / max(sum(wanted) - sum(least), 1.0), 0.0), 1.0)
        shrunk = min(1.0, room / sum(least))
        table.autofit = False
        for column, low, high in zip(table.columns, least, wanted, strict=True):
            column.width = Pt((low + (high - low) * share) * shrunk)
            for cell in column.cells:
                cell.width = column.width

    def _fill(self, cell: Any, element: Element, room: float) -> None:  # noqa: ANN401 - see DocxPlace
        """Write the content of a table cell."""
        begun = cell.paragraphs[0]
        if any(isinstance(each, Element) and each.tag in _BLOCKS for each in element.children):
            self._write(element, DocxPlace(cell, room), RunLook())
            if len(cell.paragraphs) > 1 and not begun.text:
                begun._p.getparent().remove(begun._p)  # noqa: SLF001 - python-docx removes nothing
            return
        self._dress(begun, element.children, RunLook(bold=element.tag == "th"))
        begun.paragraph_format.space_after = Pt(0)
        if "right" in element.attributes.get("style", ""):
            begun.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        elif "center" in element.attributes.get("style", ""):
            begun.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _numbering(self, start: int, depth: int) -> int:
        """Return the ID of a new numbering for a list, which begins with `start`."""
        level = min(depth + 1, _DEEPEST)
        style = self._document.styles[f"List Number {level}" if level > 1 else "List Number"]
        numbers = self._document.part.numbering_part.numbering_definitions._numbering  # noqa: SLF001 - see above
        of_style = style.element.pPr.numPr.numId.val
        abstract = next(each.abstractNumId.val for each in numbers.num_lst if each.numId == of_style)
        made = numbers.add_num(abstract)
        made.add_lvlOverride(ilvl=0).add_startOverride(start)
        return made.numId


def _tell_of_fonts(document: Any) -> None:  # noqa: ANN401 - see DocxPlace
    """Mark the font for code as monospaced, so that it is replaced by a similar one if it is missing."""
    part = next(
        each.target_part for each in document.part.rels.values() if each.reltype == RELATIONSHIP_TYPE.FONT_TABLE
    )
    font = (
        f'<w:font w:name="{_MONO}"><w:altName w:val="Liberation Mono"/><w:family w:val="modern"/>'
        '<w:pitch w:val="fixed"/></w:font></w:fonts>'
    )
    part._blob = part.blob.replace(b"</w:fonts>", font.encode())  # noqa: SLF001 - python-docx knows no table of fonts


def _run(paragraph: Any, text: str, look: RunLook) -> None:  # noqa: ANN401 - see DocxPlace
    run = paragraph.add_run(text)
    font = run.font
    font.bold, font.italic, font.strike = look.bold or None, look.italic or None, look.struck or None
    font.superscript = look.raised or None
    if look.code:
        font.name = _MONO
        font.size = Pt(9)
    if look.marked:
        font.underline = True
    if ink := (_LINK if look.href else look.ink):
        font.color.rgb = RGBColor.from_string(ink.upper())
    if look.href:
        font.underline = True
        link = _xml("<w:hyperlink/>")
        link.set(qn("r:id"), paragraph.part.relate_to(_fit(look.href), RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        link.append(run._r)  # noqa: SLF001 - python-docx makes no links
        paragraph._p.append(link)  # noqa: SLF001


def _tinted(look: RunLook, classes: set[str]) -> RunLook:
    tint = next((_TINTS[each] for each in classes if each in _TINTS), "")
    return look._replace(ink=tint) if tint else look


def _shade(paragraph: Any) -> None:  # noqa: ANN401 - see DocxPlace
    _say_of(paragraph, _xml(f'<w:shd w:val="clear" w:color="auto" w:fill="{_GROUND}"/>'))


def _rule(paragraph: Any) -> None:  # noqa: ANN401 - see DocxPlace
    line = '<w:bottom w:val="single" w:sz="6" w:space="1" w:color="C9CED7"/>'
    _say_of(paragraph, _xml(f"<w:pBdr>{line}</w:pBdr>"))


def _xml(element: str) -> Any:  # noqa: ANN401 - lxml's elements have no types
    """Return an XML element that python-docx cannot create."""
    return parse_xml(_NAME.sub(rf"\g<0> {nsdecls('w')}", element, count=1))


def _say_of(paragraph: Any, made: Any) -> None:  # noqa: ANN401 - see DocxPlace
    """Insert a property that python-docx does not support into a paragraph, at its required position."""
    name = f"w:{made.tag.rpartition('}')[2]}"
    paragraph._p.get_or_add_pPr().insert_element_before(made, *_ORDER[_ORDER.index(name) + 1 :])  # noqa: SLF001


def _fit(text: str) -> str:
    """Replace the characters that XML does not allow."""
    return _UNFIT.sub("\ufffd", text)
