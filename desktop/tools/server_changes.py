"""Changes to the user's tool servers that concern the file, the keyring and the running server together."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.tool_types import ToolServer
from desktop.errors import CredentialError
from desktop.tools.consent import Permission, ToolRule
from desktop.tools.server_file import ToolSettings, added, removed, require_server
from desktop.tools.tool_desk import ToolDesk


async def keep_server(desk: ToolDesk, server: ToolServer, secrets: Mapping[str, str], *, replaces: str = "") -> None:
    """Save a new server, or one in place of the one named `replaces`, and its secrets. Starts nothing.

    If the secrets of a new server cannot be stored, the server is not kept either.

    Raises:
        UsageError: If the server is invalid or its name is taken.
        PolicyForbids: If a policy forbids it.
        SettingsError: If it cannot be saved.
        CredentialError: If its secrets cannot be stored.
    """
    require_server(server)
    desk.require(server)
    await desk.change(lambda held: added(held, server, replaces=replaces))
    try:
        if secrets or replaces:
            await desk.keep_secrets(server.name, secrets)
        if replaces and replaces != server.name:
            await desk.keep_secrets(replaces, {})
    except CredentialError:
        if not replaces:
            await desk.change(lambda held: removed(held, server.name))
        raise


async def remove_server(desk: ToolDesk, name: str) -> None:
    """End a server and delete it with its secrets and the decisions about its tools.

    Raises:
        SettingsError: If the change cannot be saved.
        CredentialError: If the server was removed but its secrets could not be.
        ToolError: If the tool host fails.
    """
    held = await desk.load()
    server = next((each for each in held.servers if each.name == name), None)
    await desk.change(lambda held: removed(held, name))
    if desk.host.pid:
        await desk.host.close(name)
    if server is not None and (await desk.secrets(server)):
        await desk.keep_secrets(name, {})


async def set_rule(desk: ToolDesk, server: str, tool: str, verdict: Permission | None) -> ToolSettings:
    """Set the user's lasting decision on a tool, or on all tools if `tool` is empty; None removes it.

    Raises:
        SettingsError: If it cannot be saved.
    """

    def changed(held: ToolSettings) -> ToolSettings:
        if verdict is None:
            return held.without_rule(server, tool)
        seen = held.seen.get(server)
        agreed = seen.fingerprint if seen is not None and verdict is Permission.ALLOW else ""
        return held.with_rule(ToolRule(server=server, tool=tool, verdict=verdict, fingerprint=agreed))

    return await desk.change(changed)
