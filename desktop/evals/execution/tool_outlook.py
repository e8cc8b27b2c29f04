"""Tools of a run before it starts: those whose calls will be denied, since nobody is asked during a run."""

from __future__ import annotations

from desktop.domain.conversation_types import JsonValue, Value
from desktop.domain.tool_types import BUILT_IN
from desktop.errors import PolicyForbids, UsageError
from desktop.evals.suites.suite import Suite, ToolMode
from desktop.text.phrases import Phrase, bounded, phrase
from desktop.tools.consent import Permission, fingerprint, verdict
from desktop.tools.tool_desk import EVERYTHING, OpenServer, ToolDesk

_MOST_NAMED = 20


class ToolOutlook(Value, frozen=True, kw_only=True):
    """What is known about the tools of a run before anything starts.

    Attributes:
        denied: Tools as `server/tool` whose calls will be denied.
        unseen: Servers whose tools are not known, because they were never started as they are now.
        missing: Servers that do not exist here.
        forbidden: Servers that a policy does not allow.
        is_closed: Whether only results of an earlier run are used and nothing is called.
    """

    mode: ToolMode = ToolMode.LIVE
    servers: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    is_closed: bool = False


async def tool_outlook(
    desk: ToolDesk, suite: Suite, *, allowed: frozenset[str] = frozenset(), is_closed: bool = False
) -> ToolOutlook:
    """Return the outlook of a suite. `allowed` are names that are allowed for the run in addition to lasting decisions.

    Raises:
        SettingsError: If the file of servers cannot be read.
    """
    settings = await desk.load()
    found: dict[str, list[str]] = {"denied": [], "unseen": [], "missing": [], "forbidden": []}
    for name in suite.tools.servers:
        if name == BUILT_IN:
            continue
        try:
            server = settings.server(name)
            desk.require(server)
        except PolicyForbids:
            found["forbidden"].append(name)
            continue
        except UsageError:
            found["missing"].append(name)
            continue
        seen = settings.seen.get(name)
        if seen is None or (not is_closed and fingerprint(server, seen.tools) != seen.fingerprint):
            found["unseen"].append(name)
            continue
        opened = OpenServer(server=server, name=name, tools=seen.tools, fingerprint=seen.fingerprint)
        for info in () if is_closed else seen.tools:
            standing = await desk.standing(opened, info, "", tainted_by=frozenset(), allowed=allowed)
            if verdict(standing) is not Permission.ALLOW:
                found["denied"].append(f"{name}/{info.tool}")
    if not is_closed:
        found["unseen"] = [name for name in found["unseen"] if not {EVERYTHING, name} & allowed]
    named = {kind: tuple(names) for kind, names in found.items()}
    return ToolOutlook(mode=suite.tool_mode, servers=suite.tools.servers, is_closed=is_closed, **named)


def require_servers(outlook: ToolOutlook | None) -> None:
    """Check that the tool servers of a run exist and are allowed, before anything is sent.

    Raises:
        UsageError: If one does not exist.
        PolicyForbids: If a policy forbids one.
    """
    if outlook is None or outlook.is_closed:
        return
    if outlook.missing:
        raise UsageError(
            phrase("There is no tool server “{name}”.", name=bounded(outlook.missing[0])),
            hint=phrase("Add the server in Settings › Tools, or remove it from the suite."),
        )
    if outlook.forbidden:
        raise PolicyForbids(
            phrase("Your organization does not allow the tool server “{name}”.", name=bounded(outlook.forbidden[0]))
        )


def outlook_sentences(outlook: ToolOutlook) -> tuple[Phrase, ...]:
    """Return what the user should know about the tools before the run starts."""
    if not outlook.servers:
        return ()
    said: list[Phrase] = []
    if outlook.is_closed:
        said.append(phrase("No tools are called. The results of the earlier run are used."))
    elif outlook.mode is ToolMode.RECORDED:
        said.append(phrase("Each tool call is made once per case. Later responses get the recorded result."))
    if outlook.denied:
        said.append(
            phrase(
                "Calls of these tools will be denied, because you did not allow them and nobody is asked during a "
                "run: {names}.",
                names=_named(outlook.denied),
            )
        )
    if outlook.unseen and outlook.is_closed:
        said.append(
            phrase("The tools of {names} are not known, so models are not offered them.", names=_named(outlook.unseen))
        )
    elif outlook.unseen:
        said.append(
            phrase(
                "The tools of {names} are not known until the server is started. Calls of tools that you did not allow "
                "will be denied.",
                names=_named(outlook.unseen),
            )
        )
    if outlook.missing:
        said.append(phrase("There is no tool server {names}.", names=_named(outlook.missing)))
    if outlook.forbidden:
        said.append(
            phrase("Your organization does not allow the tool servers {names}.", names=_named(outlook.forbidden))
        )
    return tuple(said)


def outlook_json(outlook: ToolOutlook) -> dict[str, JsonValue]:
    """Return the outlook as printed by `run --estimate --json`."""
    return {
        "mode": outlook.mode.value,
        "servers": list[JsonValue](outlook.servers),
        "recorded_only": outlook.is_closed,
        "denied": list[JsonValue](outlook.denied),
        "unseen": list[JsonValue](outlook.unseen),
        "missing": list[JsonValue](outlook.missing),
        "forbidden": list[JsonValue](outlook.forbidden),
    }


def _named(names: tuple[str, ...]) -> str:
    listed = ", ".join(bounded(" ".join(name.split())) for name in names[:_MOST_NAMED])
    return f"{listed}, …" if len(names) > _MOST_NAMED else listed
