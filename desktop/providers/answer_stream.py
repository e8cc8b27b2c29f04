"""Requests a response: builds the body, retries if that helps, and drops parameters that the model does not accept."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct, field

from desktop.domain.conversation_types import JsonValue, Wire
from desktop.domain.events import Notice, RequestSent, RetryWait, StreamEvent
from desktop.errors import (
    AddressNotFound,
    AnswerTooLarge,
    AnswerUnreadable,
    FilesRejected,
    Interrupted,
    ParameterRejected,
    ProviderError,
    RateLimited,
    Stalled,
    SystemPromptRejected,
    WireRejected,
)
from desktop.net.addresses import Address
from desktop.net.http import ACCEPT_STREAM
from desktop.net.options import NetworkOptions
from desktop.providers.provider import AttachedPart, ChatRequest
from desktop.providers.request_features import (
    Feature,
    dropped_feature,
    rejected_feature,
    without_features,
    without_tool_fields,
)
from desktop.providers.wire.answer_reader import read_answer
from desktop.providers.wire.chat_body import files_as_text
from desktop.providers.wire.faults import RequestTarget, refused
from desktop.providers.wire.retry import LONGEST_WAIT_S, duration, wait_before, worth_retrying
from desktop.providers.wire.transport import Reply, Transport
from desktop.providers.wire.unsupported_features import SEARCH_SOURCES, WEB_SEARCH
from desktop.providers.wire.wire_format import FORMATS, WireFormat
from desktop.providers.wire_choice import WireChoice
from desktop.receipts.sent_headers import kept_address
from desktop.text.phrases import Phrase, phrase

_ESSENTIAL = frozenset({"model", "messages", "stream", "input", "instructions", "store", "system"})
"""Fields that must not be dropped: without them, the request would have no messages, or would be stored by the server.
"""

_OTHER_NAMES = {"include_usage": "stream_options", WEB_SEARCH: "web_search_options"}
"""Fields by the names with which servers reject them."""

_RENAMES = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_OURS = frozenset({"stream_options"})
_OURS_WITHIN = {"reasoning": "summary"}
"""Option that Paragone adds to the user's parameters; if both are rejected, it is dropped first."""

_NEXT_ROLE = {"system": "developer", "developer": "user"}
"""Fallback roles for a system prompt that a model does not accept; finally it is prepended to the first prompt."""


class Adapted(NamedTuple):
    """A request body that the model accepts, and notices about what was changed."""

    body: dict[str, JsonValue]
    notices: list[Notice]


