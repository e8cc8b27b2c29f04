"""`ask`: sends a prompt to one or more models, and streams the responses as text or JSON lines."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from desktop.catalog.catalog_entry import parse_parameter
from desktop.domain.comparison import MOST_PANES, PaneState, new_comparison
from desktop.domain.conversation_types import (
    NO_TOOLS,
    Conversation,
    Message,
    ModelRef,
    Parameters,
    Status,
    ToolChoice,
)
from desktop.domain.events import (
    Cited,
    Event,
    Notice,
    Progress,
    ProviderToolUsed,
    ReasoningDelta,
    RetryWait,
    TextDelta,
    ToolAnswered,
    ToolCalled,
)
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import Interrupted, UsageError
from desktop.session.ask_all import Outcome, ask_all
from desktop.session.journal import Journal, NoJournal
from desktop.session.prompt_title import title_of
from desktop.session.session import Session, new_conversation
from desktop.settings.schema import SYSTEM_PROMPT
from desktop.terminal.console import Console, figures_line
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.prompt_lines import whole_input
from desktop.terminal.tool_denials import Denials
from desktop.terminal.tool_lines import call_json, call_line, result_json
from desktop.terminal.tool_options import schema_problems, tell_web_search, tool_choice
from desktop.text.phrases import english, phrase


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Send the prompt and print the responses. Returns 0 if all are complete, otherwise 1.

    Raises:
        UsageError: If the arguments are invalid.
    """
    refs = _asked(services, arguments)
    choice = await tool_choice(services, arguments)
    tell_web_search(services, refs, choice)
    prompt = await whole_input(services.console) if arguments.prompt == "-" else str(arguments.prompt)
    if not prompt.strip() and not arguments.attach:
        raise UsageError(english("The prompt is empty."))
    files = await _attached(services, arguments) if arguments.attach else []
    conversations = [conversation_for(services, ref, arguments, choice) for ref in refs]
    journal: Journal = (await services.store()).conversations if arguments.save else NoJournal()
    sessions = [
        Session(
            conversation,
            gateway=services.gateway,
            catalog=services.catalog,
            journal=journal,
            files=services.prompt_files,
            tools=services.toolbox,
        )
        for conversation in conversations
    ]
    for session in sessions:
        session.flagged_too = arguments.allow_flagged
        session.is_stored = arguments.save
    if choice.servers:
        services.tools.is_explicit = True
    if arguments.save and 1 < len(refs) <= MOST_PANES:
        await _keep_comparison(services, conversations, prompt)
    printer: Printer
    if arguments.json:
        printer = JsonPrinter(services.console, refs, arguments.times)
    elif len(refs) == 1:
        printer = StreamPrinter(services.console)
    else:
        printer = SeveralPrinter(services.console, refs, arguments.times)
    guard = _Guard(printer, sessions, denials=Denials(services) if choice.servers else None)
    try:
        outcomes = await ask_all(sessions, prompt, listener=guard.event, ended=guard.ended, files=files)
    except asyncio.CancelledError:
        guard.cut_off()
        raise
    for session in sessions:
        # A full disk may have space again; otherwise failing to store is an error.
        await session.keep()
    guard.check()
    if choice.schema:
        await _tell_schema(printer, services, choice.schema, outcomes)
    if arguments.times > 1:
        from desktop.terminal.distance_lines import tell_distances  # imported late: most prompts are sent once

        tell_distances(services.console, refs, outcomes, json=arguments.json)
    return 0 if all(isinstance(each, Message) and each.status is Status.COMPLETE for each in outcomes) else 1


async def _attached(services: ConsoleServices, arguments: argparse.Namespace) -> list[ImagePart | FilePart]:
    from desktop.terminal.attached_arguments import attached  # imported late: most prompts have no files

    return await attached(services, arguments.attach, keep=arguments.save)


def _asked(services: ConsoleServices, arguments: argparse.Namespace) -> list[ModelRef]:
    """Return each model as many times as it is to be asked, in consecutive entries.

    Raises:
        UsageError: If there are too many responses or a model is invalid.
    """
    given = [services.model(text) for text in arguments.model or [None]]
    if arguments.times > 1 and len(given) * arguments.times > MOST_PANES:
        raise UsageError(phrase("You can request at most {n} responses at once.", n=MOST_PANES))
    return [ref for ref in given for _ in range(arguments.times)]


def conversation_for(
    services: ConsoleServices, ref: ModelRef, arguments: argparse.Namespace, choice: ToolChoice = NO_TOOLS
) -> Conversation:
    """Return an empty conversation with the settings of the command's options.

    Raises:
        UsageError: If a parameter is invalid.
    """
    system = services.settings.get(SYSTEM_PROMPT) if arguments.system is None else str(arguments.system)
    parameters = Parameters(values=dict(parse_parameter(text) for text in arguments.param))
    return new_conversation(ref, system=system, parameters=parameters, tools=choice)


