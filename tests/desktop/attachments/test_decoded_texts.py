"""What files say is what models get: mails of any shape, texts of any code page, documents in the order one reads."""

from __future__ import annotations

import asyncio
import io
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image

from desktop.attachments.decode_wire import Decoded, DecodeRequest, SoFar, encode
from desktop.attachments.decoder import DecodeLimits, Decoder
from desktop.attachments.mail_decoder import mail
from desktop.attachments.media_kind import MediaKind
from desktop.attachments.office_decoder import office
from desktop.attachments.picture_decoder import picture
from desktop.attachments.text_decoder import text
from desktop.system.child_bounds import READY, framed
from tests.desktop.attachments import made_files

RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 30
HEAD = b"From: a@example.org\nSubject: Plan\nMIME-Version: 1.0\n"


@pytest.mark.parametrize(
    ("charset", "encoding", "said"),
    [
        ("iso-8859-8-i", "iso-8859-8", "שלום עולם"),
        ("windows-874", "cp874", "สวัสดีชาวโลก"),
        ("x-gbk", "gbk", "你好世界"),
        ("x-unknown", "utf-8", "naïve"),
        ("unicode_escape", "utf-8", "C:\\new"),
    ],
)
def test_a_mail_is_read_in_whatever_character_set_it_names(charset: str, encoding: str, said: str) -> None:
    head = HEAD + f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
    assert mail(head + said.encode(encoding)).text == f"From: a@example.org\nSubject: Plan\n\n{said}"


def test_all_texts_of_a_mail_are_read_and_what_it_forwards() -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "b@example.org", "Older"
    inner.set_content("What was said before.")
    made = EmailMessage()
    made["From"] = "a@example.org"
    made.set_content("First.")
    made.add_attachment(b"x", maintype="image", subtype="png", filename="a.png")
    made.add_attachment("Last.", disposition="inline")
    made.add_attachment(inner)
    assert mail(made.as_bytes()).text.split("\n") == [
        *("From: a@example.org", "", "First.", "[Attached: a.png]", "Last.", "[Forwarded message]"),
        *("From: b@example.org", "Subject: Older", "", "What was said before."),
    ]


def test_of_a_mail_in_two_forms_the_plain_one_is_read_and_a_page_as_it_is_seen() -> None:
    made = EmailMessage()
    made.set_content("Plain.")
    made.add_alternative("<p>Page.</p>", subtype="html")
    assert mail(made.as_bytes()).text == "Plain."
    page = EmailMessage()
    page.set_content("<style>p {}</style><p>One &amp; <b>two</b><br>three<script>four()</script></p>", subtype="html")
    assert mail(page.as_bytes()).text == "One & two\nthree"


def test_half_a_surrogate_in_a_mail_is_marked() -> None:
    data = HEAD + b'Content-Type: text/plain; charset="utf-7"\n\nbefore +2AA- after'
    said = mail(data).text
    assert "after" in said
    assert said.encode()


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16"])
def test_a_long_text_is_read_as_it_is_likely_to_be_written(encoding: str) -> None:
    assert text(RUSSIAN.encode(encoding)).text == RUSSIAN


def test_a_text_that_was_cut_within_a_character_stays_what_it_is() -> None:
    assert text("Zürich, Köln, 東京".encode()[:-1]).text == "Zürich, Köln, 東\ufffd"


def open_document(body: str) -> bytes:
    head = '<d xmlns:text="t" xmlns:table="b" xmlns:office="o"><office:body>'
    return made_files.packed({"content.xml": f"{head}{body}</office:body></d>"})


def test_rows_and_blanks_that_stand_for_several_are_several() -> None:
    cell = "<table:table-cell><text:p>4</text:p></table:table-cell>"
    row = f'<table:table-row table:number-rows-repeated="3">{cell}</table:table-row>'
    assert office(open_document(row)).text == "4\n4\n4"
    said = "<text:p>a<text:s text:c='3'/>b<text:tab/>c<text:span>d<text:line-break/></text:span>e</text:p>"
    assert office(open_document(said)).text == "a   b\tcd\ne"


def test_a_table_within_a_table_stands_in_its_cell() -> None:
    def table(*cells: str) -> str:
        return f"<w:tbl><w:tr>{''.join(f'<w:tc>{each}</w:tc>' for each in cells)}</w:tr></w:tbl>"

    a, b, x, y = map(made_files.paragraph, "abxy")
    assert office(made_files.document(table(a + table(x, y), b))).text == "a x | y\tb"


def test_a_colour_that_is_none_is_seen_through() -> None:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, "PNG", transparency=(255, 0, 0))
    shown = Image.open(io.BytesIO(picture(made.getvalue(), 64).pictures[0].data))
    assert shown.convert("RGBA").getpixel((1, 1)) == (255, 0, 0, 0)


_HELD_UP = """
import sys, time
sys.stdout.buffer.write({ready!r} + {so_far!r})
sys.stdout.buffer.flush()
time.sleep(60)
"""


async def test_a_page_that_cannot_be_drawn_costs_the_picture_alone(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        _HELD_UP.format(ready=READY, so_far=framed(encode(SoFar(Decoded(text="What it says.", pages=1)))))
    )
    decoder = Decoder([sys.executable, str(script)], limits=DecodeLimits(drawing_s=0.3))
    try:
        async with asyncio.timeout(10):
            found = await decoder.decode(DecodeRequest(MediaKind.PDF, "application/pdf", "a.pdf", b"", 64))
    finally:
        await decoder.aclose()
    assert found == Decoded(text="What it says.", pages=1)
