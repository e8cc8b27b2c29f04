"""Frozen values of the domain: messages, conversations, parameters, usage and names of models."""

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

    Each subclass repeats frozen and kw_only: msgspec does not pass the latter on, type checkers not the former.
    """


class Kind(StrEnum):
    """What a connection speaks."""

    AZURE_INFERENCE = "azure-inference"  # Azure AI Foundry through azure-ai-inference
    OPENAI_V1 = "openai-v1"  # any server of OpenAI's chat completions format
    ANTHROPIC = "anthropic"  # Anthropic's Messages format: its own address, Azure's /anthropic, gateways
    EMBEDDED = "embedded"  # the engine in a child process of ours


class Auth(StrEnum):
    """How a connection signs in."""

    KEY = "key"
    ENTRA = "entra"
    NONE = "none"


MOST_DAYS = 36_500
"""For how many days conversations can be said to be kept."""


LEAST_SECONDS, MOST_SECONDS = 0.1, 3600.0
"""Between which a time-out can be set."""

Seconds = Annotated[float, msgspec.Meta(ge=LEAST_SECONDS, le=MOST_SECONDS)]


class Wire(StrEnum):
    """The format that requests and answers have on the way; `auto` leaves it to what is known of the model."""

    AUTO = "auto"
    CHAT = "chat"
    RESPONSES = "responses"
    MESSAGES = "messages"


class Connection(Value, frozen=True, kw_only=True):
    """An endpoint as the settings keep it; never holds a key.

    `key_env` names the environment variable that holds the key, read at each use; without it the key is in the
    keyring. `tenant` is the one that Entra ID signs in to, by its id or domain; empty for the account's own. `file` is
    the user's own GGUF file of an embedded connection. `models` are names that were typed and probed, for endpoints
    whose list does not show them. `headers` are sent with each request; those of `secret_headers` are too, and their
    values are in the keyring. `keep_days` is for how many days its conversations are kept where that is less than
    the setting says; 0 for this run only, None for no limit of its own. The three time-outs are in seconds, and the
    settings' where they are None. `wire` is what its models are asked over, `wires` what single ones are.
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
    """Who speaks a message, as on the wire."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Status(StrEnum):
    """How far a message got. Prompts are always COMPLETE."""

    STREAMING = "streaming"  # its answer is being received by a run that is alive
    COMPLETE = "complete"  # a finish reason was seen
    STOPPED = "stopped"  # the user stopped it; the text so far is kept
    FAILED = "failed"  # the server or the way to it failed; the text so far is kept
    INTERRUPTED = "interrupted"  # the stream or the run ended without a finish reason


class ModelRef(Value, frozen=True, kw_only=True, order=True):
    """A model as `connection/name`; on Azure the name is the deployment's."""

    connection: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split at the first slash; the rest is the model's name as it stands.

        Raises UsageError where either half is empty.
        """
        connection, slash, name = text.strip().partition("/")
        if not slash or not connection or not name:
            raise UsageError(
                phrase("“{text}” is not a model.", text=text),
                hint=phrase("Write it as connection/model, for example embedded/smollm2."),
            )
        return cls(connection=connection, name=name)

    def __str__(self) -> str:
        return f"{self.connection}/{self.name}"


class Usage(Value, frozen=True, kw_only=True):
    """Tokens of one answer as the server counted them; None where it did not say.

    `output_tokens` is the wire's `completion_tokens`. Whether that includes `reasoning_tokens` differs
    by vendor, and `total_tokens` tells: xAI counts reasoning on top, OpenAI within. `cached_tokens` of the input were
    read from what the server had kept of an earlier request, `stored_tokens` of it are kept for the next one.
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
        """Output tokens that are paid for: with reasoning, where the server counts it apart."""
        if self.output_tokens is None:
            return None
        if self.reasoning_tokens and self.total_tokens is not None:
            with_reasoning = (self.input_tokens or 0) + self.output_tokens + self.reasoning_tokens
            if self.total_tokens == with_reasoning:
                return self.output_tokens + self.reasoning_tokens
        return self.output_tokens


class Figures(Value, frozen=True, kw_only=True):
    """What was measured of one answer: milliseconds, tokens per second, USD.

    `reasoning_ms` runs from the first delta of reasoning to the first one of the text, or to the end without text.
    `finish_reason` is one of the words that all wires share, `finish_word` the wire's own where that is another one.
    `wire` is the one over which it came; `summarised` says that its thoughts came as a summary. An answer that was
    continued has no times, and the `cost` of its parts together: `own_cost` is what the last one alone was paid with,
    since the answer that it goes on from is kept with its own.
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


FIGURES_WORDS = ("finish_reason", "finish_word", "request_id", "server_model", "region", "wire")
"""The fields of Figures that are words, which a server or a file has given."""


class Problem(Value, frozen=True, kw_only=True):
    """An error as it is kept with an answer."""

    code: str
    message: str
    hint: str = ""
    retry_after_s: float | None = None


class FileLeftOut(Value, frozen=True, kw_only=True):
    """A file of a prompt that a model got nothing of when it answered; `gone` where it was no longer there."""

    name: str
    model: str
    gone: bool = False

    @property
    def sentence(self) -> Phrase:
        """What is said of it below the answer."""
        if self.gone:
            return phrase("{name} no longer exists and was not sent.", name=self.name)
        return phrase("{model} cannot read {name}: not sent.", model=self.model, name=self.name)


class Parameters(Value, frozen=True, kw_only=True):
    """Parameters of a request by their wire names. What is not set is not sent."""

    values: dict[str, JsonValue] = {}

    def with_(self, name: str, value: JsonValue) -> Parameters:
        """These parameters with one set."""
        return Parameters(values={**self.values, name: value})

    def without(self, name: str) -> Parameters:
        """These parameters with one taken out; itself where it is not set."""
        if name not in self.values:
            return self
        return Parameters(values={key: value for key, value in self.values.items() if key != name})

    def over(self, defaults: Mapping[str, JsonValue]) -> Parameters:
        """These parameters, with defaults for what they leave unset."""
        return Parameters(values={**defaults, **self.values})


LONGEST_FILE_NAME = 200
MOST_LEFT_OUT = 200
"""Files that an answer names as those that its model got nothing of; of an older prompt's each again."""