async def _keep_comparison(services: ConsoleServices, conversations: Sequence[Conversation], prompt: str) -> None:
    """Store the conversations as a comparison that can be opened in the window."""
    panes = tuple(
        PaneState(
            conversation=each.id,
            model=each.model,
            system=each.system,
            parameters=each.parameters,
            tools=each.tools,
        )
        for each in conversations
    )
    comparison = msgspec.structs.replace(new_comparison(panes, of=conversations), title=title_of(prompt))
    await (await services.store()).comparisons.save(comparison)


async def _tell_schema(printer: Printer, services: ConsoleServices, schema: str, outcomes: Sequence[Outcome]) -> None:
    """Print whether each complete response matches the schema; the exit status does not depend on it."""
    complete = [
        (place, each)
        for place, each in enumerate(outcomes)
        if isinstance(each, Message) and each.status is Status.COMPLETE
    ]
    problems = await schema_problems(schema, [each for _, each in complete])
    for (place, _), problem in zip(complete, problems, strict=True):
        if isinstance(printer, JsonPrinter):
            printer.schema(place, problem)
        elif problem:
            head = f"{printer.name(place)}: " if isinstance(printer, SeveralPrinter) else ""
            services.console.note(f"{head}The response does not match the schema: {problem}")


class _Guard:
    """Wraps a printer, and stops the responses if standard output is closed."""

    def __init__(self, printer: Printer, sessions: Sequence[Session], denials: Denials | None = None) -> None:
        self._printer = printer
        self._denials = denials
        self._sessions = sessions
        self._broken: OSError | None = None

    def event(self, place: int, event: Event) -> None:
        """Print an event."""
        self._print(lambda: self._printer.event(place, event))
        if self._denials is not None and isinstance(event, ToolAnswered):
            denials = self._denials
            self._print(lambda: denials.note(event))

    def ended(self, place: int, outcome: Outcome) -> None:
        """Print how a response ended."""
        self._print(lambda: self._printer.ended(place, outcome))

    def cut_off(self) -> None:
        """Print that the program is ending before all responses are complete."""
        if isinstance(printer := self._printer, JsonPrinter):
            self._print(printer.cut_off)

    def check(self) -> None:
        """Raise the error that occurred while printing, if any. Call once all responses are stored."""
        if self._broken is not None:
            raise self._broken

    def _print(self, show: Callable[[], None]) -> None:
        if self._broken is not None:
            return
        try:
            show()
        except OSError as error:
            self._broken = error
            for session in self._sessions:
                session.stop()


class StreamPrinter:
    """Prints a single response: streams its text to standard output, everything else to standard error."""

    def __init__(self, console: Console, *, about: str = "") -> None:
        self._console = console
        self._about = about
        self._reasoned = False

    def event(self, _place: int, event: Event) -> None:
        """Print an event immediately."""
        match event:
            case TextDelta(text=text):
                if self._reasoned:
                    self._console.end_line()
                    self._reasoned = False
                self._console.write(text)
            case ReasoningDelta(text=text):
                self._console.dim(text)
                self._reasoned = self._console.is_terminal
            case _:
                tell(self._console, event, self._about)

    def ended(self, _place: int, outcome: Outcome) -> None:
        """Print how the response ended."""
        self._console.end_line()
        tell_end(self._console, outcome, self._about)


class SeveralPrinter:
    """Prints several responses, each in full under its model's name once it is complete."""

    def __init__(self, console: Console, refs: Iterable[ModelRef], times: int = 1) -> None:
        self._console = console
        self._refs = [
            f"{ref} ({place % times + 1} of {times})" if times > 1 else str(ref) for place, ref in enumerate(refs)
        ]
        self._waiting = len(self._refs)

    def name(self, place: int) -> str:
        """Return the name of a model, as printed."""
        return self._refs[place]

    def event(self, place: int, event: Event) -> None:
        """Print an event immediately unless it is text."""
        if not isinstance(event, (TextDelta, ReasoningDelta)):
            tell(self._console, event, self._refs[place])

    def ended(self, place: int, outcome: Outcome) -> None:
        """Print the response."""
        self._waiting -= 1
        text = outcome.text.strip("\n") if isinstance(outcome, Message) else ""
        if text:
            self._console.line(f"## {self._refs[place]}\n\n{text}\n")
        tell_end(self._console, outcome, self._refs[place])
        if self._waiting and self._console.fancy:
            self._console.note(f"{self._waiting} of {len(self._refs)} still responding")


