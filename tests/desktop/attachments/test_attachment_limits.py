"""What settings and the organisation's policy allow to go with prompts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from desktop.attachments.attachment_desk import AttachmentDesk
from desktop.attachments.attachment_limits import AttachmentLimits, limits_of
from desktop.attachments.decoder import Decoder
from desktop.attachments.media_kind import MediaKind
from desktop.attachments.sent_forms import SentAs, Taken, sent_as
from desktop.errors import AttachmentRefused, PolicyForbids
from desktop.settings.policy import ATTACHMENT_KINDS, ATTACHMENTS, Fixed, Policy, PolicyValue
from desktop.settings.schema import LARGEST_ATTACHMENT
from desktop.settings.values import Settings
from main import DECODE_SWITCH, child_command
from tests.desktop.attachments import made_files


def allowed(*said: tuple[str, PolicyValue]) -> AttachmentLimits:
    entries = {name: Fixed(name, value, locked=True, source="test.json") for name, value in said}
    return limits_of(Settings(policy=Policy(entries)))


@pytest.fixture
async def desk() -> AsyncIterator[AttachmentDesk]:
    async def nowhere() -> Any:  # noqa: ANN401 - what keeps files
        raise AssertionError("nothing is kept")

    made = AttachmentDesk(Decoder(child_command(DECODE_SWITCH)), nowhere)
    yield made
    await made.aclose()


def test_without_a_policy_all_kinds_and_the_usual_sizes_are_allowed() -> None:
    assert limits_of(Settings()) == AttachmentLimits()


async def test_where_files_are_forbidden_none_is_taken_and_it_is_said_who_says_so(desk: AttachmentDesk) -> None:
    desk.limits = lambda: allowed((ATTACHMENTS.name, False))
    with pytest.raises(PolicyForbids, match="Your organization does not allow attaching files") as no:
        await desk.take(b"notes", "notes.txt", keep=False)
    assert "test.json" in str(no.value.hint)


async def test_of_kinds_those_that_are_named_are_taken(desk: AttachmentDesk) -> None:
    desk.limits = lambda: allowed((ATTACHMENT_KINDS.name, ("text", "pdf")))
    assert (await desk.take(b"notes", "notes.txt", keep=False)).size == 5
    with pytest.raises(PolicyForbids, match="Your organization does not allow attaching images"):
        await desk.take(made_files.photo(), "a.jpg", keep=False)


async def test_a_file_that_is_larger_than_set_is_refused(desk: AttachmentDesk) -> None:
    set_to_one = Settings(values=MappingProxyType({LARGEST_ATTACHMENT.key: 1}))
    desk.limits = lambda: limits_of(set_to_one)
    assert desk.limits().file_bytes == 1 << 20
    with pytest.raises(AttachmentRefused, match="larger than 1 MB"):
        await desk.take(b"a" * ((1 << 20) + 1), "notes.txt", keep=False)


async def test_pictures_are_scaled_to_the_side_that_is_set(desk: AttachmentDesk) -> None:
    desk.limits = lambda: msgspec.structs.replace(AttachmentLimits(), side=512)
    (drawn,) = (await desk.take(made_files.photo(), "a.jpg", keep=False)).decoded.pictures
    assert max(drawn.width, drawn.height) == 512


@pytest.mark.parametrize(
    ("size", "given"),
    [((4032, 3024), (2048, 1536)), ((2100, 1575), (2048, 1536)), ((1000, 9000), (228, 2048)), ((1200, 900),) * 2],
)
async def test_a_photo_has_the_side_that_is_set_however_it_was_unpacked(
    desk: AttachmentDesk, size: tuple[int, int], given: tuple[int, int]
) -> None:
    (drawn,) = (await desk.take(made_files.photo(*size), "a.jpg", keep=False)).decoded.pictures
    assert (drawn.width, drawn.height) == given


async def test_what_may_not_be_sent_any_more_is_nothing_to_a_model(desk: AttachmentDesk) -> None:
    notes = await desk.take(b"notes", "notes.txt", keep=False)
    for kinds, form in ((None, SentAs.TEXT), ((), SentAs.NOTHING), ((MediaKind.PDF,), SentAs.NOTHING)):
        assert sent_as(notes, Taken(kinds=kinds)) is form
