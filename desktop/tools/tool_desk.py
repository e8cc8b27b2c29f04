"""The tools of one run of Paragone: opens servers, decides about calls, runs them, and shares results between panes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from desktop.credentials.keys import KeyPlace, Keys
from desktop.domain.conversation_types import JsonValue
from desktop.domain.tool_types import BUILT_IN, ToolAuth, ToolInfo, ToolServer
from desktop.errors import CredentialError, PolicyForbids, SignInFailed, ToolError, ToolSignInRequired, UsageError
from desktop.guards.gate import Gate
from desktop.net.options import NetworkOptions
from desktop.net.proxies import proxy_for
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import ALLOWED_TOOLS, TOOL_SERVERS, TOOLS, TOOLS_ALWAYS_ASK
from desktop.text.phrases import phrase
from desktop.tools.approvals import Approvals, JointCall
from desktop.tools.call_record import CallRecord
from desktop.tools.consent import (
    CallStanding,
    Permission,
    ToolChange,
    ToolRule,
    changes,
    command_hash,
    fingerprint,
    strangers,
    unseen,
)
from desktop.tools.host.host_wire import ElicitAction, Elicitation, ElicitationAnswer, OAuthSpec, ServerSpec
from desktop.tools.host.tool_host import ToolHost
from desktop.tools.server_file import SeenTools, ToolServerFile, ToolSettings, rules_of
from desktop.tools.server_secrets import KEY, ServerSecrets, is_usable, with_expired_token
from desktop.tools.server_sign_in import OpenPage, SignIns

if TYPE_CHECKING:
    from desktop.attachments.attachment_desk import AttachmentDesk

EVERYTHING = "all"
"""Name in `allowed_now` that allows every tool."""


class OpenServer(Struct, frozen=True, kw_only=True):
    """A running server with its tools; `server` is None for the tools of Paragone."""

    server: ToolServer | None
    name: str
    tools: tuple[ToolInfo, ...]
    fingerprint: str = ""


class Leave(Struct, kw_only=True):
    """Permissions of one conversation during this run of Paragone.

    `tools` has, by server and tool, the fingerprint for which the user allowed the tool, and the servers of which text
    of strangers was in the conversation at that time.
    """

    tools: dict[tuple[str, str], tuple[str, frozenset[str]]]


class ToolDesk:
    """Servers, decisions and shared results of a run. Belongs to one event loop, and its owner closes it.

    Args:
        hide: Returns a text with keys redacted.
        command: Starts the tool host.
    """

    def __init__(
        self,
        *,
        settings: CurrentSettings,
        keys: Keys,
        gate: Gate,
        hide: Callable[[str], str],
        attachments: Callable[[], AttachmentDesk],
        file: ToolServerFile,
        command: Sequence[str],
        logs: Path,
        options: NetworkOptions,
    ) -> None:
        self.settings, self.gate, self.hide, self.attachments = settings, gate, hide, attachments
        self.file = file
        self.approvals = Approvals()
        self.record = CallRecord()
        self.allowed_now: frozenset[str] = frozenset()
        """Servers, `server/tool`, or `all`, which are allowed in this run without being asked about."""
        self.is_explicit = False
        """Whether only `allowed_now` allows tools of servers, as in scripts: lasting permissions do not count."""
        self.secrets = ServerSecrets(keys)
        self._options = options
        self._joint: dict[str, JointCall] = {}
        self._leaves: dict[str, Leave] = {}
        self._opened: dict[str, OpenServer] = {}
        self._stale: set[str] = set()
        self._unattended: Counter[str] = Counter()
        """How many calls of each server are in progress during which nobody is asked."""
        self._sign_ins = SignIns()
        self._signed_in: dict[str, ToolServer] = {}
        self._rejected: set[str] = set()
        self._unsaved: dict[str, str] = {}
        self._saving: asyncio.Task[None] | None = None
        self._place: KeyPlace | None = None
        self.host = ToolHost(
            command,
            logs=logs,
            on_changed=self._stale.add,
            elicit=self._asked_by_server,
            browse=self._sign_ins.browse,
            on_credentials=self._renewed,
        )

    async def load(self) -> ToolSettings:
        """Return the servers, decisions and tools last seen.

        Raises:
            SettingsError: If the file cannot be read.
        """
        return await asyncio.to_thread(self.file.load)

    async def change(self, change: Callable[[ToolSettings], ToolSettings]) -> ToolSettings:
        """Change and save the servers and decisions.

        Raises:
            SettingsError: If the file cannot be read or written.
            UsageError: If the change is invalid.
        """
        return await asyncio.to_thread(self.file.change, change)

    async def open(self, name: str) -> OpenServer:
        """Start a server and return its tools, which are remembered. Never opens a browser.

        Raises:
            UsageError: If there is no such server.
            PolicyForbids: If a policy forbids it.
            CredentialError: If the keyring fails.
            SettingsError: If the file of servers cannot be used.
            ToolSignInRequired: If the user must sign in at the server.
            ToolError: If the server cannot be started.
        """
        settings = await self.load()
        server = settings.server(name)
        self.require(server)
        if server.auth is ToolAuth.OAUTH:
            return await self._noted(server, settings, await self._open_signed_in(server))
        return await self._noted(server, settings, await self.host.open(await self._spec(server)))

    async def _noted(self, server: ToolServer, settings: ToolSettings, tools: tuple[ToolInfo, ...]) -> OpenServer:
        """Remember the tools of a server that was opened."""
        name = server.name
        self._stale.discard(name)
        opened = OpenServer(server=server, name=name, tools=tools, fingerprint=fingerprint(server, tools))
        self._opened[name] = opened
        seen = settings.seen.get(name)
        if seen is None or seen.fingerprint != opened.fingerprint:
            now_seen = SeenTools(fingerprint=opened.fingerprint, tools=tools)
            await self.change(lambda held: msgspec.structs.replace(held, seen={**held.seen, name: now_seen}))
        return opened

    async def _open_signed_in(self, server: ToolServer) -> tuple[ToolInfo, ...]:
        """Open a server with the saved sign-in. A token that it rejects is renewed once, if it can be."""
        await self._saved()
        saved = await self.secrets.sign_in(server)
        if not is_usable(saved):
            raise ToolSignInRequired(
                phrase("You are not signed in to the tool server “{server}”{said}", server=server.name, said="."),
                server=server.name,
            )
        self._signed_in[server.name] = server
        try:
            try:
                tools = await self.host.open(await self._spec(server, OAuthSpec(saved=saved)))
            except ToolSignInRequired:
                if not (renewing := with_expired_token(saved)):
                    raise
                tools = await self.host.open(await self._spec(server, OAuthSpec(saved=renewing)))
        except ToolSignInRequired:
            self._rejected.add(server.name)
            raise
        self._rejected.discard(server.name)
        return tools

    async def sign_in(
        self, name: str, open_page: OpenPage, *, done: str = "", failed: str = ""
    ) -> tuple[OpenServer, KeyPlace | None]:
        """Let the user sign in at a server with the browser; cancel the task to abort.

        Returns the server, which is open, and where the sign-in is stored. An earlier sign-in stays until this one
        succeeds. The browser then shows the text `done` or `failed`.

        Raises:
            SignInFailed: If the sign-in fails, is declined, or takes longer than five minutes.
            UsageError: If there is no such server, or it does not use a sign-in; otherwise the same errors as `open`.
        """
        settings = await self.load()
        server = settings.server(name)
        self.require(server)
        if server.auth is not ToolAuth.OAUTH:
            raise UsageError(
                phrase("The tool server “{name}” does not use a sign-in.", name=name),
                hint=phrase("Choose OAuth in the settings of this server."),
            )
        async with self._sign_ins.started(name, open_page, done=done, failed=failed) as running:
            if self.host.pid:
                await self.host.close(name)
            self._signed_in[name], self._place = server, None
            try:
                tools = await self.host.open(await self._spec(server, OAuthSpec(redirect_uri=running.redirect_uri)))
            except ToolSignInRequired:
                if running.problem is not None:
                    raise running.problem from None
                raise
        place = await self._saved()
        if not is_usable(await self.secrets.sign_in(server)):
            if place is not None and place.problem is not None:
                raise place.problem
            raise SignInFailed(
                phrase("The tool server “{name}” did not ask for a sign-in.", name=name),
                hint=phrase("Turn off the sign-in in the server's settings."),
            )
        self._rejected.discard(name)
        self.approvals.withdraw_sign_in(name)
        return await self._noted(server, settings, tools), place

    async def sign_out(self, name: str) -> None:
        """Delete the sign-in of a server, which is closed.

        Raises:
            CredentialError: If the keyring cannot be changed.
            ToolError: If the tool host fails.
        """
        self._signed_in.pop(name, None)
        if self.host.pid:
            await self.host.close(name)
        await self._saved()
        self._opened.pop(name, None)
        self._rejected.discard(name)
        await self.secrets.sign_out(name)

    async def needs_sign_in(self, server: ToolServer) -> bool:
        """Whether the user must sign in before a server can be used, as far as known without asking it.

        Raises:
            CredentialError: If the keyring fails.
        """
        if server.auth is not ToolAuth.OAUTH:
            return False
        await self._saved()
        return server.name in self._rejected or not is_usable(await self.secrets.sign_in(server))

    def _renewed(self, name: str, saved: str) -> None:
        """Store credentials that the host received; a registration without a token is not worth it."""
        if name in self._signed_in and is_usable(saved):
            self._unsaved[name] = saved
            if self._saving is None or self._saving.done():
                self._saving = asyncio.create_task(self._save(), name="tools sign-in")

    async def _save(self) -> None:
        self._place = None
        while self._unsaved:
            name, saved = self._unsaved.popitem()
            if (server := self._signed_in.get(name)) is None:
                continue
            try:
                self._place = await self.secrets.keep_sign_in(server, saved)
            except CredentialError as error:
                self._place = KeyPlace(None, error)

    async def _saved(self) -> KeyPlace | None:
        """Wait until all credentials are stored, and return where the last ones are."""
        if self._saving is not None:
            await asyncio.shield(self._saving)
        return self._place

    async def forget(self, server: ToolServer) -> None:
        """Close a server, and delete its secrets and its sign-in.

        Raises:
            CredentialError: If the keyring cannot be changed.
            ToolError: If the tool host fails.
        """
        if server.auth is ToolAuth.OAUTH:
            await self.sign_out(server.name)
        elif self.host.pid:
            await self.host.close(server.name)
        if server.secret_env or server.secret_headers or server.auth is ToolAuth.KEY:
            await self.secrets.keep_values(server.name, {})

    async def current(self, opened: OpenServer) -> OpenServer:
        """Return a server as it is now; it is asked again if it said that it has other tools, or if it ended.

        Raises the same errors as `open`.
        """
        if opened.server is None or (opened.name not in self._stale and opened.name in self._opened):
            return self._opened.get(opened.name, opened)
        return await self.open(opened.name)

    def require(self, server: ToolServer) -> None:
        """Check that a policy allows a server.

        Raises:
            PolicyForbids: If it does not.
        """
        policy = self.settings().policy
        policy.require(TOOLS)
        allowed = policy.get(TOOL_SERVERS)
        if allowed is None or command_hash(server) in allowed or (server.url and server.url in allowed):
            return
        raise PolicyForbids(
            phrase("Your organization does not allow the tool server “{name}”.", name=server.name),
            hint=policy.who_says(TOOL_SERVERS),
        )

    def policy_verdict(self, info: ToolInfo) -> Permission | None:
        """Return what policies say about a tool; None if they leave it to the user."""
        policy = self.settings().policy
        allowed = policy.get(ALLOWED_TOOLS)
        if not policy.get(TOOLS) or (allowed is not None and not _is_named(info, allowed)):
            return Permission.DENY
        return Permission.ASK if policy.get(TOOLS_ALWAYS_ASK) and info.server != BUILT_IN else None

    async def standing(
        self,
        opened: OpenServer,
        info: ToolInfo,
        conversation: str,
        *,
        tainted_by: frozenset[str],
        allowed: frozenset[str] | None = None,
    ) -> CallStanding:
        """Return what is known about a call of a tool. `tainted_by` are servers with text of strangers.

        Args:
            allowed: Names as in `allowed_now` that are allowed as well where nobody is asked; None to ask.

        Raises:
            SettingsError: If the file of servers cannot be read.
        """
        policy = self.policy_verdict(info)
        is_risky = bool(strangers(info, tainted_by))
        if info.server == BUILT_IN:
            return CallStanding(policy=policy, tool_rule=Permission.ALLOW)
        rules = rules_of((await self.load()).rules, info.server)
        of_tool, of_server = rules.get(info.tool), rules.get("")
        decided = of_tool or of_server
        names = self.allowed_now | (allowed or frozenset())
        if _is_named(info, names) and (decided is None or decided.verdict is not Permission.DENY):
            return CallStanding(
                policy=policy,
                server_rule=Permission.ALLOW,
                is_allowed_here=self._is_allowed_here(opened, info, conversation, tainted_by),
                is_risky_here=is_risky and self.approvals.is_attended and allowed is None,
            )
        if self.is_explicit and (decided is None or decided.verdict is not Permission.DENY):
            return CallStanding(policy=policy)
        relevant = [each for each in (of_tool, of_server) if each is not None and each.verdict is Permission.ALLOW]
        return CallStanding(
            policy=policy,
            tool_rule=of_tool.verdict if of_tool else None,
            server_rule=of_server.verdict if of_server else None,
            is_changed=any(each.fingerprint != opened.fingerprint for each in relevant[:1]),
            is_allowed_here=self._is_allowed_here(opened, info, conversation, tainted_by),
            is_risky_here=is_risky,
        )

    def _is_allowed_here(
        self, opened: OpenServer, info: ToolInfo, conversation: str, tainted_by: frozenset[str]
    ) -> bool:
        """Whether the user allowed a tool for a conversation, and that decision still counts."""
        leave = self._leaves.get(conversation)
        given = leave.tools.get((info.server, info.tool)) if leave is not None else None
        return given is not None and given[0] == opened.fingerprint and not unseen(info, tainted_by, given[1])

    def allow_here(self, opened: OpenServer, info: ToolInfo, conversation: str, *, tainted_by: frozenset[str]) -> None:
        """Allow a tool for a conversation during this run. `tainted_by` are servers with text of strangers."""
        leave = self._leaves.setdefault(conversation, Leave(tools={}))
        leave.tools[info.server, info.tool] = (opened.fingerprint, tainted_by)

    async def allow_always(self, opened: OpenServer, info: ToolInfo) -> None:
        """Allow a tool from now on, as long as its server does not change.

        Raises:
            SettingsError: If it cannot be saved.
        """
        rule = ToolRule(server=info.server, tool=info.tool, verdict=Permission.ALLOW, fingerprint=opened.fingerprint)
        await self.change(lambda held: held.with_rule(rule))

    async def difference(self, opened: OpenServer) -> ToolChange | None:
        """Return what a server changed since the user allowed it; None if nothing was allowed.

        Raises:
            SettingsError: If the file of servers cannot be read.
        """
        agreed = (await self.load()).agreed.get(opened.name)
        return None if agreed is None else changes(agreed.tools, opened.tools)

    @contextmanager
    def unattended(self, name: str) -> Generator[None]:
        """Decline the questions of a server while a call of a run is in progress."""
        self._unattended[name] += 1
        try:
            yield
        finally:
            self._unattended[name] -= 1

    async def _asked_by_server(self, elicitation: Elicitation) -> ElicitationAnswer:
        if self._unattended[elicitation.server]:
            return ElicitationAnswer(action=ElicitAction.DECLINE)
        return await self.approvals.ask_question(elicitation)

    def joint(self, key: str) -> JointCall:
        """Return the panes that wait for a call, by its turn, tool and arguments."""
        return self._joint.setdefault(key, JointCall())

    def forget_joint(self, key: str) -> None:
        """Forget a call for which no pane waits any longer."""
        if key in self._joint and not self._joint[key].panes:
            del self._joint[key]

    async def _spec(self, server: ToolServer, oauth: OAuthSpec | None = None) -> ServerSpec:
        secrets = await self.secrets.values(server)
        missing = [name for name in (*server.secret_env, *server.secret_headers) if name not in secrets]
        if server.auth is ToolAuth.KEY and KEY not in secrets:
            missing.append(phrase("key"))
        if missing:
            raise ToolError(
                phrase("The tool server “{name}” has no value for {missing}.", name=server.name, missing=missing[0]),
                hint=phrase("Enter the value in Settings › Tools."),
            )
        headers = {**server.headers, **{name: secrets[name] for name in server.secret_headers}}
        if server.auth is ToolAuth.KEY:
            headers["Authorization"] = f"Bearer {secrets[KEY]}"
        proxy = await proxy_for(server.url, self._options) if server.url else None
        return ServerSpec(
            name=server.name,
            command=server.command,
            env={**server.env, **{name: secrets[name] for name in server.secret_env}},
            folder=server.folder,
            url=server.url,
            headers=headers,
            proxy=proxy.url if proxy is not None else "",
            ca_file=self._options.ca_file,
            oauth=oauth,
        )

    async def aclose(self) -> None:
        """End the host and all servers, and store renewed sign-ins. Safe to call more than once."""
        await self.host.aclose()
        await self._saved()


def _is_named(info: ToolInfo, names: Sequence[str] | frozenset[str]) -> bool:
    """Whether a list names a tool: `all`, its server, or `server/tool`."""
    return EVERYTHING in names or info.server in names or f"{info.server}/{info.tool}" in names


def schema_of(info: ToolInfo) -> dict[str, JsonValue]:
    """Return the schema of a tool's arguments; one without properties if the server gives none."""
    return {"type": "object", "properties": {}, **info.schema}
