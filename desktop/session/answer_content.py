"""Content of a response round by round: text, reasoning, citations, and tool calls with their results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from desktop.domain.conversation_types import Message, Role
from desktop.domain.message_parts import (
    CitationPart,
    ImagePart,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    ToolStatus,
    whole_calls,
    words,
)
from desktop.providers.provider import AttachedPart, ChatMessage, SentCall, SentResult
from desktop.session.answer_figures import ToolFigures
from desktop.text.phrases import english
from desktop.tools.tool_runner import ToolOutcome

NOT_ANSWERED = english("There is no result: the response was stopped before the tool returned one.")
"""Result that the model is told if a call has none."""

_NO_IMAGES: Mapping[str, tuple[AttachedPart, ...]] = {}


class RoundContent(Struct):
    """Content of one request's response and of the calls that it made. Texts are in pieces as they arrived.

    `marks` are calls of the provider's own tools with their results, each with the number of pieces of text before it.
    """

    text: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    beside: list[CitationPart] = field(default_factory=list[CitationPart])
    sealed: list[OpaquePart] = field(default_factory=list[OpaquePart])
    outcomes: list[ToolOutcome] = field(default_factory=list[ToolOutcome])
    calls: list[ToolCallPart] = field(default_factory=list[ToolCallPart])
    marks: list[tuple[int, ToolCallPart, ToolResultPart]] = field(
        default_factory=list[tuple[int, ToolCallPart, ToolResultPart]]
    )

    def mark(self, call: ToolCallPart, result: ToolResultPart) -> None:
        """Add a call that the provider ran, after the text so far."""
        self.marks.append((len(self.text), call, result))

    def parts(self, *, with_sealed: bool = False) -> Iterable[Part]:
        """Yield the parts of the round in the order in which a message stores them."""
        if reasoning := "".join(self.reasoning):
            yield ReasoningPart(text=reasoning)
        at = 0
        for place, call, result in self.marks:
            if text := "".join(self.text[at:place]):
                yield TextPart(text=text)
            yield call
            yield result
            at = place
        if text := "".join(self.text[at:]):
            yield TextPart(text=text)
        yield from self.beside
        if with_sealed:
            yield from self.sealed
        ended = {each.call.id: each for each in self.outcomes}
        for call in self.calls:
            outcome = ended.get(call.id)
            if outcome is None:
                yield call
                continue
            yield outcome.call
            yield outcome.result
            yield from outcome.images

    def messages(self) -> tuple[ChatMessage, ...]:
        """Return the round as it is sent back to its model: the response with its calls, then their results."""
        said = ChatMessage(
            role=Role.ASSISTANT,
            text="".join(self.text),
            calls=tuple(SentCall(id=each.id, name=each.name, arguments=each.arguments) for each in self._used),
            sealed=tuple(each.data for each in self.sealed),
        )
        if not self.outcomes:
            return (said,)
        ended = {each.call.id: each for each in self.outcomes}
        results = tuple(_sent_result(ended[each.id].result, ended[each.id].sent) for each in self._used)
        return said, ChatMessage(role=Role.USER, text="", results=results)

    @property
    def _used(self) -> list[ToolCallPart]:
        """Calls that have ended, in the order in which the model made them, with the arguments that were used."""
        ended = {each.call.id: each.call for each in self.outcomes}
        return [ended[each.id] for each in self.calls if each.id in ended]


class AnswerContent:
    """Parts of a response, beginning with the parts of the interrupted response that it continues, if any."""

    def __init__(self, given: Sequence[Part] = ()) -> None:
        after = tuple(reversed(tuple(_until_result(reversed(given)))))
        self._before = tuple(given[: len(given) - len(after)])
        self.rounds = [RoundContent()]
        self.last.text = [words(after, TextPart)]
        self.last.reasoning = [words(after, ReasoningPart)]
        self.last.beside = [part for part in after if isinstance(part, CitationPart)]
        self._given_text, self._given_reasoning = len(self.last.text[0]), len(self.last.reasoning[0])

    @property
    def last(self) -> RoundContent:
        """Content of the current round."""
        return self.rounds[-1]

    def begin_round(self) -> None:
        """Begin another round."""
        self.rounds.append(RoundContent())
        self._given_text = self._given_reasoning = 0

    def parts(self, *, with_sealed: bool = False) -> tuple[Part, ...]:
        """Return all parts so far; items that a server needs back only if asked for."""
        if len(self.rounds) == 1 and not self._before:
            return tuple(self.last.parts(with_sealed=with_sealed))
        each_round = (part for each in self.rounds for part in each.parts(with_sealed=with_sealed))
        return (*self._before, *each_round)

    def tool_figures(self, tool_s: float) -> ToolFigures | None:
        """Return the figures of the response's calls, which took `tool_s` seconds; None without calls."""
        calls = sum(len(each.calls) + len(each.marks) for each in self.rounds)
        return ToolFigures(calls, round(tool_s * 1000, 1), len(self.rounds)) if calls else None

    @property
    def new_texts(self) -> tuple[str, str]:
        """Text and reasoning that the model generated in the current round."""
        return "".join(self.last.text)[self._given_text :], "".join(self.last.reasoning)[self._given_reasoning :]


