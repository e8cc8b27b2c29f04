"""Tools, permissions and schema that the options of `ask` and `chat` name."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import NO_TOOLS, JsonValue, Kind, Message, ModelRef, ToolChoice
from desktop.domain.tool_types import BUILT_IN
from desktop.errors import UsageError
from desktop.settings.policy import TOOLS, WEB_SEARCH
from desktop.system.plain_files import read_plain
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.tool_lines import one_line, tools_of
from desktop.text.phrases import english

_MOST_SCHEMA = 1 << 20


async def tool_choice(services: ConsoleServices, arguments: argparse.Namespace) -> ToolChoice:
    """Return the tools that a command's options name, and allow what `--allow` names during this run.

    Raises:
        UsageError: If a server does not exist, the schema is invalid, or `--allow` names something else.
        PolicyForbids: If a policy forbids tools or web search.
        SettingsError: If the file of servers cannot be read.
    """
    if not (arguments.tools or arguments.allow or arguments.web_search or arguments.schema):
        return NO_TOOLS  # the tools are not even imported
    policy = services.settings.policy
    names = await known_servers(services, arguments.tools) if arguments.tools else ()
    if names:
        policy.require(TOOLS)
    if arguments.web_search:
        policy.require(WEB_SEARCH)
    if arguments.allow:
        services.tools.allowed_now = _allowed(arguments.allow, names)
    schema = await _schema(arguments.schema) if arguments.schema else ""
    return ToolChoice(servers=names, web_search=arguments.web_search, schema=schema)


def tell_web_search(services: ConsoleServices, refs: Iterable[ModelRef], choice: ToolChoice) -> None:
    """Print where prompts go if Azure searches the web for a model."""
    if not choice.web_search:
        return
    if any(services.settings.connection(ref.connection).kind is Kind.AZURE_INFERENCE for ref in refs):
        services.console.note(
            "Web search on Azure is Grounding with Bing: prompts leave the compliance and geographic boundary, and the "
            "data protection addendum (DPA) does not apply."
        )


async def known_servers(services: ConsoleServices, text: str) -> tuple[str, ...]:
    """Return the servers in a list with commas.

    Raises:
        UsageError: If one does not exist.
        SettingsError: If the file of servers cannot be read.
    """
    names = tuple(dict.fromkeys(filter(None, (each.strip() for each in text.split(",")))))
    settings = await services.tools.load()
    for name in names:
        if name != BUILT_IN:
            settings.server(name)
    return names


async def tool_overview(services: ConsoleServices, offered: Sequence[str]) -> list[str]:
    """Return a line per server: whether it is offered, and its tools as seen last.

    Raises:
        SettingsError: If the file of servers cannot be read.
    """
    from desktop.tools.built_in_tools import built_in_tools

    settings = await services.tools.load()
    tools = {BUILT_IN: built_in_tools(has_files=True)}
    tools |= {each.name: tuple(tools_of(each, settings.seen.get(each.name)) or ()) for each in settings.servers}
    lines: list[str] = []
    for name, infos in tools.items():
        names = ", ".join(one_line(info.tool, 60) for info in infos) or "never started"
        lines.append(f"{'on ' if name in offered else 'off'}  {name}: {names}")
    return lines


def _allowed(given: Sequence[str], names: Sequence[str]) -> frozenset[str]:
    from desktop.tools.tool_desk import EVERYTHING

    for each in given:
        server = each.partition("/")[0]
        if not names or (each != EVERYTHING and server not in names):
            raise UsageError(
                english(f"--allow {each} allows nothing, because --tools does not name its server."),
                hint=english("For example: --tools time --allow time"),
            )
    return frozenset(given)


async def _schema(path: Path) -> str:
    """Return the text of a schema that is valid."""
    try:
        text = (await asyncio.to_thread(read_plain, path, _MOST_SCHEMA)).decode("utf-8-sig")
        schema = msgspec.json.decode(text, type=dict[str, JsonValue])
    except OSError as error:
        raise UsageError(english(f"The schema {path} could not be read: {error.strerror or error}.")) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UsageError(english(f"The schema {path} is not a JSON object: {error}.")) from error
    from desktop.evals.graders.check_child import CheckTask
    from desktop.evals.graders.check_desk import SingleChecks

    reply = await SingleChecks().check(CheckTask(kind="is-schema", text="", schema=schema))
    if reply.fits is not True:
        reason = "the check took too long" if reply.late else reply.what
        raise UsageError(english(f"The schema {path} is not a valid JSON Schema: {reason}."))
    return text


async def schema_problems(schema: str, messages: Sequence[Message]) -> list[str]:
    """Return for each response why it does not match a schema, or an empty string if it does."""
    from desktop.evals.graders.check_child import CheckTask
    from desktop.evals.graders.check_desk import CheckDesk

    value = msgspec.json.decode(schema, type=dict[str, JsonValue])
    checks, problems = CheckDesk(), list[str]()
    try:
        for message in messages:
            problem = _unparsed(message.text)
            if not problem:
                reply = await checks.check(CheckTask(kind="schema", text=message.text, schema=value))
                late = "the check took too long" if reply.late else reply.what
                problem = "" if reply.fits else late or "the check failed"
            problems.append(problem)
    finally:
        await checks.aclose()
    return problems


def _unparsed(text: str) -> str:
    try:
        msgspec.json.decode(text, type=object)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return ""