MOST_MESSAGE_BYTES = 16 << 20
"""Bytes of UTF-8 that text and reasoning of one message have at most, whether said here or imported."""
LONGEST_SYSTEM = 4 << 20
"""Characters of a conversation's system prompt, likewise."""


class Message(Value, frozen=True, kw_only=True):
    """One message of a conversation's tree. An edited prompt or a new answer is a sibling of the old.

    `imported` says that it was not said here: its words, model and figures are what a file told. `turn` is of prompts:
    those that were sent to several conversations together have one; empty in what older versions kept. `left_out` is of
    answers: files that the model got nothing of.
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
        """What is said, without reasoning."""
        return words(self.parts, TextPart)

    @property
    def files(self) -> tuple[ImagePart | FilePart, ...]:
        """What is attached to it."""
        if len(self.parts) == 1 and isinstance(self.parts[0], TextPart):
            return ()  # most messages: all of a conversation are asked
        return tuple(part for part in self.parts if isinstance(part, (ImagePart, FilePart)))

    @property
    def sources(self) -> str:
        """The pages that it cites, as a numbered list in Markdown."""
        return sources(self.parts)

    @property
    def reasoning(self) -> str:
        """What the model thought, empty where it did not."""
        return words(self.parts, ReasoningPart)


RATED_TOKENS = 20
"""Tokens of output below which tokens per second say nothing: a token or two come as fast as the network does."""


def meaningful_rate(tokens_per_second: float | None, output_tokens: int | None) -> float | None:
    """Tokens per second of an answer of so many tokens; None where they are too few to tell."""
    too_few = output_tokens is not None and output_tokens < RATED_TOKENS
    return None if too_few else tokens_per_second


def _is_line(messages: Sequence[Message]) -> bool:
    """Whether each follows the one before: nothing was ever asked or answered twice."""
    parents, ids = map(attrgetter("parent"), islice(messages, 1, None)), map(attrgetter("id"), messages)
    return all(map(eq, parents, ids))  # of thousands, whenever one of their conversations is shown


class Conversation(Value, frozen=True, kw_only=True):
    """Messages with exactly one model. `messages` is the whole tree in order of creation; `current` its leaf."""

    id: str
    title: str
    model: ModelRef
    created_at: datetime
    updated_at: datetime
    current: str | None = None
    system: str = ""
    parameters: Parameters = Parameters()
    messages: tuple[Message, ...] = ()

    def path(self, leaf: str | None = None) -> tuple[Message, ...]:
        """The messages from the root to `leaf` (to `current` without one), oldest first; a ring ends where it began."""
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
    """A conversation as lists show it."""

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
"""The first and the last time that the store keeps, in milliseconds since 1970."""


def new_id() -> str:
    """A new identifier: 48 bits of milliseconds and 80 random bits in hex, so that ids sort by time.

    A clock before 1970 tells 0: an id that began with a minus would be an option on a command line.
    """
    return f"{max(0, time.time_ns() // 1_000_000):012x}{os.urandom(10).hex()}"


def now() -> datetime:
    """The time, aware, to the millisecond: what the store keeps and an export writes."""
    return bounded_time(datetime.now(UTC))


def bounded_problem(problem: Problem) -> Problem:
    """A problem as the store keeps it: files may hold one with sentences of any length."""
    return msgspec.structs.replace(
        problem, code=bounded(problem.code), message=bounded(problem.message), hint=bounded(problem.hint)
    )


def _in_a_line(text: str) -> str:
    return " ".join(text[: 4 * LONGEST_FILE_NAME].split())[:LONGEST_FILE_NAME]


def bounded_left_out(files: Iterable[FileLeftOut]) -> tuple[FileLeftOut, ...]:
    """Files that a model got nothing of, each once, as the store keeps them: names in files may have any length."""
    named = (msgspec.structs.replace(each, name=_in_a_line(each.name), model=_in_a_line(each.model)) for each in files)
    return tuple(islice(dict.fromkeys(named), MOST_LEFT_OUT))


def bounded_ms(at: datetime) -> int:
    """An aware time as the store keeps it: milliseconds since 1970 UTC, from 1900 to the end of 9998.

    What is finer is cut off. Files may hold any other; near the ends of Python's years a time cannot even be told in
    another zone.
    """
    return min(max((at - EPOCH) // MILLISECOND, FIRST_MS), LAST_MS)


def bounded_time(at: datetime) -> datetime:
    """An aware time as it comes back from the store: of `bounded_ms`, in UTC."""
    return EPOCH + bounded_ms(at) * MILLISECOND
