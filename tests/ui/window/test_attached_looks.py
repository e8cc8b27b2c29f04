"""How attached files look: those that came with an import are decoded when they are first shown."""

from __future__ import annotations

import msgspec

from desktop.attachments.attachment import fingerprint
from desktop.attachments.media_kind import Media, MediaKind
from desktop.attachments.sent_forms import Taken
from desktop.catalog.catalog_entry import Entry
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.services import Services
from tests.desktop.attachments import made_files
from tests.ui.waiting import until
from ui.attachments.attached_looks import AttachedLooks
from ui.attachments.attachment_text import given_text, tokens_of
from ui.base.tasks import Tasks


async def test_a_picture_that_was_imported_is_drawn_once_it_is_shown(services: Services, tasks: Tasks) -> None:
    store, data = await services.store(), made_files.photo()
    part = ImagePart(sha256=fingerprint(data), media_type="image/jpeg", name="a.jpg")
    await store.files.bring(part.sha256, Media(MediaKind.OTHER, part.media_type), data)
    looks = AttachedLooks(services, tasks)
    assert looks.look(part) is None
    await until(lambda: looks.look(part) is not None)
    found = looks.look(part)
    assert found is not None
    assert found.picture.width() == 256
    assert await store.files.find(part) is not None


async def test_the_same_bytes_under_two_names_look_as_what_each_is(services: Services, tasks: Tasks) -> None:
    data = b"Subject: Hello\nContent-Type: text/html\n\n<p>Words</p>"
    raw = await services.attachments.take(data, "raw.txt")
    mail = await services.attachments.take(data, "m.eml")
    looks = AttachedLooks(services, tasks)
    for each in (raw, mail):
        looks.hold(each)
    for each in (raw, mail):
        part = each.part
        assert isinstance(part, FilePart)
        look = looks.look(part)
        assert look is not None
        assert look.attachment is not None
        assert look.attachment.media == each.media
        assert look.attachment.decoded.tokens == each.decoded.tokens


async def test_what_is_held_of_a_file_is_small_and_the_same_is_said_of_it(services: Services, tasks: Tasks) -> None:
    long = await services.attachments.take("\n\n".join(["words"] * 200_000).encode(), "long.txt")
    photo = await services.attachments.take(made_files.photo(), "a.jpg")
    looks = AttachedLooks(services, tasks)
    for made in (long, photo):
        looks.hold(made)
        look = looks.look(made.part)
        assert look is not None
        assert look.attachment is not None
        assert len(msgspec.msgpack.encode(look.attachment)) < 1_000
        assert not look.picture.isNull() or not made.decoded.thumbnail
        assert given_text([look.attachment], Taken()) == given_text([made], Taken())
        assert tokens_of([look.attachment], Entry(id="gpt-4.1")) == tokens_of([made], Entry(id="gpt-4.1"))
