"""What models are given of attached files: by what they take, over each wire, encoded once for all panes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.attachments.attachment import Attachment, fingerprint
from desktop.attachments.decode_wire import Decoded, PlainPicture
from desktop.attachments.media_kind import Media, MediaKind
from desktop.attachments.sent_forms import SentAs, Taken, fenced, picture_tokens, sent_as
from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import FileLeftOut, Message, ModelRef, Role, Status, Wire, now
from desktop.domain.message_parts import FilePart, ImagePart, TextPart
from desktop.errors import AttachmentRefused
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.providers.wire.wire_format import FORMATS
from desktop.session.answer import AnswerTask
from desktop.session.history import fit
from desktop.session.prompt_files import PromptFiles, taken_by
from desktop.session.session import _words_of_people, new_conversation
from desktop.settings.values import Settings
from desktop.text.token_estimate import estimate_tokens
from tests.desktop.session.fakes import LOOPBACK, REF, MemoryJournal, ScriptedProvider, gateway, said, session

SHOWN = PlainPicture("image/png", b"pixels", 640, 480)


def made(kind: MediaKind, name: str, type_: str, **decoded: Any) -> Attachment:  # noqa: ANN401 - fields of Decoded
    data = name.encode()
    decoded["tokens"] = estimate_tokens(decoded.get("text", ""))
    return Attachment(
        sha256=fingerprint(data),
        name=name,
        media=Media(kind, type_),
        size=len(data),
        decoded=Decoded(**decoded),
    )


PICTURE = made(MediaKind.PICTURE, "a.png", "image/png", pictures=(SHOWN,))
PDF = made(MediaKind.PDF, "a.pdf", "application/pdf", text="Says it.", pages=2)
SCAN = made(MediaKind.PDF, "scan.pdf", "application/pdf", pages=1, pictures=(SHOWN,))
TEXT = made(MediaKind.TEXT, "a.py", "text/plain", text="print('```')")


class Source:
    """Files in memory; counts how often their bytes are asked for."""

    def __init__(self, *files: Attachment) -> None:
        self.files = {each.sha256: each for each in files}
        self.asked = 0

    async def find(self, part: ImagePart | FilePart) -> Attachment | None:
        return self.files.get(part.sha256)

    async def data(self, sha256: str) -> bytes | None:
        self.asked += 1
        return self.files[sha256].name.encode() if sha256 in self.files else None


def prompt(*files: Attachment, text: str = "What is it?") -> Message:
    parts = (*(each.part for each in files), TextPart(text=text))
    return Message(id="p", parent=None, role=Role.USER, parts=parts, status=Status.COMPLETE, created_at=now())


@pytest.mark.parametrize(
    ("file", "taken", "form"),
    [
        (PICTURE, Taken(), SentAs.PICTURE),
        (PICTURE, Taken(vision=False), SentAs.NOTHING),
        (PDF, Taken(), SentAs.TEXT),
        (PDF, Taken(wire=Wire.RESPONSES), SentAs.FILE),
        (PDF, Taken(wire=Wire.MESSAGES), SentAs.FILE),
        (PDF, Taken(wire=Wire.MESSAGES, files=False), SentAs.TEXT),
        (SCAN, Taken(), SentAs.PAGES),
        (SCAN, Taken(vision=False), SentAs.NOTHING),
        (TEXT, Taken(vision=False, files=False), SentAs.TEXT),
    ],
)
def test_each_file_goes_in_the_form_that_the_model_takes(file: Attachment, taken: Taken, form: SentAs) -> None:
    assert sent_as(file, taken) is form


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://api.openai.com/v1", SentAs.FILE),
        ("https://eu.api.openai.com/v1", SentAs.FILE),
        ("https://api.anthropic.com", SentAs.FILE),
        ("https://res.services.ai.azure.com/openai/v1", SentAs.FILE),
        ("https://res.openai.azure.com/openai/v1", SentAs.FILE),
        ("https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", SentAs.FILE),
        ("https://bedrock-mantle.eu-west-1.api.aws/v1", SentAs.FILE),
        ("http://127.0.0.1:8080/v1", SentAs.TEXT),
        ("https://api.openai.com.evil.example/v1", SentAs.TEXT),
        ("https://gateway.example/v1", SentAs.TEXT),
    ],
)
@pytest.mark.parametrize("wire", [Wire.RESPONSES, Wire.MESSAGES])
def test_files_go_only_to_servers_that_are_known_to_read_them(url: str, form: SentAs, wire: Wire) -> None:
    there = replace(LOOPBACK, url=url, wire=wire)
    taken = taken_by(gateway(ScriptedProvider([]), Settings(connections=(there,))), REF, Entry(id="m", files=True))
    assert sent_as(PDF, taken) is form


def test_a_model_that_refused_files_gets_their_text_from_then_on() -> None:
    there = replace(LOOPBACK, url="https://api.openai.com/v1", wire=Wire.RESPONSES)
    way = gateway(ScriptedProvider([]), Settings(connections=(there,)))
    way.options.files.learn(REF.connection, "https://api.openai.com", REF.name, value=False)
    assert sent_as(PDF, taken_by(way, REF, Entry(id="m", files=True))) is SentAs.TEXT


async def body(wire: Wire, *files: Attachment, text: str = "What is it?") -> Any:  # noqa: ANN401 - any JSON
    """What a server is sent of one prompt's content over a wire."""
    path = [prompt(*files, text=text)]
    given = await PromptFiles(Source(*files)).given(path, Taken(wire=wire), "m")
    sent = fit(path, system="", window=None, reserve=0, given=given).messages
    whole: Any = FORMATS[wire].body(ChatRequest(model="m", messages=sent), {})
    return (whole.get("input") or whole["messages"])[0]["content"]