def _until_result(reversed_parts: Iterable[Part]) -> Iterable[Part]:
    """Yield parts, from the last one on, that belong to a round without calls yet."""
    for part in reversed_parts:
        if isinstance(part, (ToolResultPart, ToolCallPart, ImagePart)):
            return
        yield part


def _sent_result(result: ToolResultPart, images: tuple[AttachedPart, ...] = ()) -> SentResult:
    text = result.text
    if not text and result.status is ToolStatus.UNANSWERED:
        text = NOT_ANSWERED
    is_error = result.status not in (ToolStatus.OK, ToolStatus.CUT)
    return SentResult(call=result.call, text=text, is_error=is_error, images=images)


def as_messages(
    message: Message, *, offers_tools: bool, images: Mapping[str, tuple[AttachedPart, ...]] = _NO_IMAGES
) -> tuple[ChatMessage, ...]:
    """Return a stored response as it is sent with later prompts.

    Its calls and results are sent as such to a model that is offered tools, and as text to any other: some servers
    reject calls in requests without tools.

    Args:
        images: Images of results as sent, by the call's ID.
    """
    if not has_results(message.parts):
        return (ChatMessage(role=message.role, text=message.text),)
    parts = whole_calls(message.parts)
    if not offers_tools:
        return (ChatMessage(role=message.role, text=in_words(parts)),)
    sent: list[ChatMessage] = []
    for each in _rounds(parts):
        said = ChatMessage(
            role=message.role,
            text=words(each, TextPart),
            calls=tuple(
                SentCall(id=part.id, name=part.name, arguments=part.arguments)
                for part in each
                if isinstance(part, ToolCallPart)
            ),
        )
        results = tuple(
            _sent_result(part, images.get(part.call, ())) for part in each if isinstance(part, ToolResultPart)
        )
        if not (said.text or said.calls):
            continue
        sent += [said, ChatMessage(role=Role.USER, text="", results=results)] if results else [said]
    return tuple(sent)


def _rounds(parts: Sequence[Part]) -> list[list[Part]]:
    """Split parts after the last result of each round; calls of the provider's own tools are left out."""
    # Of an imported call nobody knows the tool, and a provider's own call is sent back within one response only
    own = {part.id for part in parts if isinstance(part, ToolCallPart) and not part.server}
    rounds: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, (ImagePart, OpaquePart)) or _call_of(part) in own:
            continue
        if isinstance(part, (TextPart, ReasoningPart)) and any(isinstance(each, ToolResultPart) for each in rounds[-1]):
            rounds.append([])
        rounds[-1].append(part)
    return rounds


def _call_of(part: Part) -> str | None:
    if isinstance(part, ToolCallPart):
        return part.id
    return part.call if isinstance(part, ToolResultPart) else None


def in_words(parts: Sequence[Part]) -> str:
    """Return a response with its calls and results as text, for a model that is offered no tools."""
    empty = {part.call for part in parts if isinstance(part, ToolResultPart) and not part.text}
    imported = {part.id for part in parts if isinstance(part, ToolCallPart) and not part.server} & empty
    said: list[str] = []
    for part in parts:
        if _call_of(part) in imported:
            continue
        if isinstance(part, TextPart):
            said.append(part.text)
        elif isinstance(part, ToolCallPart):
            said.append(f"[Tool call: {part.shown_name} {part.arguments}]")
        elif isinstance(part, ToolResultPart):
            said.append(f"[Result: {_sent_result(part).text}]")
    return "\n\n".join(filter(None, said))


def has_results(parts: Iterable[Part]) -> bool:
    """Whether parts contain results of tool calls; imported calls have none."""
    return any(isinstance(part, ToolResultPart) for part in parts)


def last_text(parts: Sequence[Part]) -> str:
    """Return the text after the last tool call, which a continued response continues."""
    return words(tuple(reversed(tuple(_until_result(reversed(parts))))), TextPart)
