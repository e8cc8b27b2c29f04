"""`conversations show --receipts`: prints the requests for all responses as sent, without keys."""

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
    """Print the receipts of the current branch.

    Raises:
        PolicyForbids: If a policy does not allow showing requests.
        StoreError: If the store cannot be read.
    """
    services.settings.policy.require(REQUESTS)
    answers = [answer_id.id for answer_id in conversation.path() if answer_id.role is Role.ASSISTANT]
    receipts = (await services.store()).receipts
    if arguments.json:

        async def described() -> AsyncIterator[JsonValue]:
            """Yield one receipt at a time, since each may have many megabytes."""
            for answer_id in answers:
                yield {"message": answer_id, "request": _described(await receipts.get(answer_id))}

        await services.console.json_array(described())
        return
    for answer_id in answers:
        services.console.line(f"Answer {answer_id}")
        sent = await receipts.get(answer_id)
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
    """Return lines about the server's reply, and about parts that cannot be shown."""
    receipt, missing = sent.receipt, sent.missing
    lines = [f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC · {receipt.wire} · {receipt.url}"]
    if receipt.program:
        lines.append(f"Paragone {receipt.program}")
    if receipt.server_model or receipt.fingerprint:
        lines.append(" · ".join(filter(None, (receipt.server_model, receipt.fingerprint))))
    if receipt.answered:
        lines.append(" · ".join(f"{name}: {value}" for name, value in receipt.answered.items()))
    lines += [_tried(each) for each in receipt.tries]
    if missing.messages:
        lines.append(f"{count(missing.messages, 'message')} deleted: a reference replaces them.")
    lines += [f"{name} no longer exists: a reference replaces it." for name in missing.files]
    if missing.changed:
        lines.append("The receipt is damaged: this is not exactly what was sent.")
    return lines


def _tried(each: EarlierTry) -> str:
    return f"Earlier attempt: {each.reason}" + (f" Waited {each.wait_s:.1f} s." if each.wait_s else "")


def _described(sent: SentRequest | None) -> JsonValue:
    """Return the JSON output of a receipt, with the body as JSON."""
    if sent is None:
        return None
    kept: dict[str, JsonValue] = msgspec.to_builtins(sent.receipt)
    missing: dict[str, JsonValue] = msgspec.to_builtins(sent.missing)
    return {**kept, "body": sent.body.decode(), "missing": missing}
