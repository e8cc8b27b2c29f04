"""Changes to the user's tool servers that concern the file, the keyring and the running server together."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.credentials.keys import KeyPlace
from desktop.domain.tool_types import ToolAuth, ToolServer
from desktop.errors import CredentialError
from desktop.tools.consent import Permission, ToolRule
from desktop.tools.server_file import ToolSettings, added, removed, require_server
from desktop.tools.tool_desk import ToolDesk


async def keep_server(
    desk: ToolDesk, server: ToolServer, secrets: Mapping[str, str], *, replaces: str = ""
) -> KeyPlace | None:
    """Save a new server, or one in place of the one named `replaces`, and its secrets. Starts nothing.

    Returns where the secrets are stored: without a keyring, in memory until Paragone quits. If a policy forbids that, a
    new server is not kept either. The sign-in at a server stays unless its name or its address changes.

    Raises:
        UsageError: If the server is invalid or its name is taken.
        PolicyForbids: If a policy forbids it.
        SettingsError: If it cannot be saved.
        CredentialError: If its secrets cannot be stored.
    """
    require_server(server)
    desk.require(server)
    before = next((each for each in (await desk.load()).servers if each.name == replaces), None)
    await desk.change(lambda held: added(held, server, replaces=replaces))
    try:
        if before is not None and before.auth is ToolAuth.OAUTH and not _is_same_place(before, server):
            await desk.sign_out(before.name)
        place = await desk.secrets.keep_values(server.name, secrets) if secrets or replaces else None
        if replaces and replaces != server.name:
            await desk.secrets.keep_values(replaces, {})
    except CredentialError:
        if not replaces:
            await desk.change(lambda held: removed(held, server.name))
        raise
    return place


def _is_same_place(before: ToolServer, after: ToolServer) -> bool:
    return (before.name, before.url, before.auth) == (after.name, after.url, after.auth)


async def remove_server(desk: ToolDesk, name: str) -> None:
    """End a server and delete it with its secrets and the decisions about its tools.

    Raises:
        SettingsError: If the change cannot be saved.
        CredentialError: If the server was removed but its secrets could not be.
        ToolError: If the tool host fails.
    """
    server = next((each for each in (await desk.load()).servers if each.name == name), None)
    await desk.change(lambda held: removed(held, name))
    desk.approvals.withdraw_sign_in(name)
    if server is not None:
        await desk.forget(server)


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