async def test_each_wire_has_its_own_shape_of_pictures_and_files() -> None:
    url = "data:image/png;base64,cGl4ZWxz"
    assert await body(Wire.CHAT, PICTURE, PDF) == [
        {"type": "image_url", "image_url": {"url": url, "detail": "auto"}},
        {"type": "text", "text": "a.pdf\n```pdf\nSays it.\n```\n\nWhat is it?"},
    ]
    assert await body(Wire.RESPONSES, PICTURE, PDF) == [
        {"type": "input_image", "image_url": url, "detail": "auto"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,YS5wZGY="},
        {"type": "input_text", "text": "What is it?"},
    ]
    assert await body(Wire.MESSAGES, PICTURE, PDF) == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cGl4ZWxz"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "YS5wZGY="},
            "title": "a.pdf",
        },
        {"type": "text", "text": "What is it?"},
    ]


async def test_a_prompt_of_files_alone_has_no_empty_text() -> None:
    for wire in FORMATS:
        assert len(await body(wire, PICTURE, text="")) == 1


async def test_a_text_stands_in_a_fence_that_nothing_in_it_ends() -> None:
    assert await body(Wire.CHAT, TEXT) == "a.py\n````py\nprint('```')\n````\n\nWhat is it?"
    assert fenced("a.b c", "x").startswith("a.b c\n```\n")


async def test_panes_that_send_the_same_encode_it_once() -> None:
    source = Source(PICTURE, PDF)
    files = PromptFiles(source)
    for model in ("one", "two", "three"):
        given = await files.given([prompt(PICTURE, PDF)], Taken(wire=Wire.RESPONSES), model)
        assert len(given["p"].attached) == 2
    assert source.asked <= 3
    first = (await files.given([prompt(PICTURE)], Taken(), "m"))["p"].attached[0].data
    assert (await files.given([prompt(PICTURE)], Taken(), "n"))["p"].attached[0].data is first


async def test_what_a_model_does_not_get_is_said() -> None:
    files = PromptFiles(Source(PICTURE))
    blind = (await files.given([prompt(PICTURE)], Taken(vision=False), "llama"))["p"]
    assert (blind.attached, blind.nothing) == ((), (FileLeftOut(name="a.png", model="llama"),))
    gone = (await files.given([prompt(PDF)], Taken(), "m"))["p"]
    assert [each.sentence for each in gone.nothing] == ["a.pdf no longer exists and was not sent."]


