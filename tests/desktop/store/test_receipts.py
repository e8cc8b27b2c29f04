"""Receipts lie beside their answers: read with the texts they refer to, gone with them, exported never."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import msgspec
import pytest

from desktop.domain.conversation_types import Conversation, Message, Status
from desktop.errors import MessageAmbiguous, MessageUnknown, StoreError
from desktop.receipts.receipt import KEY, EarlierTry, Receipt
from desktop.receipts.references import referred
from desktop.store.migrations import WITH_RECEIPTS
from desktop.store.opening.store_opener import Options
from desktop.store.receipts import AnswerPlace
from desktop.store.store import Store
from desktop.text.phrases import english
from desktop.transfer.export import paragone_json
from tests.desktop.store import made

PROMPT = "Which is up? The sky is blue because short waves are scattered more."


def receipt(prompt: Message) -> Receipt:
    body = msgspec.json.encode({"model": "m", "messages": [{"role": "user", "content": prompt.text}]})
    return Receipt(
        at=datetime(2026, 11, 28, tzinfo=UTC),
        wire="chat",
        url="https://secret-host.example/v1/chat/completions",
        headers={"authorization": f"Bearer {KEY}"},
        body=referred(body, [(prompt.id, prompt.text)]).body.decode(),
        check=crc32(body),
        tries=(EarlierTry(reason="Busy.", wait_s=1.5),),
        fingerprint="fp_1",
    )


async def kept(store: Store) -> tuple[Conversation, Message]:
    """A conversation of one answer with a receipt."""
    question = made.prompt(PROMPT)
    answer = made.answer(question)
    talk = made.conversation()
    await store.conversations.begin(talk, question, answer)
    await store.conversations.finish(made.finished(answer, "The sky.", Status.COMPLETE), receipt(question))
    return talk, answer


async def test_the_request_of_an_answer_is_put_together_again(store: Store) -> None:
    _, answer = await kept(store)
    sent = await store.receipts.get(answer.id)
    assert sent is not None
    assert json.loads(sent.body)["messages"][0]["content"] == PROMPT
    assert (sent.is_whole, sent.receipt.fingerprint) == (True, "fp_1")
    assert await store.receipts.get("other") is None


async def test_it_goes_with_its_answer(store: Store) -> None:
    talk, answer = await kept(store)
    await store.conversations.purge([talk.id])
    assert await store.receipts.get(answer.id) is None
    assert await store._database.read(lambda sql: sql.integer("SELECT count(*) FROM receipts")) == 0


async def test_no_export_has_its_address(store: Store) -> None:
    talk, _ = await kept(store)
    exported = "".join(paragone_json.export([await store.conversations.get(talk.id)], made.START))
    assert "The sky." in exported
    assert "secret-host" not in exported


async def test_a_damaged_one_is_none(store: Store) -> None:
    _, answer = await kept(store)
    await store._database.write(lambda sql: sql.run("UPDATE receipts SET state = '{'"))
    assert await store.receipts.get(answer.id) is None


async def test_a_store_of_a_version_before_receipts_is_read_as_it_is_and_gets_them_when_it_is_written(
    folder: Path,
) -> None:
    made.database(folder, WITH_RECEIPTS - 1, made.said("so"))
    hindered = Options(hinders=StoreError(english("not now")))
    async with await Store.open(folder, options=hindered) as store:
        assert await store.receipts.get("any") is None
    async with await Store.open(folder) as store:
        _, answer = await kept(store)
        assert await store.receipts.get(answer.id) is not None


async def test_what_is_another_text_by_now_is_told(store: Store) -> None:
    _, answer = await kept(store)
    await store._database.write(lambda sql: sql.run("UPDATE messages SET parts = replace(parts, 'blue', 'grey')"))
    sent = await store.receipts.get(answer.id)
    assert sent is not None
    assert (sent.missing.changed, sent.is_whole) == (True, False)


async def test_an_answer_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    talk, answer = await kept(store)
    place = AnswerPlace(message=answer.id, conversation=talk.id)
    assert await store.receipts.place(answer.id) == place
    assert await store.receipts.place(answer.id[:-2]) == place
    for wrong in ("", "no such id", answer.parent or ""):
        with pytest.raises(MessageUnknown):
            await store.receipts.place(wrong)
    await kept(store)
    with pytest.raises(MessageAmbiguous):
        await store.receipts.place(answer.id[0])
    await store.conversations.trash([talk.id])
    assert await store.receipts.place(answer.id) == place
    with pytest.raises(MessageUnknown):
        await store.receipts.place(answer.id[:-2])


@pytest.mark.parametrize(
    "change",
    [
        {"check": None},
        {"check": None, "mark": ""},
        {"body": '{"model":"m","messages":"paragone:attached:' + "0" * 64 + ';"}'},  # no file of it has that digest
    ],
)
async def test_without_its_check_or_with_a_reference_to_nothing_it_is_not_whole(
    store: Store, change: dict[str, object]
) -> None:
    _, answer = await kept(store)
    ((state,),) = await store._database.read(lambda sql: sql.rows("SELECT state FROM receipts"))
    forged = json.loads(str(state)) | change
    if "body" in change:
        forged["check"] = crc32(forged["body"].encode())
    await store._database.write(lambda sql: sql.run("UPDATE receipts SET state = ?", (json.dumps(forged),)))
    sent = await store.receipts.get(answer.id)
    assert sent is not None
    assert (sent.missing.changed, sent.is_whole) == (True, False)


async def test_the_name_of_a_file_that_is_gone_has_no_sign_that_is_not_seen(store: Store) -> None:
    _, answer = await kept(store)
    file = {"digest": "0" * 64, "sha256": "", "media_type": "text/plain", "name": "\u202ea.txt\x1b", "form": "text"}
    body = '"paragone:attached:' + "0" * 64 + ';"'
    ((state,),) = await store._database.read(lambda sql: sql.rows("SELECT state FROM receipts"))
    forged = json.dumps(json.loads(str(state)) | {"files": [file], "body": body})
    await store._database.write(lambda sql: sql.run("UPDATE receipts SET state = ?", (forged,)))
    sent = await store.receipts.get(answer.id)
    assert sent is not None
    assert sent.missing.files == ("a.txt",)