class ParameterMemory:
    """Cache of rejected parameters by model, for the lifetime of a provider."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str | None]] = {}  # model, parameter, the name used instead
        self._roles: dict[str, str] = {}  # model, the role of its system prompt where that is another one
        self._features: dict[str, set[Feature]] = {}  # model, what it does not support

    def rejected(self, model: str) -> Collection[Feature]:
        """Return the features that `model` does not support."""
        return self._features.get(model, ())

    def learn_feature(self, model: str, feature: Feature) -> None:
        """Record that `model` does not support a feature."""
        self._features.setdefault(model, set()).add(feature)

    def adapt(self, model: str, body: Mapping[str, JsonValue]) -> Adapted:
        """Return `body` without the fields that `model` does not accept, and a notice for each one the user had set."""
        adapted = dict(body)
        notices: list[Notice] = []
        for name, instead in self._known.get(model, {}).items():
            outer, _, inner = name.partition(".")
            if inner and isinstance(held := adapted.get(outer), dict):
                adapted[outer] = {each: value for each, value in held.items() if each != inner}
            if name == SEARCH_SOURCES and isinstance(included := adapted.get("include"), list):
                adapted["include"] = [each for each in included if each != name]
            if name not in adapted:
                continue
            value = adapted.pop(name)
            if instead is not None:
                adapted.setdefault(instead, value)
            elif name not in _OURS:
                notices.append(_dropped(model, name))
        if (role := self._roles.get(model)) is not None and _role_of_system(adapted) not in {"", role}:
            adapted["messages"] = _with_system_as(role, _messages(adapted))
            notices.append(_system_sent_as(model, role))
        return Adapted(adapted, notices)

    def learn(self, model: str, error: ParameterRejected, sent: Mapping[str, JsonValue]) -> Notice | None:
        """Record that `model` rejected a parameter of the body `sent`; return None if that cannot be fixed."""
        if isinstance(error, SystemPromptRejected):
            return self._learn_role(model, sent)
        name = _OTHER_NAMES.get(error.parameter, error.parameter)
        included = sent.get("include")
        if name == SEARCH_SOURCES and isinstance(included, list) and name in included:
            self._known.setdefault(model, {})[name] = None
            return _dropped(model, name)
        if name not in sent or name in _ESSENTIAL:
            return None
        known = self._known.setdefault(model, {})
        within, held = _OURS_WITHIN.get(name), sent[name]
        if isinstance(held, dict) and within in held and len(held) > 1:
            known[f"{name}.{within}"] = None
            return _dropped(model, f"{name}.{within}")
        # A concurrent request may have learned this already
        instead = known.get(name, _RENAMES.get(name))
        if instead is not None and name not in known and instead in {*known, *sent}:
            instead = None
        known[name] = instead
        if instead is not None:
            said = phrase("{model} uses “{instead}” instead of “{name}”.", model=model, instead=instead, name=name)
            return Notice(code="parameter_dropped", message=said)
        return _dropped(model, name)

    def _learn_role(self, model: str, sent: Mapping[str, JsonValue]) -> Notice | None:
        refused = _role_of_system(sent)
        role = self._roles.get(model)
        if role is None or role == refused:  # else another answer learnt it meanwhile
            role = _NEXT_ROLE.get(refused)
        if role is None:
            return None
        self._roles[model] = role
        return _system_sent_as(model, role)


def _messages(body: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    messages = body.get("messages")
    return [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []


def _role_of_system(body: Mapping[str, JsonValue]) -> str:
    """Return the role of the message that contains the system prompt; empty if there is none."""
    found = (each.get("role") for each in _messages(body))
    return next((role for role in found if isinstance(role, str) and role in _NEXT_ROLE), "")


def _with_system_as(role: str, messages: list[dict[str, JsonValue]]) -> list[JsonValue]:
    """Return the messages with the system prompt in another role, or prepended to the first prompt."""
    system = [each for each in messages if each.get("role") in _NEXT_ROLE]
    if role != "user":
        return [{**each, "role": role} if each in system else each for each in messages]
    rest = [each for each in messages if each not in system]
    said = "\n\n".join(text for each in system if isinstance(text := each.get("content"), str))
    first = next((at for at, each in enumerate(rest) if each.get("role") == "user"), None)
    if first is None:
        return [{"role": "user", "content": said}, *rest]
    rest[first] = {**rest[first], "content": f"{said}\n\n{rest[first].get('content')}"}
    return [*rest]


def _system_sent_as(model: str, role: str) -> Notice:
    if role == "user":
        said = phrase(
            "{model} does not accept system prompts: the system prompt is sent with the first prompt instead.",
            model=model,
        )
    else:
        said = phrase(
            "{model} does not accept system prompts: the system prompt is sent as a developer message instead.",
            model=model,
        )
    return Notice(code="system_prompt_moved", message=said)


def _dropped(model: str, name: str) -> Notice:
    said = phrase("{model} does not accept “{name}”: the parameter was not sent.", model=model, name=name)
    return Notice(code="parameter_dropped", message=said)


Sleep = Callable[[float], Awaitable[None]]

_HEADERS = {"Accept": ACCEPT_STREAM, "Content-Type": "application/json"}
_SWITCHED: Mapping[Wire, Callable[[str], Phrase]] = {
    Wire.CHAT: lambda model: phrase(
        "{model} does not support the API that was last used for it. From now on, Paragone uses the Chat "
        "Completions API.",
        model=model,
    ),
    Wire.RESPONSES: lambda model: phrase(
        "{model} only supports the Responses API. From now on, Paragone uses that API.", model=model
    ),
    Wire.MESSAGES: lambda model: phrase(
        "{model} only supports the Messages API. From now on, Paragone uses that API.", model=model
    ),
}
_MOST_ERROR_BYTES = 256 << 10
_ERROR_BODY_S = 10.0
_MOST_LEARNT = 20
"""Maximum parameters dropped from one request; a server that rejects more probably rejects any."""


class _Asking(Struct):
    """One request in progress: its body, its API format, and which fallbacks were tried.

    Without a `body`, the exact body of the ChatRequest is sent. `refused` is the error to raise if the last fallback
    fails.
    """

    request: ChatRequest
    wire: Wire
    body: dict[str, JsonValue] | None
    tried: list[Wire] = field(default_factory=list[Wire])
    dropped: list[Feature] = field(default_factory=list[Feature])
    retries: int = 0
    learnt: int = 0
    refused: ProviderError | None = None

    def __post_init__(self) -> None:
        self.tried.append(self.wire)

    @property
    def encoded(self) -> bytes:
        """JSON body of the request."""
        exact = self.request.exact
        return exact.json if exact is not None else msgspec.json.encode(self.body)


class AnswerStream:
    """Requests responses over one transport. Remembers rejected parameters and API formats by model.

    `body` contains defaults for every request. `wires` chooses a model's API format unless the user has chosen one or
    the server names another.
    """

    def __init__(
        self,
        transport: Transport,
        address: Address,
        options: NetworkOptions,
        wires: WireChoice,
        *,
        body: Mapping[str, JsonValue] | None = None,
        rng: Callable[[], float] = random.random,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._transport = transport
        self._address = address
        self._options = options
        self._body = dict(body or {})
        self._rng = rng
        self._sleep = sleep
        self._wires = wires
        self._memories = {each: ParameterMemory() for each in FORMATS}

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See Provider."""
        if request.exact is not None:
            asking = _Asking(request, request.exact.wire, None)
        else:
            wire = self._wires.of(request.model, request.wire, searches=request.web_search)
            body, notices = self._adapted(request, wire)
            asking = _Asking(request, wire, body)
            for notice in notices:
                yield notice
        while True:
            begun = False
            try:
                async with aclosing(self._attempt(request.model, asking.encoded, FORMATS[asking.wire])) as events:
                    async for event in events:
                        begun = begun or not isinstance(event, RequestSent)
                        yield event
            except ProviderError as error:
                again = None if begun else await self._again(asking, error)
                if again is None:
                    raise asking.refused or error from error.__cause__
            else:
                return
            yield again
            if isinstance(again, RetryWait):
                await self._pause(again.wait_s, request.hurry)

    def whole_body(self, request: ChatRequest) -> tuple[Wire, dict[str, JsonValue]]:
        """Return the API format and the body with which a request would be sent now."""
        wire = self._wires.of(request.model, request.wire, searches=request.web_search)
        return wire, self._adapted(request, wire).body

    async def _again(self, asking: _Asking, error: ProviderError) -> Notice | RetryWait | None:
        """Handle a request that failed before its first event. Return None if nothing can be done."""
        if asking.body is None:
            return self._after_wait(asking, error)
        model = asking.request.model
        feature = rejected_feature(asking.request, asking.body, error)
        if feature is not None and feature not in asking.dropped:
            asking.dropped.append(feature)
            self._memories[asking.wire].learn_feature(model, feature)
            asking.body, _ = self._adapted(asking.request, asking.wire)
            return dropped_feature(model, feature)
        if isinstance(error, ParameterRejected):
            return self._without_rejected(asking, error, asking.body)
        if isinstance(error, FilesRejected) and (notice := await self._with_texts(asking)) is not None:
            return notice
        instead = self._wires.instead(model, asking.wire, error)
        if instead is not None and instead not in asking.tried:
            if not isinstance(error, WireRejected):
                asking.refused = error  # what is said of the wire that was known tells more than another's refusal
            asking.tried.append(instead)
            asking.wire = instead
            asking.dropped.clear()
            await self._wires.learn(model, instead)
            asking.body, _ = self._adapted(asking.request, instead)
            message = _SWITCHED[instead](model)
            lost = [part.name for part in _files(asking.request) if not part.text] if instead is Wire.CHAT else []
            if lost:
                message = phrase(
                    "{message} {model} cannot read {names}: not sent.",
                    message=message,
                    model=model,
                    names=", ".join(lost),
                )
            return Notice(code="wire_switched", message=message)
        await self._wires.doubt(model, error)
        if isinstance(error, AddressNotFound) and asking.wire is not Wire.CHAT and Wire.CHAT in asking.tried:
            error.hint = phrase(
                "{model} only supports this API, which its server does not offer. Choose another model, "
                "or ask the server's administrator.",
                model=model,
            )
        return self._after_wait(asking, error)

    def _after_wait(self, asking: _Asking, error: ProviderError) -> RetryWait | None:
        """Return the wait before a retry, or None if a retry is not worthwhile."""
        asking.retries += 1
        if asking.retries > self._options.max_retries or not worth_retrying(error, asking.retries):
            return None
        wait_s = self._wait(asking.retries, error)
        return None if wait_s is None else RetryWait(attempt=asking.retries, wait_s=wait_s, reason=error.message)

    def _without_rejected(self, asking: _Asking, error: ParameterRejected, body: dict[str, JsonValue]) -> Notice | None:
        """Drop a parameter that the model does not accept from this request and later ones."""
        memory, model = self._memories[asking.wire], asking.request.model
        learnt = memory.learn(model, error, body)
        asking.learnt += 1
        if learnt is None or asking.learnt > _MOST_LEARNT:
            return None
        asking.body = memory.adapt(model, body).body
        return learnt

    async def _with_texts(self, asking: _Asking) -> Notice | None:
        """Send the text of rejected files instead, now and in later requests. Return None if a file has no text."""
        request = asking.request
        files = _files(request)
        if not files:
            return None
        known = self._wires
        await asyncio.to_thread(self._options.files.learn, known.connection, known.origin, request.model, value=False)
        if not all(part.text for part in files):
            return None
        asking.request = msgspec.structs.replace(request, messages=tuple(map(files_as_text, request.messages)))
        asking.body, _ = self._adapted(asking.request, asking.wire)
        said = phrase(
            "{model} does not accept files: the text of the attached files was sent instead.", model=request.model
        )
        return Notice(code="files_as_text", message=said)

    def _adapted(self, request: ChatRequest, wire: Wire) -> Adapted:
        """Return the request's body in an API format, adapted to what its model accepts."""
        memory = self._memories[wire]
        rejected = memory.rejected(request.model)
        offered, notices = without_features(request, rejected, wire)
        body = FORMATS[wire].body(offered, self._body)
        adapted = memory.adapt(request.model, without_tool_fields(body) if Feature.TOOLS in rejected else body)
        return Adapted(adapted.body, [*notices, *adapted.notices])

    async def _pause(self, seconds: float, hurry: asyncio.Event | None) -> None:
        """Wait for some seconds, or until `hurry` is set."""
        if hurry is None:
            await self._sleep(seconds)
            return
        both = [asyncio.ensure_future(each) for each in (self._sleep(seconds), hurry.wait())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            hurry.clear()

    def _wait(self, attempt: int, error: ProviderError) -> float | None:
        """Return the seconds before a retry, or None if the server asks for more than the maximum."""
        wait = wait_before(attempt, error, self._rng())
        if wait is not None:
            return wait
        wait_s = error.retry_after_s or 0.0
        if isinstance(error, RateLimited):
            error.hint = phrase(
                "The server asks you to wait {wait}, longer than the {longest} seconds that Paragone "
                "waits automatically. Try again after that time.",
                wait=duration(wait_s),
                longest=f"{LONGEST_WAIT_S:.0f}",
            )
        return None

    async def _attempt(self, model: str, encoded: bytes, form: WireFormat) -> AsyncGenerator[StreamEvent, None]:
        target = self._transport.target(model)
        begun = asyncio.get_running_loop().time()
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(begun + self._options.first_token_timeout_s):
                    where = self._address.answers(form.wire, model)
                    sent = self._transport.request(
                        "POST",
                        where,
                        {**_HEADERS, **form.headers},
                        encoded,
                        key_header=form.key_header,
                    )
                    reply = await stack.enter_async_context(sent)
            except TimeoutError:
                raise Stalled(
                    phrase(
                        "{host} sent no response within {first_token_timeout_s} seconds.",
                        host=target.host,
                        first_token_timeout_s=f"{self._options.first_token_timeout_s:g}",
                    )
                ) from None
            target = self._transport.target(model)  # with the key that was sent, so that it is masked
            yield RequestSent(wire=form.wire, url=kept_address(where), headers=reply.sent, body=encoded)
            if reply.status != 200:
                error = await refusal(reply, target)
                if form.wire is Wire.MESSAGES and isinstance(error, AddressNotFound):
                    error.hint = _where_messages_are(target.host) or error.hint
                raise error
            refuse_compressed(reply, target)
            async with aclosing(read_answer(reply, self._options, target, begun, form)) as events:
                async for event in events:
                    yield event


def _files(request: ChatRequest) -> list[AttachedPart]:
    """Return the attachments that are sent as files."""
    return [part for message in request.messages for part in message.attached if not part.is_picture]


async def refusal(reply: Reply, target: RequestTarget) -> ProviderError:
    """Return the error for a reply with a status other than 200. Reads as much of its body as arrives quickly."""
    body = b""
    if not is_compressed(reply):
        # A wrongly labeled body or a zip bomb is useless, but the status is not
        with suppress(AnswerUnreadable, AnswerTooLarge):
            body = await read_bounded(reply, _MOST_ERROR_BYTES, _ERROR_BODY_S)
    return refused(reply.status, reply.headers, body, target, datetime.now(UTC))


async def read_bounded(reply: Reply, most: int, seconds: float) -> bytes:
    """Read up to `most` bytes of a body, until `seconds` have passed or the connection fails."""
    body = bytearray()
    with suppress(TimeoutError, Interrupted):
        async with aclosing(reply.body) as chunks, asyncio.timeout(seconds):
            async for chunk in chunks:
                body += chunk
                if len(body) >= most:
                    break
    return bytes(body[:most])


def is_compressed(reply: Reply) -> bool:
    """Whether the body is compressed although that was not requested; it is not read, since it may be a zip bomb."""
    return reply.headers.get("content-encoding", "").strip().lower() not in {"", "identity"}


def refuse_compressed(reply: Reply, target: RequestTarget) -> None:
    """Raise AnswerUnreadable for a compressed body."""
    if is_compressed(reply):
        raise AnswerUnreadable(
            phrase("{host} sent a compressed response although none was requested.", host=target.host),
            hint=phrase("A proxy may be compressing responses. Turn off compression for this host."),
        )


def _where_messages_are(host: str) -> Phrase | None:
    """Return Azure's address for the Messages API, for a host that does not serve it."""
    name, _, domain = host.partition(".")
    if domain in {"openai.azure.com", "cognitiveservices.azure.com"}:
        there = f"https://{name}.services.ai.azure.com"
        return phrase(
            "Claude is only available at {there}. Add a connection with that address and its key.", there=there
        )
    if domain == "services.ai.azure.com":
        return phrase("This resource has no Claude models. Deploy one, or use a resource that has one.")
    return None
