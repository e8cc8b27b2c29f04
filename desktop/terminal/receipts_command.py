"""`conversations show --receipts`: the request of each answer as it was sent, without the key."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator

import msgspec

from desktop.domain.conversation_types import Conversation, JsonValue, Role
from desktop.receipts.receipt import EarlierTry
from desktop.receipts.request_text import RequestForm, request_text
from desktop.settings.policy import REQUESTS
from desktop.store.receipts import SentRequest
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices

_NONE = "No receipt: the response is older than receipts, was imported, or never reached a server."


async def show(services: ConsoleServices, conversation: Conversation, arguments: argparse.Namespace) -> None:
    """Print them for the branch that is shown. Raises PolicyForbids, StoreError."""
    services.settings.policy.require(REQUESTS)
    answers = [each.id for each in conversation.path() if each.role is Role.ASSISTANT]
    receipts = (await services.store()).receipts
    if arguments.json:

        async def described() -> AsyncIterator[JsonValue]:
            """One after the other: with files each may be many megabytes."""
            for each in answers:
                yield {"message": each, "request": _described(await receipts.get(each))}

        await services.console.json_array(described())
        return
    for each in answers:
        services.console.line(f"Answer {each}")
        sent = await receipts.get(each)
        if sent is None:
            services.console.line(f"{_NONE}\n")
            continue
        for line in _facts(sent):
            services.console.line(line)
        services.console.line("")
        services.console.write(request_text(sent.receipt, sent.body, RequestForm(arguments.receipts)))
        services.console.end_line()
        services.console.line("")


def _facts(sent: SentRequest) -> list[str]:
    """What came back about it, and what of it cannot be shown."""
    receipt, missing = sent.receipt, sent.missing
    told = [f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC · {receipt.wire} · {receipt.url}"]
    if receipt.program:
        told.append(f"Paragone {receipt.program}")
    if receipt.server_model or receipt.fingerprint:
        told.append(" · ".join(filter(None, (receipt.server_model, receipt.fingerprint))))
    if receipt.answered:
        told.append(" · ".join(f"{name}: {value}" for name, value in receipt.answered.items()))
    told += [_tried(each) for each in receipt.tries]
    if missing.messages:
        told.append(f"{count(missing.messages, 'message')} deleted: a reference replaces them.")
    told += [f"{name} no longer exists: a reference replaces it." for name in missing.files]
    if missing.changed:
        told.append("The receipt is damaged: this is not exactly what was sent.")
    return told


def _tried(each: EarlierTry) -> str:
    return f"Earlier attempt: {each.reason}" + (f" Waited {each.wait_s:.1f} s." if each.wait_s else "")


def _described(sent: SentRequest | None) -> JsonValue:
    """For programs: all that is kept, the body as JSON."""
    if sent is None:
        return None
    kept: dict[str, JsonValue] = msgspec.to_builtins(sent.receipt)
    missing: dict[str, JsonValue] = msgspec.to_builtins(sent.missing)
    return {**kept, "body": sent.body.decode(), "missing": missing}
