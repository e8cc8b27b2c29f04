"""What each model name of the fault server refuses: every status and error body that providers must tell apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from tests.servers.behaviours import FILTERED, Behaviour, plain
from tests.servers.http1 import Exchange

REFUSALS: dict[str, Behaviour] = {}

_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1>" + "<p>x</p>" * 500 + "</body></html>"


def _refusal(status: int, body: dict[str, Any] | str, **headers: str) -> Behaviour:
    async def behave(x: Exchange, arg: str) -> None:
        await x.respond(status, body, **headers)

    behave.__doc__ = f"Refuses with {status}."
    return behave


def _error(code: str, message: str, **more: object) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


_FILTER = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": FILTERED}

REFUSALS.update(
    {
        "400": _refusal(400, _error("invalid_request", "Something is wrong with it.")),
        "401": _refusal(401, {"statusCode": 401, "message": "Access denied due to invalid subscription key."}),
        "402": _refusal(402, {"error": {"message": "Insufficient credits"}}),
        "403": _refusal(403, _error("Forbidden", "Public access is disabled.")),
        "404": _refusal(404, _error("404", "Resource not found")),
        "404-deployment": _refusal(404, _error("DeploymentNotFound", "The API deployment does not exist.")),
        "404-model": _refusal(404, {"error": 'model "x" not found, try pulling it first'}),
        "405": _refusal(405, {"detail": "Method Not Allowed"}),
        "408": _refusal(408, "Request Timeout"),
        "409": _refusal(409, _error("Conflict", "The deployment is being updated.")),
        "410": _refusal(410, _error("Gone", "This API has been retired.")),
        "413": _refusal(413, "Payload Too Large"),
        "422": _refusal(422, {"detail": [{"loc": ["body", "messages"], "msg": "field required", "type": "missing"}]}),
        "429": _refusal(429, _error("429", "Too many requests."), retry_after="1"),
        "429-text": _refusal(429, _error("429", "Rate limit exceeded. Please retry after 2 seconds.")),
        "429-absurd": _refusal(429, _error("429", "Later."), retry_after="86400"),
        "429-long": _refusal(429, _error("429", "Later."), retry_after="45"),
        "500": _refusal(500, _error("InternalServerError", "Oops.")),
        "502": _refusal(502, _PAGE, content_type="text/html"),
        "503": _refusal(503, {"detail": "Service Unavailable"}),
        "504": _refusal(504, ""),
        "context": _refusal(400, _error("context_length_exceeded", "This model's maximum context length is 8192.")),
        "filter-prompt": _refusal(
            400, _error("content_filter", "The response was filtered.", param="prompt", innererror=_FILTER)
        ),
    }
)


def _behaviour(name: str) -> Callable[[Behaviour], Behaviour]:
    def register(function: Behaviour) -> Behaviour:
        REFUSALS[name] = function
        return function

    return register


@_behaviour("401-mislabelled")
async def _mislabelled(x: Exchange, arg: str) -> None:
    """Refuses a key, with a body that is said to be gzip and is none."""
    await x.respond(401, _error("401", "Access denied."), content_encoding="gzip")


@_behaviour("429-date")
async def limited_until(x: Exchange, arg: str) -> None:
    """Retry-After as a date one second from the server's own clock."""
    await x.respond(429, "Later.", retry_after=formatdate(2.0, usegmt=True), date=formatdate(1.0, usegmt=True))


@_behaviour("redirect")
async def redirect(x: Exchange, arg: str) -> None:
    """A 307 to another address: the argument, else a host that does not exist."""
    await x.respond(307, "", location=arg or "https://elsewhere.example/openai/v1/chat/completions?token=x")


@_behaviour("moved")
async def moved(x: Exchange, arg: str) -> None:
    """A 302 to the address of the argument, which many clients follow with all that they sent."""
    await x.respond(302, "", location=arg)


@_behaviour("fail-first")
async def fail_first(x: Exchange, arg: str) -> None:
    """fail-first:STATUS:TIMES refuses the first requests and then answers; counted over the server's life."""
    status, _, times = (arg or "503").partition(":")
    if x.request.number <= int(times or 1):
        # A worker that died says nothing; others say that it is not time yet.
        await x.respond(int(status), "" if status == "500" else _error(status, "Not yet."), retry_after="0")
    else:
        await plain(x, "")