async def test_files_take_their_room_in_the_window() -> None:
    path = [prompt(PICTURE, text="old")]
    given = await PromptFiles(Source(PICTURE)).given(path, Taken(), "claude-x")
    answer = Message(
        id="a", parent="p", role=Role.ASSISTANT, parts=prompt().parts, status=Status.COMPLETE, created_at=now()
    )
    last = Message(id="q", parent="a", role=Role.USER, parts=prompt().parts, status=Status.COMPLETE, created_at=now())
    whole: Sequence[Message] = [*path, answer, last]
    assert given["p"].tokens == 410
    assert fit(whole, system="", window=300, reserve=0, given=given).left_out == 1
    assert fit(whole, system="", window=300, reserve=0).left_out == 0


@pytest.mark.parametrize(
    ("width", "height", "model", "count"),
    [
        (1024, 1024, "gpt-4o", 765),
        (2048, 4096, "gpt-4o", 1105),
        (512, 512, "gpt-4o", 255),
        (1092, 1092, "claude-sonnet-5", 1590),
        (200, 200, "claude-sonnet-5", 54),
    ],
)
def test_pictures_come_to_tokens_as_vendors_say(width: int, height: int, model: str, count: int) -> None:
    assert picture_tokens(width, height, model) == count


def test_a_message_without_files_is_sent_as_a_string() -> None:
    for each in FORMATS.values():
        whole: Any = each.body(ChatRequest(model="m", messages=(ChatMessage(role=Role.USER, text="hi"),)), {})
        assert (whole.get("input") or whole["messages"])[0]["content"] == "hi"


async def test_a_model_that_gets_nothing_of_a_prompt_is_not_asked() -> None:
    provider = ScriptedProvider([said("no")])
    one = session(provider, MemoryJournal(), Catalog([Entry(id="scripted", vision=False)]))
    one._files = lambda: PromptFiles(Source(PICTURE))
    with pytest.raises(AttachmentRefused, match="cannot read the attachments, and the prompt contains nothing"):
        await one.ask("", files=[PICTURE.part])
    assert provider.requests == []
    answer = await one.ask("Still, say something.", files=[PICTURE.part])
    assert len(provider.requests) == 1
    assert [each.sentence for each in answer.left_out] == ["scripted cannot read a.png: not sent."]


async def test_where_the_server_counts_nothing_pictures_and_files_are_estimated_too() -> None:
    one = session(ScriptedProvider([said("a cat")]), MemoryJournal(), Catalog([Entry(id="scripted", vision=True)]))
    one._files = lambda: PromptFiles(Source(PICTURE))
    answer = await one.ask("What is it?", files=[PICTURE.part])
    assert answer.usage is not None
    assert answer.usage.estimated
    assert answer.usage.input_tokens == 410 + estimate_tokens("What is it?")


async def test_guards_look_at_what_a_file_says_that_goes_as_a_file() -> None:
    given = await PromptFiles(Source(PDF)).given([prompt(PDF)], Taken(wire=Wire.RESPONSES), "m")
    (part,) = given["p"].attached
    sent = fit([prompt(PDF)], system="Be brief.", window=None, reserve=0, given=given).messages
    task = AnswerTask(
        conversation=new_conversation(REF),
        prompt=prompt(PDF),
        answer=replace(prompt(), parts=()),
        request=ChatRequest(model="m", messages=sent),
        entry=Entry(id="m"),
    )
    said = _words_of_people(task)
    assert said["texts"] == ["Be brief.", part.name, part.text, "What is it?"]
    assert said["newest"] == 3
    later = (*sent, ChatMessage(role=Role.ASSISTANT, text="A list."), ChatMessage(role=Role.USER, text="Thanks."))
    said = _words_of_people(replace(task, request=ChatRequest(model="m", messages=later)))
    assert (said["texts"][-1], said["newest"]) == ("Thanks.", 1)
    assert "Says it." in part.text


def test_what_a_model_takes_whose_connection_is_gone_is_not_known() -> None:
    gone = taken_by(gateway(ScriptedProvider([])), ModelRef(connection="gone", name="m"), Entry(id="m"))
    assert (gone.vision, gone.files) == (None, None)
