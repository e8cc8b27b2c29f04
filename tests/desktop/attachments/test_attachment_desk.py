"""Files as they are taken in, decoded by a real child: what models are given of them, and what is refused in words."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from desktop.attachments.attachment import fingerprint, plain_name
from desktop.attachments.attachment_desk import AttachmentDesk
from desktop.attachments.attachment_limits import MOST_BYTES
from desktop.attachments.media_kind import MediaKind
from desktop.attachments.sent_forms import SentAs, Taken, sent_as
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import AttachmentRefused
from desktop.text.token_estimate import estimate_tokens
from tests.desktop.attachments import made_files
from tests.desktop.attachments.conftest import MemoryKeeper


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


async def test_a_photo_is_turned_scaled_and_stripped_and_kept_as_it_was(
    desk: AttachmentDesk, keeper: MemoryKeeper
) -> None:
    data = made_files.photo(4000, 3000, orientation=6)
    assert made_files.PLACE in data
    made = await desk.take(data, "holiday.jpg")
    (drawn,) = made.decoded.pictures
    assert (drawn.width, drawn.height, drawn.media_type) == (1536, 2048, "image/jpeg")
    assert made_files.PLACE not in drawn.data
    shown = opened(drawn.data)
    assert not shown.getexif()
    red, _, _ = shown.convert("RGB").getpixel((1400, 100))  # type: ignore[misc]
    assert red > 200  # what was on the upper left is on the upper right once it is turned
    assert max(opened(made.decoded.thumbnail).size) == 256
    assert keeper.kept[made.sha256][1] == data
    assert made.part == ImagePart(sha256=made.sha256, media_type="image/jpeg", name="holiday.jpg", size=len(data))


async def test_a_telephones_picture_is_turned_and_stripped_like_any_other(desk: AttachmentDesk) -> None:
    taken = await desk.take(made_files.HEIC, "IMG_0001.HEIC", keep=False)
    (drawn,) = taken.decoded.pictures
    assert (taken.media.type, drawn.media_type, drawn.width, drawn.height) == ("image/heic", "image/jpeg", 96, 128)
    assert made_files.PLACE in made_files.HEIC
    assert made_files.PLACE not in drawn.data
    shown = Image.open(io.BytesIO(drawn.data)).convert("RGB")
    assert [shown.getpixel(at)[1] > 128 for at in ((20, 20), (76, 20))] == [True, False]  # type: ignore[index]
    with pytest.raises(AttachmentRefused, match="damaged"):
        await desk.take(made_files.HEIC[:300], "IMG_0002.HEIC", keep=False)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
async def test_each_kind_of_picture_becomes_one_that_all_models_take(desk: AttachmentDesk, kind: str) -> None:
    made = await desk.take(made_files.photo(kind=kind) if kind != "BMP" else bmp(), f"a.{kind.lower()}")
    assert made.media.kind is MediaKind.PICTURE
    assert made.decoded.pictures[0].media_type in {"image/png", "image/jpeg"}
    assert opened(made.decoded.pictures[0].data).size == (1200, 900)


def bmp() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (1200, 900)).save(made, "BMP")
    return made.getvalue()


async def test_the_text_of_a_pdf_is_read_page_by_page_and_told(desk: AttachmentDesk) -> None:
    pages = ("Alpha beta gamma delta", "Second page with words")
    made = await desk.take(made_files.pdf(*pages, script="app.alert(1)"), "a")
    assert made.media.type == "application/pdf"
    assert made.decoded.pages == 2
    assert made.decoded.text == "[Page 1]\nAlpha beta gamma delta\n\n[Page 2]\nSecond page with words"
    assert made.decoded.pictures == ()
    assert made.decoded.thumbnail


async def test_a_scan_is_given_as_pictures_of_its_pages(desk: AttachmentDesk) -> None:
    made = await desk.take(made_files.pdf("", ""), "scan.pdf")
    assert (made.decoded.text, [each.media_type for each in made.decoded.pictures]) == ("", ["image/jpeg"] * 2)


async def test_documents_sheets_and_slides_are_given_as_text(desk: AttachmentDesk) -> None:
    body = made_files.paragraph("Title", "Heading1") + made_files.paragraph("Words &amp; more")
    cells = "".join(f"<w:tc>{made_files.paragraph(each)}</w:tc>" for each in ("a", "b"))
    word = await desk.take(made_files.document(f"{body}<w:tbl><w:tr>{cells}</w:tr></w:tbl>"), "a.docx")
    assert word.decoded.text == "# Title\nWords & more\na\tb"
    sheet = await desk.take(made_files.sheet([["x", 1], [None, 2.5]]), "a.xlsx")
    assert sheet.decoded.text == "## Sheet\nx\t1\n\t2.5"
    draw = "http://schemas.openxmlformats.org/drawingml/2006/main"
    slides = {
        f"ppt/slides/slide{n}.xml": f'<s xmlns:a="{draw}"><a:p><a:r><a:t>Slide {n}</a:t></a:r></a:p></s>'
        for n in (10, 2)
    }
    shown = await desk.take(made_files.packed({**slides}), "a.pptx")
    assert shown.decoded.text == "## Slide 1\nSlide 2\n\n## Slide 2\nSlide 10"
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    content = f'<o xmlns:t="{text}"><t:h t:outline-level="2">Head</t:h><t:p>Para</t:p></o>'
    odt = await desk.take(made_files.packed({"mimetype": "x", "content.xml": content}), "a.odt")
    assert odt.decoded.text == "## Head\nPara"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("Grüße\r\nTschüß".encode(), "Grüße\nTschüß"),
        ("\ufeffmarked".encode(), "marked"),
        ("zwei".encode("utf-16"), "zwei"),
        ("Zürich".encode("cp1252"), "Zürich"),
        (b"<svg onload='x()'/>", "<svg onload='x()'/>"),
    ],
)
async def test_text_is_read_as_it_was_written(desk: AttachmentDesk, data: bytes, said: str) -> None:
    assert (await desk.take(data, "a.txt")).decoded.text == said


async def test_a_mail_is_given_with_who_wrote_it_and_without_its_files(desk: AttachmentDesk) -> None:
    mail = (
        b"From: Ann <ann@x.example>\nTo: Bob <bob@x.example>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello.\n"
        b"--b\nContent-Type: application/zip\nContent-Disposition: attachment; filename=c.zip\n\nUEs=\n--b--\n"
    )
    made = await desk.take(mail, "a.eml")
    assert made.decoded.text.split("\n") == [
        "From: Ann <ann@x.example>",
        "To: Bob <bob@x.example>",
        "Subject: Grüße",
        "",
        "Hello.",
        "[Attached: c.zip]",
    ]


@pytest.mark.parametrize(
    ("data", "name", "word"),
    [
        (b"", "a.txt", "empty"),
        (b"\0\1\2\3", "a.bin", "file type of a"),
        (b"\x7fELF" + bytes(100), "a.png", "file type of a"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a.png", "damaged"),
        (b"\xff\xd8\xff" + bytes(500), "a.jpg", "damaged"),
        (b"%PDF-1.4 nothing", "a.pdf", "damaged"),
        (b"PK\x03\x04" + bytes(50), "a.docx", "damaged"),
        (made_files.packed({"a.txt": "x"}), "a.zip", "file type of a"),
        (made_files.packed({"a.txt": "x"}), "a.docx", "damaged"),
        (made_files.document(""), "a.docx", "no text"),
        (b"text\n" * 2000 + b"\0", "a.txt", "no text"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(desk: AttachmentDesk, data: bytes, name: str, word: str) -> None:
    with pytest.raises(AttachmentRefused) as refused:
        await desk.take(data, name)
    assert word in refused.value.message


async def test_what_is_no_plain_file_is_refused_at_once(desk: AttachmentDesk, tmp_path: Path) -> None:
    pipe, locked, great = tmp_path / "pipe", tmp_path / "locked", tmp_path / "great"
    os.mkfifo(pipe)
    great.touch()
    os.truncate(great, MOST_BYTES + 1)
    locked.touch()
    for path, word in (
        (tmp_path, "is a folder"),
        (pipe, "is not a file"),
        (tmp_path / "gone", "no longer exists"),
        (great, "larger than 50 MB"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(AttachmentRefused) as refused:
            await desk.read(path)
        assert word in refused.value.message


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("inv\u202egpj.exe", "invgpj.exe"),
        ("a\nb.txt", "a b.txt"),
        ("", "file"),
        ("~~~.md", "---.md"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(given: str, shown: str) -> None:
    assert plain_name(given) == shown


async def test_the_same_file_is_kept_once_and_found_again(desk: AttachmentDesk, keeper: MemoryKeeper) -> None:
    one, two = await desk.take(b"same", "a.txt"), await desk.take(b"same", "b.txt")
    assert one.sha256 == two.sha256
    assert len(keeper.kept) == 1
    assert (await desk.find(one.part), await desk.find(two.part)) == (one, two)
    assert await desk.data(one.sha256) == b"same"
    passing = await desk.take(b"passing", "c.txt", keep=False)
    assert passing.sha256 not in keeper.kept
    assert await desk.data(passing.sha256) == b"passing"
    assert await desk.find(ImagePart(sha256="0" * 64, media_type="image/png")) is None


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
async def test_deep_greys_are_shown_from_their_darkest_to_their_lightest(desk: AttachmentDesk, mode: str) -> None:
    gradient: Any = Image.linear_gradient("L").convert("F")
    image: Any = gradient.point(lambda value: value * 200 + 1_000)  # type: ignore[reportUnknownLambdaType]
    made = io.BytesIO()
    image.convert("I" if mode == "I;16" else mode).convert(mode).save(made, "TIFF")
    decoded = (await desk.take(made.getvalue(), "xray.tif")).decoded
    shown = opened(decoded.pictures[0].data).convert("L")
    assert shown.getpixel((10, 2)) < 10  # type: ignore[operator]
    assert shown.getpixel((10, 253)) > 245  # type: ignore[operator]


async def test_the_tokens_of_a_text_are_counted_where_it_is_read(desk: AttachmentDesk) -> None:
    assert (await desk.take("Привет, мир. ".encode() * 1_000, "a.txt")).decoded.tokens == estimate_tokens(
        "Привет, мир. " * 1_000
    )


async def test_a_file_that_came_with_an_import_is_decoded_when_it_is_asked_for(
    desk: AttachmentDesk, keeper: MemoryKeeper
) -> None:
    data = made_files.photo()
    part = ImagePart(sha256=fingerprint(data), media_type="image/jpeg", name="a.jpg")
    odd = FilePart(sha256=fingerprint(b"\0" * 9), media_type="application/zip", name="a.zip")
    keeper.brought = {part.sha256: data, odd.sha256: b"\0" * 9}
    found = await desk.find(part)
    assert found is not None
    assert found.decoded.pictures
    assert keeper.kept[part.sha256] == (found, data)
    other = await desk.find(odd)
    assert other is not None
    assert (other.media.kind, sent_as(other, Taken())) == (MediaKind.OTHER, SentAs.NOTHING)
    assert odd.sha256 not in keeper.kept


async def test_the_same_bytes_as_a_text_and_as_a_mail_stay_what_each_prompt_attached(desk: AttachmentDesk) -> None:
    data = b"Subject: Hello\nContent-Type: text/html\n\n<p>Words</p>"
    raw = await desk.take(data, "raw.txt")
    mail = await desk.take(data, "m.eml")
    assert raw.sha256 == mail.sha256
    found = [await desk.find(each.part) for each in (raw, mail)]
    assert found == [raw, mail]
    assert raw.decoded.text != mail.decoded.text