@_behaviour("cut-first")
async def cut_first(x: Exchange, arg: str) -> None:
    """cut-first:TIMES ends the first answers after their headers, and then answers; counted over the server's life."""
    if x.request.number <= int(arg or 1):
        await x.start()
        await x.end()
    else:
        await plain(x, "")


@_behaviour("no-presence-penalty")
async def no_presence_penalty(x: Exchange, arg: str) -> None:
    """Takes no presence_penalty, as grok-3-mini says it."""
    await _unless(x, "presence_penalty", "Argument not supported on this model: presencePenalty")


@_behaviour("max-completion-tokens")
async def max_completion_tokens(x: Exchange, arg: str) -> None:
    """Takes max_completion_tokens instead of max_tokens, and no temperature."""
    sent = x.request.json
    if "max_tokens" in sent:
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        await x.respond(400, _error("unsupported_parameter", message, param="max_tokens"))
    elif "temperature" in sent:
        message = "Unsupported value: 'temperature' does not support 0.2 with this model."
        await x.respond(400, _error("unsupported_value", message, param="temperature"))
    else:
        await plain(x, "")


@_behaviour("no-system")
async def no_system(x: Exchange, arg: str) -> None:
    """no-system[:ROLE,...] takes no system prompt, nor one of these roles, in the words of the models that do not."""
    messages: list[dict[str, str]] = x.request.json["messages"]
    refused = [each["role"] for each in messages if each["role"] in {"system", *arg.split(",")}]
    if refused:
        message = f"Unsupported value: 'messages[0].role' does not support '{refused[0]}' with this model."
        await x.respond(400, _error("unsupported_value", message, param="messages[0].role"))
    else:
        await plain(x, "")


@_behaviour("blind")
async def blind(x: Exchange, arg: str) -> None:
    """Takes no pictures, as DeepSeek says it."""
    if '"image_url"' in json.dumps(x.request.json["messages"]):
        await x.respond(
            422, _error("invalid_request_error", "messages[0]: unknown variant `image_url`, expected `text`")
        )
    else:
        await plain(x, "")


@_behaviour("no-stream-options")
async def no_stream_options(x: Exchange, arg: str) -> None:
    """An old server that does not know stream_options."""
    await _unless(x, "stream_options", "Unrecognized request argument supplied: stream_options")


@_behaviour("rejects")
async def rejects(x: Exchange, arg: str) -> None:
    """rejects:NAME says of every request that NAME is unsupported, even when it was not sent."""
    await x.respond(400, _error("unsupported_parameter", f"Unsupported parameter: '{arg}'", param=arg))


@_behaviour("reflect-401")
async def reflect(x: Exchange, arg: str) -> None:
    """A 401 that shows the key."""
    await x.respond(401, f"Incorrect API key provided: {x.request.headers.get('authorization', '')}")


async def _unless(x: Exchange, name: str, message: str) -> None:
    if name in x.request.json:
        await x.respond(400, {"error": {"message": message, "type": "invalid_request_error", "param": None}})
    else:
        await plain(x, "")


async def _echo_key(x: Exchange, arg: str) -> None:
    """Refuses and gives the key back, in several spellings and places."""
    key = x.request.headers.get("authorization", "").rpartition(" ")[2]
    escaped = "".join(f"\\u{ord(each):04x}" for each in key)
    entities = "".join(f"&#{ord(each)};" for each in key)
    if arg == "page":
        await x.respond(502, f"<html><title>No {entities} here</title></html>", content_type="text/html")
        return
    percent = "".join(f"%{ord(each):02X}" for each in key)
    body = f'{{"error": {{"code": "401", "message": "Wrong: {escaped} {entities} {percent} {key}"}}}}'
    await x.respond(401, body, content_type="application/json", x_request_id=percent)


async def _echo_address(x: Exchange, arg: str) -> None:
    """Refuses and gives the address back, its query with it."""
    del arg
    await x.respond(404, {"error": {"message": f"Invalid URL (POST {x.request.target})", "code": "unknown_url"}})


REFUSALS["echo-address"] = _echo_address
REFUSALS["echo-key"] = _echo_key
