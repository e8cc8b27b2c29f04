"""Immutable values of the domain: messages, conversations, parameters, usage and model references."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from operator import attrgetter, eq
from typing import TYPE_CHECKING, Annotated, Any, Self

import msgspec

from desktop.domain.message_parts import FilePart, ImagePart, Part, ReasoningPart, TextPart, sources, words
from desktop.errors import UsageError
from desktop.text.phrases import Phrase, bounded, phrase

if TYPE_CHECKING:
    JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
else:
    JsonValue = Any  # msgspec decodes no recursive alias


class Value(msgspec.Struct, frozen=True):
    """Base of all values: immutable, compared by content, encoded by msgspec.

    Each subclass repeats `frozen` and `kw_only`: msgspec does not inherit `kw_only`, and type checkers do not infer
    `frozen`.
    """


class Kind(StrEnum):
    """Provider type of a connection."""

    AZURE_INFERENCE = "azure-inference"  # Azure AI Foundry through azure-ai-inference
    OPENAI_V1 = "openai-v1"  # any server of OpenAI's chat completions format
    ANTHROPIC = "anthropic"  # Anthropic's Messages format: its own address, Azure's /anthropic, gateways
    EMBEDDED = "embedded"  # the engine in a child process


class Auth(StrEnum):
    """Authentication method of a connection."""

    KEY = "key"
    ENTRA = "entra"
    NONE = "none"


MOST_DAYS = 36_500
"""Maximum number of days that conversations can be stored."""


LEAST_SECONDS, MOST_SECONDS = 0.1, 3600.0
"""Range of timeouts in seconds."""

Seconds = Annotated[float, msgspec.Meta(ge=LEAST_SECONDS, le=MOST_SECONDS)]


class Wire(StrEnum):
    """API format of requests and responses. `auto` selects the format by what is known about the model."""

    AUTO = "auto"
    CHAT = "chat"
    RESPONSES = "responses"
    MESSAGES = "messages"


class Connection(Value, frozen=True, kw_only=True):
    """An endpoint as stored in the settings; never contains a key.

    Attributes:
        key_env: Environment variable that contains the key, read at each use; if empty, the key is in the keyring.
        tenant: Entra ID tenant by id or domain; empty for the tenant of the signed-in account.
        file: The user's own GGUF file of an embedded connection.
        models: Model names that the user typed and tested, for endpoints that do not list their models.
        headers: Headers sent with each request.
        secret_headers: Names of further headers to send, whose values are in the keyring.
        keep_days: Days for which the connection's conversations are stored, if fewer than in the settings; 0 for this
            run only, None for no limit.
        wire: Default API format of the connection's models.
        wires: API formats of individual models.

    The three timeouts are in seconds; None for the values in the settings.
    """

    name: str
    kind: Kind
    url: str = ""
    auth: Auth = Auth.KEY
    key_env: str = ""
    tenant: str = ""
    file: str = ""
    models: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    secret_headers: tuple[str, ...] = ()
    wire: Wire = Wire.AUTO
    wires: dict[str, Wire] = {}
    keep_days: Annotated[int, msgspec.Meta(ge=0, le=MOST_DAYS)] | None = None
    connect_timeout_s: Seconds | None = None
    first_token_timeout_s: Seconds | None = None
    idle_timeout_s: Seconds | None = None


class Role(StrEnum):
    """Author of a message, as in API requests."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Status(StrEnum):
    """Progress of a message. Prompts are always COMPLETE."""

    STREAMING = "streaming"  # the response is being received by a running Paragone
    COMPLETE = "complete"  # a finish reason was seen
    STOPPED = "stopped"  # the user stopped it; the text so far is stored
    FAILED = "failed"  # the server or the connection failed; the text so far is stored
    INTERRUPTED = "interrupted"  # the stream or the run ended without a finish reason


class ModelRef(Value, frozen=True, kw_only=True, order=True):
    """A model as `connection/name`; on Azure, `name` is the deployment name."""

    connection: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split at the first slash; the rest is the model name unchanged.

        Raises:
            UsageError: If either half is empty.
        """
        connection, slash, name = text.strip().partition("/")
        if not slash or not connection or not name:
            raise UsageError(
                phrase("“{text}” is not a valid model name.", text=text),
                hint=phrase("Use the form connection/model, for example embedded/smollm2."),
            )
        return cls(connection=connection, name=name)

    def __str__(self) -> str:
        return f"{self.connection}/{self.name}"


class Usage(Value, frozen=True, kw_only=True):
    """Token counts of one response from the server; None if not reported.

    `output_tokens` is `completion_tokens` in API responses. Vendors differ in whether this count includes
    `reasoning_tokens`, which `total_tokens` reveals: xAI adds reasoning, OpenAI includes it. `cached_tokens` are input
    tokens read from the server's cache, `stored_tokens` are input tokens written to the cache.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    stored_tokens: int | None = None
    estimated: bool = False

    @property
    def billed_output_tokens(self) -> int | None:
        """Billed output tokens, including reasoning tokens that the server counts separately."""
        if self.output_tokens is None:
            return None
        if self.reasoning_tokens and self.total_tokens is not None:
            with_reasoning = (self.input_tokens or 0) + self.output_tokens + self.reasoning_tokens
            if self.total_tokens == with_reasoning:
                return self.output_tokens + self.reasoning_tokens
        return self.output_tokens