class JsonPrinter:
    """Prints each event as a line with a JSON object, as documented."""

    def __init__(self, console: Console, refs: Iterable[ModelRef], times: int = 1) -> None:
        self._console = console
        self._refs = [str(ref) for ref in refs]
        self._times = times
        self._answering = [*range(len(self._refs))]
        for place in self._answering:
            self._put(place, "start")

    def event(self, place: int, event: Event) -> None:
        """Print an event. Usage is only printed at the end, because each usage event replaces the previous one."""
        match event:
            case TextDelta(text=text):
                self._put(place, "text", delta=text)
            case ReasoningDelta(text=text):
                self._put(place, "reasoning", delta=text)
            case RetryWait():
                self._put(place, "retry", attempt=event.attempt, wait_s=event.wait_s, reason=event.reason)
            case Cited():
                self._put(place, "citation", url=event.url, title=event.title)
            case Notice():
                self._put(place, "notice", code=event.code, message=event.message)
            case ToolCalled(call=call):
                self._put(place, "tool_call", **call_json(call))
            case ToolAnswered(result=result):
                self._put(place, "tool_result", **result_json(result))
            case _:
                pass

    def ended(self, place: int, outcome: Outcome) -> None:
        """Print the usage, if known, and either a `finish` or an `error` event."""
        self._answering.remove(place)
        if not isinstance(outcome, Message):
            self._put(place, "error", code=outcome.code, message=outcome.message, hint=outcome.hint)
            return
        if (usage := outcome.usage) is not None:
            counts = {
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
                "reasoning_tokens": usage.reasoning_tokens,
                "cached_tokens": usage.cached_tokens,
                "stored_tokens": usage.stored_tokens,
            }
            known = {name: count for name, count in counts.items() if count is not None}
            self._put(place, "usage", **known, **({"estimated": True} if usage.estimated else {}))
        figures = outcome.figures
        if outcome.status is Status.COMPLETE and figures is not None:
            self._put(
                place,
                "finish",
                reason=figures.finish_reason,
                **({"word": figures.finish_word} if figures.finish_word else {}),
                **({"wire": figures.wire} if figures.wire else {}),
                ttft_ms=figures.ttft_ms,
                duration_ms=figures.duration_ms,
                tokens_per_second=figures.tokens_per_second,
                cost=figures.cost,
            )
            return
        self._put(place, "error", **_error_fields(outcome))

    def schema(self, place: int, problem: str) -> None:
        """Print whether a response matches the schema."""
        self._put(place, "schema", valid=not problem, problem=problem or None)

    def cut_off(self) -> None:
        """Print an error for each unfinished response, because the program is ending."""
        for index in self._answering:
            self._put(index, "error", code=Interrupted.code, message="The program was ended.", hint="")
        self._answering.clear()

    def _put(self, place: int, event: str, **fields: object) -> None:
        time = {"time": place % self._times + 1} if self._times > 1 else {}
        self._console.json({"model": self._refs[place], "index": place, **time, "event": event, **fields})


Printer = StreamPrinter | SeveralPrinter | JsonPrinter


def _error_fields(message: Message) -> dict[str, Any]:
    problem = message.problem
    if problem is None:
        return {"code": message.status.value, "message": "The response was stopped.", "hint": ""}
    fields: dict[str, Any] = {"code": problem.code, "message": problem.message, "hint": problem.hint}
    if problem.retry_after_s is not None:
        fields["retry_after_s"] = problem.retry_after_s
    return fields


def tell(console: Console, event: Event, about: str = "") -> None:
    """Print an event other than text to standard error."""
    head = f"{about}: " if about else ""
    match event:
        case RetryWait():
            console.note(f"{head}{event.reason} Trying again in {event.wait_s:.0f} s (attempt {event.attempt}).")
        case Notice():
            console.note(f"{head}{event.message}")
        case ToolCalled() | ToolAnswered() | ProviderToolUsed():
            console.note(f"{head}{call_line(event)}")
        case Progress() if console.fancy and event.fraction < 1:
            console.status(f"{head}reading the prompt, {event.fraction:.0%}")
        case _:
            pass


def tell_end(console: Console, outcome: Outcome, about: str = "") -> None:
    """Print the figures of a response (only on a terminal) or its problem to standard error."""
    if not isinstance(outcome, Message):
        console.problem(outcome, about=about)
    elif outcome.problem is not None:
        console.error(outcome.problem.message, outcome.problem.hint, about=about)
    elif outcome.status is Status.STOPPED:
        console.note("Stopped. The text so far is saved.")
    else:
        head = f"{about}: " if about else ""
        if outcome.sources:
            console.note(f"{head}Sources:\n{outcome.sources}")
        if outcome.figures is not None and outcome.figures.finish_reason == "length":
            console.note(f"{head}The response reached its maximum length; raise max_tokens to allow more.")
        if outcome.reasoning and not outcome.text.strip():
            console.note(f"{head}The response contains only reasoning, no text.")
        if console.fancy and (line := figures_line(outcome.figures, outcome.usage)):
            console.note(f"{head}{line}")
