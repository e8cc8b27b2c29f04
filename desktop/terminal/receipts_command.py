"""`conversations show --receipts`: the request of each answer as it was sent, without the key."""

from __future__ import annotations

import argparse

import msgspec

from desktop.domain import Conversation, JsonValue, Role
from desktop.receipts.request_text import RequestForm, request_text
from desktop.settings.policy import REQUESTS
from desktop.store.receipts import SentRequest
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices

_NONE = "No receipt: the answer is older than they are, was imported, or reached no server."


async def show(services: ConsoleServices, conversation: Conversation, arguments: argparse.Namespace) -> None:
    """Print them for the branch that is shown. Raises PolicyForbids, StoreError."""
    services.settings.policy.demand(REQUESTS)
    answers = [each for each in conversation.path() if each.role is Role.ASSISTANT]
    found = await (await services.store()).receipts.of([each.id for each in answers])
    if arguments.json:
        services.console.json([{"message": each.id, "request": _described(found.get(each.id))} for each in answers])
        return
    for each in answers:
        services.console.line(f"Answer {each.id}")
        sent = found.get(each.id)
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
    receipt = sent.receipt
    told = [f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC · {receipt.wire} · {receipt.url}"]
    if receipt.server_model or receipt.fingerprint:
        told.append(" · ".join(filter(None, (receipt.server_model, receipt.fingerprint))))
    told += [f"Tried before: {each.reason} Waited {each.wait_s:.1f} s." for each in receipt.tries]
    if sent.missing.messages:
        told.append(f"{count(sent.missing.messages, 'message')} of it deleted: a reference stands there.")
    if sent.missing.files:
        told.append(f"{count(sent.missing.files, 'attached file')} of it not kept with it: a reference stands there.")
    return told


def _described(sent: SentRequest | None) -> JsonValue:
    """For programs: all that is kept, the body as JSON."""
    if sent is None:
        return None
    kept: dict[str, JsonValue] = msgspec.to_builtins(sent.receipt)
    missing: dict[str, JsonValue] = {"messages": sent.missing.messages, "files": sent.missing.files}
    return {**kept, "body": sent.body.decode(), "missing": missing}