class Figures(Value, frozen=True, kw_only=True):
    """Measurements of one response: milliseconds, tokens per second, US dollars.

    `reasoning_ms` runs from the first reasoning delta to the first text delta, or to the end of a response without
    text. `finish_reason` is common to all API formats, `finish_word` is the format's own word if different. `wire` is
    the API format that was used; `summarised` is whether reasoning arrived as a summary. A continued response has no
    times; its `cost` is the total of all its parts, and `own_cost` is the cost of the last part alone, because the
    interrupted response is stored with its own cost. `tool_calls`, `tool_ms` and `rounds` are set if tools were called;
    `duration_ms` and `tokens_per_second` do not include `tool_ms`, which does not include the user's approval.
    """

    ttft_ms: float | None = None
    reasoning_ms: float | None = None
    duration_ms: float | None = None
    tokens_per_second: float | None = None
    cost: float | None = None
    own_cost: float | None = None
    finish_reason: str | None = None
    finish_word: str | None = None
    request_id: str | None = None
    server_model: str | None = None
    region: str | None = None
    wire: str | None = None
    summarised: bool = False
    remaining_requests: int | None = None
    remaining_tokens: int | None = None
    tool_calls: int | None = None
    tool_ms: float | None = None
    rounds: int | None = None


FIGURES_WORDS = ("finish_reason", "finish_word", "request_id", "server_model", "region", "wire")
"""String fields of Figures whose values come from a server or file."""


class Problem(Value, frozen=True, kw_only=True):
    """An error as stored with a response."""

    code: str
    message: str
    hint: str = ""
    retry_after_s: float | None = None


class FileLeftOut(Value, frozen=True, kw_only=True):
    """An attachment that was not sent to the model; `gone` is whether the file no longer existed."""

    name: str
    model: str
    gone: bool = False

    @property
    def sentence(self) -> Phrase:
        """Sentence shown below the response."""
        if self.gone:
            return phrase("{name} no longer exists and was not sent.", name=self.name)
        return phrase("{model} cannot read {name}: not sent.", model=self.model, name=self.name)


class Parameters(Value, frozen=True, kw_only=True):
    """Request parameters by their API names. Parameters that are not set are not sent."""

    values: dict[str, JsonValue] = {}

    def with_(self, name: str, value: JsonValue) -> Parameters:
        """Return these parameters with one parameter set."""
        return Parameters(values={**self.values, name: value})

    def without(self, name: str) -> Parameters:
        """Return these parameters without one of them; the same object if it is not set."""
        if name not in self.values:
            return self
        return Parameters(values={key: value for key, value in self.values.items() if key != name})

    def over(self, defaults: Mapping[str, JsonValue]) -> Parameters:
        """Return defaults overridden by these parameters."""
        return Parameters(values={**defaults, **self.values})


LONGEST_FILE_NAME = 200
MOST_LEFT_OUT = 200
"""Maximum number of unsent files listed with a response, including those of earlier prompts."""

MOST_MESSAGE_BYTES = 16 << 20
"""Maximum UTF-8 bytes of a message's text and reasoning, whether generated here or imported."""
LONGEST_SYSTEM = 4 << 20
"""Maximum characters of a conversation's system prompt, whether typed here or imported."""


class Message(Value, frozen=True, kw_only=True):
    """One message of a conversation's tree. An edited prompt or new response is a sibling of the old one.

    `imported` is whether text, model and figures come from a file. `turn` is an id shared by prompts that were sent to
    several conversations together; empty in older data. `left_out` lists the files that were not sent with the request
    for this response.
    """

    id: str
    parent: str | None
    role: Role
    parts: tuple[Part, ...]
    status: Status
    created_at: datetime
    model: ModelRef | None = None
    usage: Usage | None = None
    figures: Figures | None = None
    problem: Problem | None = None
    imported: bool = False
    turn: str = ""
    left_out: tuple[FileLeftOut, ...] = ()

    @property
    def text(self) -> str:
        """Text without reasoning."""
        return words(self.parts, TextPart)

    @property
    def files(self) -> tuple[ImagePart | FilePart, ...]:
        """Attachments."""
        if len(self.parts) == 1 and isinstance(self.parts[0], TextPart):
            return ()  # fast path for most messages
        return tuple(part for part in self.parts if isinstance(part, (ImagePart, FilePart)))

    @property
    def sources(self) -> str:
        """Cited pages as a numbered list in Markdown."""
        return sources(self.parts)

    @property
    def reasoning(self) -> str:
        """Reasoning of the model, or an empty string."""
        return words(self.parts, ReasoningPart)


