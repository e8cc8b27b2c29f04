"""A kept request is sent again to the byte, is kept nowhere, and where it cannot be sent a sentence says why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import msgspec
import pytest

from desktop.attachments.attachment import Attachment, fingerprint
from desktop.attachments.decode_wire import Decoded, PlainPicture
from desktop.attachments.media_kind import Media, MediaKind
from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import (
    Auth,
    Connection,
    JsonValue,
    Kind,
    Message,
    ModelRef,
    Parameters,
    Status,
    Wire,
)
from desktop.domain.events import TextDelta
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import (
    BudgetSpent,
    ConnectionUnknown,
    ParagoneError,
    ParametersUnconfirmed,
    PolicyForbids,
    PromptFlagged,
    ReceiptMissing,
    RequestIncomplete,
)
from desktop.guards.gate import Gate, OpenGate, OutgoingTexts
from desktop.metrics.drift import DriftFact, FactPair, drift
from desktop.net.options import Credential, NetworkOptions
from desktop.net.origin import origin_of
from desktop.providers.provider import Provider
from desktop.receipts.receipt import Receipt
from desktop.session.gateway import Gateway
from desktop.session.prompt_files import PromptFiles
from desktop.session.rerun import Rerun, RerunAnswer, kept_request
from desktop.session.session import Session, new_conversation
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import (
    ALLOWED_HOSTS,
    ALLOWED_MODELS,
    ATTACHMENTS,
    PROVIDER_PARAMETERS,
    REQUESTS,
    Fixed,
    Policy,
    PolicyValue,
)
from desktop.settings.values import Settings
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.credentials.fakes import none_found
from tests.desktop.providers.asking import make_of
from tests.servers.behaviours import TEXT
from tests.servers.faults import FaultServer

NOTHING_SET = Parameters()
PROMPT = "Which is up? The sky is blue because short waves are scattered more."


class Real:
    """Makes providers that reach a server."""

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        return make_of(connection, credential)

    def warm(self, kind: Kind) -> None:
        del kind


class Bench:
    """A store, a server that is reached, and one conversation with a model of it."""

    def __init__(self, store: Store, server: FaultServer, gate: Gate) -> None:
        self.store, self.server = store, server
        lab = Connection(name="lab", kind=Kind.OPENAI_V1, url=server.url, auth=Auth.NONE)
        self.current = CurrentSettings(Settings(connections=(lab,)))
        keys = Keys(service="test", environ={}, find=none_found)
        self.gateway = Gateway(settings=self.current, keys=keys, factory=Real(), options=NetworkOptions(), gate=gate)
        self.gateway.program = "1.2.3"

    async def asked(
        self,
        model: str,
        *,
        wire: Wire = Wire.AUTO,
        files: tuple[Attachment, ...] = (),
        parameters: Parameters = NOTHING_SET,
    ) -> Message:
        """An answer of a model, asked over a wire with files."""
        lab = msgspec.structs.replace(self.current().connection("lab"), wire=wire)
        self.current.use(replace(self.current(), connections=(lab,)))
        self.gateway.options.files.learn("lab", origin_of(lab.url), model, value=True)
        session = Session(
            new_conversation(ModelRef(connection="lab", name=model), system="Be short.", parameters=parameters),
            gateway=self.gateway,
            catalog=Catalog(),
            journal=self.store.conversations,
            files=lambda: PromptFiles(self.store.files),
        )
        parts: list[ImagePart | FilePart] = [each.part for each in files]
        return await session.ask(PROMPT, files=parts)

    async def again(
        self, answer: Message, *, allowed: frozenset[str] = frozenset(), allow_parameters: bool = False
    ) -> RerunAnswer:
        kept = await kept_request(self.store, self.gateway, answer.id)
        return await Rerun(kept, self.gateway, Catalog()).run(allowed, allow_parameters=allow_parameters)

    def forbid(self, name: str, value: PolicyValue = False) -> None:
        entries = {name: Fixed(name, value, locked=True, source="test")}
        self.current.use(replace(self.current(), policy=Policy(entries=entries)))


@pytest.fixture
def gate() -> Gate:
    return OpenGate()


@pytest.fixture
async def bench(tmp_path: Path, gate: Gate) -> AsyncIterator[Bench]:
    async with FaultServer() as server, await Store.open(tmp_path / "data") as store:
        made = Bench(store, server, gate)
        yield made
        await made.gateway.aclose()


def made(kind: MediaKind, name: str, type_: str, **decoded: object) -> Attachment:
    return Attachment(
        sha256=fingerprint(name.encode() * 40),
        name=name,
        media=Media(kind, type_),
        size=len(name) * 40,
        decoded=msgspec.convert(decoded, Decoded),
    )


PICTURE = made(MediaKind.PICTURE, "a.png", "image/png", pictures=(PlainPicture("image/png", b"pixels" * 99, 9, 9),))
PDF = made(MediaKind.PDF, "a.pdf", "application/pdf", text="Says it. " * 30, pages=2)
NOTES = made(MediaKind.TEXT, "notes.txt", "text/plain", text="A line of notes.\n" * 40)
FILES = (PICTURE, PDF, NOTES)


@pytest.mark.parametrize("wire", [Wire.CHAT, Wire.RESPONSES, Wire.MESSAGES])
async def test_what_is_sent_again_is_what_was_sent_to_the_byte_with_its_files(bench: Bench, wire: Wire) -> None:
    for file in FILES:
        await bench.store.files.keep(file, file.name.encode() * 40)
    answer = await bench.asked("plain", wire=wire, files=FILES)
    came = await bench.again(answer)
    first, second = (each for each in bench.server.requests if each.method == "POST")
    assert (first.body, first.path) == (second.body, second.path)
    assert came.answer.text == answer.text != ""
    assert came.receipt is not None
    assert (came.receipt.program, came.elsewhere) == ("1.2.3", False)
    state = (await bench.store._database.read(lambda sql: sql.rows("SELECT state FROM receipts")))[0][0]
    for copy in ("pixels", "Says it", "A line of notes", "YS5wZGZh", "cGl4ZWxz", PROMPT):
        assert copy not in state


async def test_drift_names_words_figures_model_and_state_and_nothing_of_it_is_kept(bench: Bench) -> None:
    answer = await bench.asked("drifts")
    kept = await kept_request(bench.store, bench.gateway, answer.id[:-3])
    came = await Rerun(kept, bench.gateway, Catalog()).run()
    found = drift(kept.answer, kept.sent.receipt, came.answer, came.receipt, elsewhere=came.elsewhere)
    assert not found.is_same
    assert found.difference is not None
    assert [(each.left.of(found.then), each.right.of(found.now)) for each in found.difference.changes if not each.same]
    assert {*found.changed} == {
        FactPair(DriftFact.MODEL, "kept-1", "kept-2"),
        FactPair(DriftFact.FINGERPRINT, "fp_1", "fp_2"),
    }
    (talk,) = await bench.store.conversations.list()
    assert talk.message_count == 2
    refused = await bench.again(answer)  # the model is gone by now: what its server says is told
    assert refused.answer.status is Status.FAILED
    assert refused.answer.problem is not None
    assert refused.answer.problem.code == "deployment_not_found"


async def test_what_is_refused_is_sent_neither_otherwise_nor_over_another_wire(bench: Bench) -> None:
    answer = await bench.asked("grok-3-mini")
    kept = await kept_request(bench.store, bench.gateway, answer.id)
    body = kept.sent.body.replace(b'"stream":true', b'"presence_penalty":1,"stream":true')
    other = msgspec.structs.replace(kept, sent=msgspec.structs.replace(kept.sent, body=body))
    came = await Rerun(other, bench.gateway, Catalog()).run()
    assert came.answer.problem is not None
    assert came.answer.problem.code == "parameter_rejected"
    assert [each.body for each in bench.server.requests][1:] == [body]


async def test_an_answer_that_was_gone_on_with_is_held_against_the_whole(bench: Bench) -> None:
    lab = ModelRef(connection="lab", name="plain")
    session = Session(
        new_conversation(lab), gateway=bench.gateway, catalog=Catalog(), journal=bench.store.conversations
    )
    session.conversation = msgspec.structs.replace(session.conversation, model=ModelRef(connection="lab", name="cut"))
    broken = await session.ask(PROMPT)
    assert broken.text
    session.conversation = msgspec.structs.replace(session.conversation, model=lab)
    whole = await session.continue_()
    came = await bench.again(whole)
    assert came.answer.text == whole.text == broken.text + TEXT


async def test_it_can_be_stopped(bench: Bench) -> None:
    answer = await bench.asked("plain")
    kept = await kept_request(bench.store, bench.gateway, answer.id)
    body = kept.sent.body.replace(b'"model":"plain"', b'"model":"slow:20:400"')
    other = msgspec.structs.replace(kept, sent=msgspec.structs.replace(kept.sent, body=body))
    begun = asyncio.Event()
    rerun = Rerun(
        other, bench.gateway, Catalog(), listener=lambda event: begun.set() if isinstance(event, TextDelta) else None
    )
    task = asyncio.create_task(rerun.run())
    await begun.wait()
    rerun.stop()
    assert (await task).answer.status is Status.STOPPED
    assert rerun.text


async def refusal(bench: Bench, answer: Message) -> ParagoneError:
    before = len(bench.server.requests)
    with pytest.raises(ParagoneError) as raised:
        await bench.again(answer)
    assert len(bench.server.requests) == before
    return raised.value


async def test_parameters_that_may_steer_the_provider_go_again_only_with_a_yes(bench: Bench) -> None:
    tier: dict[str, JsonValue] = {"temperature": 0.5, "service_tier": "priority"}
    answer = await bench.asked("plain", parameters=Parameters(values=tier))
    error = await refusal(bench, answer)
    assert isinstance(error, ParametersUnconfirmed)
    assert 'service_tier = "priority"' in error.message
    assert "temperature" not in error.message
    assert (await bench.again(answer, allowed=error.found)).answer.status is Status.COMPLETE
    assert (await bench.again(answer, allow_parameters=True)).answer.status is Status.COMPLETE
    bench.forbid(PROVIDER_PARAMETERS.name)
    with pytest.raises(PolicyForbids, match="service_tier"):
        await bench.again(answer, allow_parameters=True)


async def test_without_a_receipt_a_sentence_says_so(bench: Bench) -> None:
    answer = await bench.asked("plain")
    await bench.store._database.write(lambda sql: sql.run("DELETE FROM receipts"))
    assert isinstance(await refusal(bench, answer), ReceiptMissing)


async def test_without_its_connection_or_where_policy_forbids_it_nothing_is_sent(bench: Bench) -> None:
    answer = await bench.asked("plain")
    bench.forbid(REQUESTS.name)
    assert isinstance(await refusal(bench, answer), PolicyForbids)
    bench.forbid(ALLOWED_HOSTS.name, ("other.example",))
    assert isinstance(await refusal(bench, answer), PolicyForbids)
    bench.current.use(Settings())
    assert isinstance(await refusal(bench, answer), ConnectionUnknown)


async def test_a_connection_of_another_format_is_asked_nothing(bench: Bench) -> None:
    answer = await bench.asked("plain")
    lab = msgspec.structs.replace(bench.current().connection("lab"), kind=Kind.ANTHROPIC)
    bench.current.use(Settings(connections=(lab,)))
    assert isinstance(await refusal(bench, answer), RequestIncomplete)


async def test_a_connection_that_leads_elsewhere_is_told(bench: Bench) -> None:
    answer = await bench.asked("plain")
    async with FaultServer() as other:
        lab = msgspec.structs.replace(bench.current().connection("lab"), url=other.url)
        bench.current.use(Settings(connections=(lab,)))
        assert (await bench.again(answer)).elsewhere


async def test_a_request_that_holds_a_key_goes_to_no_other_server_than_before(bench: Bench) -> None:
    key = "short waves are scattered"  # as far as the mask knows
    answer = await bench.asked("plain")
    bench.gateway.mask.add(key)
    async with FaultServer() as other:
        lab = msgspec.structs.replace(bench.current().connection("lab"), url=other.url)
        assert (await bench.again(answer)).answer.status is Status.COMPLETE
        bench.current.use(Settings(connections=(lab,)))
        with pytest.raises(RequestIncomplete, match="a key"):
            await bench.again(answer)
        assert other.requests == []


async def test_a_file_that_is_gone_is_named_and_one_that_may_not_be_sent_is_held(bench: Bench) -> None:
    await bench.store.files.keep(NOTES, b"x")
    answer = await bench.asked("plain", files=(NOTES,))
    bench.forbid(ATTACHMENTS.name)
    assert isinstance(await refusal(bench, answer), PolicyForbids)
    bench.current.use(replace(bench.current(), policy=Policy()))
    files = bench.store.files
    async with files._one:
        await (await files._opened(write=True)).write(lambda sql: sql.run("DELETE FROM files"))
    error = await refusal(bench, answer)
    assert isinstance(error, RequestIncomplete)
    assert "notes.txt" in error.message


class Seen:
    """A gate that keeps what it was shown, and raises what it is given."""

    def __init__(self) -> None:
        self.outgoing: list[OutgoingTexts] = []
        self.error: ParagoneError | None = None

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: object) -> tuple[()]:
        del settings, stored
        self.outgoing.append(outgoing)
        if self.error is not None:
            raise self.error
        return ()

    async def cost(self, usd: float, settings: Settings) -> None:
        del usd, settings


@pytest.mark.parametrize("gate", [Seen()])
async def test_guards_see_all_that_people_say_with_what_their_files_say(bench: Bench, gate: Seen) -> None:
    await bench.store.files.keep(PDF, PDF.name.encode() * 40)
    answer = await bench.asked("plain", wire=Wire.RESPONSES, files=(PDF,))
    first = gate.outgoing[-1]
    await bench.again(answer)
    again = gate.outgoing[-1]
    assert {PROMPT, "Be short.", PDF.decoded.text} <= {*again.texts}
    assert again.texts[-1] == first.texts[-1] == PROMPT
    for error in (BudgetSpent(english("Spent.")), PromptFlagged(english("A key."), found=frozenset({"f"}))):
        gate.error = error
        assert await refusal(bench, answer) is error


async def forge(bench: Bench, answer: Message, change: dict[str, JsonValue]) -> None:
    """Change what is kept of the body, its check along."""
    kept = await bench.store.receipts.get(answer.id)
    assert kept is not None
    body = msgspec.json.encode(json.loads(kept.receipt.body) | change).decode()
    whole = msgspec.json.encode(json.loads(kept.body) | change)
    await put(bench, msgspec.structs.replace(kept.receipt, body=body, check=crc32(whole)))


async def put(bench: Bench, receipt: Receipt) -> None:
    state = msgspec.json.encode(receipt).decode()
    await bench.store._database.write(lambda sql: sql.run("UPDATE receipts SET state = ?", (state,)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "stop"}, "a different model than"),
        ({"tools": [{"type": "web_search"}]}, "“tools”"),
        ({"messages": [{"role": "user", "content": "x", "name": "not looked at"}]}, "“messages”"),
    ],
)
async def test_a_request_that_was_changed_in_the_store_is_not_sent(
    bench: Bench, change: dict[str, JsonValue], said: str
) -> None:
    answer = await bench.asked("plain")
    await forge(bench, answer, change)
    error = await refusal(bench, answer)
    assert isinstance(error, RequestIncomplete)
    assert said in error.message


async def test_a_model_that_is_not_allowed_any_more_is_not_asked(bench: Bench) -> None:
    answer = await bench.asked("plain")
    bench.forbid(ALLOWED_MODELS.name, ("lab/other",))
    assert isinstance(await refusal(bench, answer), PolicyForbids)


@pytest.mark.parametrize("wire", ["messages", "auto", "other"])
async def test_a_receipt_of_another_wire_than_its_body_is_not_sent(bench: Bench, wire: str) -> None:
    answer = await bench.asked("plain")
    await bench.store._database.write(
        lambda sql: sql.run("UPDATE receipts SET state = json_set(state, '$.wire', ?)", (wire,))
    )
    assert isinstance(await refusal(bench, answer), RequestIncomplete)


async def test_a_connection_that_asks_over_another_wire_by_now_is_asked_nothing(bench: Bench) -> None:
    answer = await bench.asked("plain")
    lab = msgspec.structs.replace(bench.current().connection("lab"), wire=Wire.RESPONSES)
    bench.current.use(Settings(connections=(lab,)))
    assert isinstance(await refusal(bench, answer), RequestIncomplete)


async def test_a_file_that_stands_in_a_receipt_itself_goes_round_no_policy(bench: Bench) -> None:
    await bench.store.files.keep(PICTURE, b"x")
    answer = await bench.asked("plain", files=(PICTURE,))
    kept = await bench.store.receipts.get(answer.id)
    assert kept is not None
    inline = msgspec.structs.replace(kept.receipt, body=kept.body.decode())
    inline = msgspec.structs.replace(
        inline, files=tuple(msgspec.structs.replace(each, sha256="") for each in inline.files)
    )
    await put(bench, inline)
    assert isinstance(await refusal(bench, answer), RequestIncomplete)


async def test_an_answer_that_lost_its_model_is_said_to_be_damaged(bench: Bench) -> None:
    answer = await bench.asked("plain")
    await bench.store._database.write(lambda sql: sql.run("UPDATE messages SET facts = '{' WHERE role = 'assistant'"))
    error = await refusal(bench, answer)
    assert isinstance(error, RequestIncomplete)
    assert "damaged" in error.message