class ToolChoice(Value, frozen=True, kw_only=True):
    """Tools that a conversation offers its model, and the form that its responses must have.

    Attributes:
        servers: Names of the servers, including `paragone` for the tools that are part of Paragone.
        web_search: Whether the model's provider may search the web.
        schema: JSON Schema as text that responses must match; empty for free text.
    """

    servers: tuple[str, ...] = ()
    web_search: bool = False
    schema: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is offered and no form is required."""
        return not (self.servers or self.web_search or self.schema)


NO_TOOLS = ToolChoice()


RATED_TOKENS = 20
"""Minimum output tokens for a meaningful token rate, because a few tokens arrive at network speed."""


def meaningful_rate(tokens_per_second: float | None, output_tokens: int | None) -> float | None:
    """Return a response's tokens per second, or None if it has too few tokens for a meaningful rate."""
    too_few = output_tokens is not None and output_tokens < RATED_TOKENS
    return None if too_few else tokens_per_second


def _is_line(messages: Sequence[Message]) -> bool:
    """Whether each message follows the previous one, that is, nothing was edited or regenerated."""
    parents, ids = map(attrgetter("parent"), islice(messages, 1, None)), map(attrgetter("id"), messages)
    return all(map(eq, parents, ids))  # fast for thousands of messages, because showing a conversation calls this


class Conversation(Value, frozen=True, kw_only=True):
    """A conversation with exactly one model. `messages` is the whole tree in order of creation.

    `current` is the id of the leaf of the displayed path.
    """

    id: str
    title: str
    model: ModelRef
    created_at: datetime
    updated_at: datetime
    current: str | None = None
    system: str = ""
    parameters: Parameters = Parameters()
    tools: ToolChoice = NO_TOOLS
    messages: tuple[Message, ...] = ()

    def path(self, leaf: str | None = None) -> tuple[Message, ...]:
        """Return the messages from the root to `leaf` (default `current`), oldest first; stops at a cycle."""
        end = leaf or self.current or ""
        if self.messages and self.messages[-1].id == end and _is_line(self.messages):
            return self.messages
        by_id = {message.id: message for message in self.messages}
        found: list[Message] = []
        at = by_id.pop(end, None)
        while at is not None:
            found.append(at)
            at = by_id.pop(at.parent, None) if at.parent else None
        return tuple(reversed(found))


class ConversationSummary(Value, frozen=True, kw_only=True):
    """The fields of a conversation that lists show."""

    id: str
    title: str
    model: ModelRef
    updated_at: datetime
    message_count: int = 0
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()
    trashed_at: datetime | None = None


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
FIRST_MS = (datetime(1900, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND
LAST_MS = (datetime(9999, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND - 1
"""Last and first time that can be stored, in milliseconds since 1970."""


def new_id() -> str:
    """Return a new identifier: 48 bits of milliseconds and 80 random bits in hex, so that ids sort by time.

    A clock before 1970 counts as 0, because an id with a leading minus sign would be taken for a command-line option.
    """
    return f"{max(0, time.time_ns() // 1_000_000):012x}{os.urandom(10).hex()}"


def now() -> datetime:
    """Return the current time, timezone-aware, with the millisecond precision of the store and exports."""
    return bounded_time(datetime.now(UTC))


def bounded_problem(problem: Problem) -> Problem:
    """Return a problem with its strings truncated for storage; imported files may contain longer ones."""
    return msgspec.structs.replace(
        problem, code=bounded(problem.code), message=bounded(problem.message), hint=bounded(problem.hint)
    )


def _in_a_line(text: str) -> str:
    return " ".join(text[: 4 * LONGEST_FILE_NAME].split())[:LONGEST_FILE_NAME]


def bounded_left_out(files: Iterable[FileLeftOut]) -> tuple[FileLeftOut, ...]:
    """Return unsent files as stored, without duplicates and with truncated names."""
    named = (msgspec.structs.replace(each, name=_in_a_line(each.name), model=_in_a_line(each.model)) for each in files)
    return tuple(islice(dict.fromkeys(named), MOST_LEFT_OUT))


def bounded_ms(at: datetime) -> int:
    """Return a timezone-aware time as stored: milliseconds since 1970 UTC, from 1900 to the end of 9998.

    Smaller units are truncated. Files may contain any time, and times near the ends of Python's range cannot be
    converted to another time zone.
    """
    return min(max((at - EPOCH) // MILLISECOND, FIRST_MS), LAST_MS)


def bounded_time(at: datetime) -> datetime:
    """Return a timezone-aware time as the store would return it, in UTC."""
    return EPOCH + bounded_ms(at) * MILLISECOND
