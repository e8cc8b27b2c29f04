"""Services shared by the window and all commands, created by main, and operations that need several of them.

For example, headers with keys (settings and keyring), encryption and the data folders (store and settings).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import KeyPlace, Keys
from desktop.credentials.vault import KeyringVault
from desktop.domain.conversation_types import Auth, Connection, Conversation, Kind, ModelRef
from desktop.errors import (
    CredentialError,
    KeyringLocked,
    KeyringMissing,
    KeyringTimeout,
    PolicyForbids,
    ProviderError,
    SettingsError,
    StoreError,
)
from desktop.evals.execution.run_limits import RunLimits
from desktop.net.headers import without_keys
from desktop.net.options import TokenSource
from desktop.net.origin import same_origin
from desktop.presets.presets import Presets
from desktop.session.gateway import Gateway
from desktop.session.journal import Journal, NoJournal
from desktop.session.session import Session
from desktop.settings.policy import VOTES
from desktop.settings.schema import DEFAULT_MODEL, ENCRYPTION
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.settings.vote_options import KEEP_VOTES
from desktop.system.log import logger
from desktop.system.paths import Paths, resources
from desktop.text.phrases import Phrase, phrase

if TYPE_CHECKING:
    from desktop.attachments.attachment_desk import AttachmentDesk
    from desktop.renderer.renderer import Renderer
    from desktop.reports.ranking_html import PageWords
    from desktop.session.prompt_files import PromptFiles
    from desktop.signin.entra import Entra
    from desktop.spelling.speller import Speller
    from desktop.store.files.attached_files import AttachedFiles
    from desktop.store.store import Store
    from desktop.tools.tool_desk import ToolDesk
    from desktop.tools.tool_runner import Toolbox
    from desktop.transfer.export.exporter import Exporter

_log = logger("services")


@dataclass(kw_only=True)
class Services:
    """The services of one process. `notices` are sentences about problems found at start.

    The store is opened on first use. The creator of the services closes them.
    """

    version: str
    paths: Paths
    environ: Mapping[str, str]
    settings_file: SettingsFile
    catalog: Catalog
    keys: Keys
    gateway: Gateway
    presets: Presets = field(default_factory=Presets)
    notices: tuple[str, ...] = ()
    renderer: Renderer | None = None
    """Highlighter of code in a child process; None if nothing is rendered."""
    decode_command: tuple[str, ...] = ()
    """Command that starts Paragone as the child process that decodes files."""
    paper_command: tuple[str, ...] = ()
    """Command that starts Paragone as the child process that creates PDF and DOCX files."""
    spelling_command: tuple[str, ...] = ()
    """Command that starts Paragone as the child process that checks spelling; empty to check nothing."""
    tools_command: tuple[str, ...] = ()
    """Command that starts Paragone as the child process that runs tool servers."""
    followers: list[Callable[[Paths], Awaitable[None]]] = field(
        default_factory=list["Callable[[Paths], Awaitable[None]]"]
    )
    """Called once the data folder has moved: each continues there. They raise SettingsError."""
    new_code: str = field(default="", init=False)
    """A recovery code that was not shown yet and must be shown once."""
    plain_keepers: list[Callable[[], None]] = field(default_factory=list["Callable[[], None]"], init=False)
    """Called when no plain text may remain on the disk: each deletes what it stores there."""
    run_limits: RunLimits = field(default_factory=RunLimits, init=False)
    """Rate limits of connections, shared by all suite runs."""
    vault: KeyringVault = field(init=False)
    _store: Store | None = field(default=None, init=False)
    _attachments: AttachmentDesk | None = field(default=None, init=False)
    _prompt_files: PromptFiles | None = field(default=None, init=False)
    _entra: Entra | None = field(default=None, init=False)
    _speller: Speller | None = field(default=None, init=False)
    _tools: ToolDesk | None = field(default=None, init=False)
    _tools_wanted: list[Callable[[ToolDesk], None]] = field(
        default_factory=list["Callable[[ToolDesk], None]"], init=False
    )
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def __post_init__(self) -> None:
        self.vault = KeyringVault(lambda: self.keys)
        self.gateway.stored, self.gateway.tokens = self._spent, self._tokens_of
        self.gateway.program = self.version
        self.presets.require = lambda: self.settings.policy.require_way_in()  # noqa: PLW0108 - settings change

    @property
    def entra(self) -> Entra:
        """Entra ID sign-ins, created on first use."""
        if self._entra is None:
            # Late: its HTTP imports take 50 ms, and the window paints without them.
            from desktop.signin.entra import Entra

            self._entra = Entra(self.keys, self.gateway.current, self.gateway.options)
        return self._entra

    async def store(self) -> Store:
        """Return the open store.

        Raises:
            StoreError: If it cannot be opened.
            CredentialError: If it is encrypted and the keyring fails.
        """
        async with self._opening:
            if self._store is None:
                # Late: SQLite and the file lock take 40 ms to import, and the window paints before it needs them.
                from desktop.store.opening.store_opener import Options
                from desktop.store.store import Store

                async def opened(options: Options | None = None) -> Store:
                    """Open the store in the current data folder."""
                    store = await Store.open(self.paths.data, options=options, vault=self.vault, mask=self.keys.mask)
                    store.votes.require = lambda: self.settings.policy.require(VOTES)
                    store.require_way_in = lambda: self.settings.policy.require_way_in()  # noqa: PLW0108 - settings change
                    store.votes.outlive = self._votes_outlive
                    return store

                await self._go_on_in(self.paths.followed())
                store = await opened()
                # Another process may have moved the data during the wait; from now on none can.
                while (paths := self.paths.followed()).data != self.paths.data:
                    await store.aclose()
                    await self._go_on_in(paths)
                    store = await opened()
                try:
                    await self._encrypt_if_wanted(store)
                except (StoreError, CredentialError) as error:  # data stays readable, no plain text is added
                    await store.aclose()
                    store = await opened(Options(hinders=error))
                except BaseException:
                    await store.aclose()
                    raise
                if store.encryption.on:
                    await self._end_encryption()
                self._store = store
            return self._store

    async def unlock(self, code: str) -> bool:
        """Recover the store's key with its recovery code; returns whether the keyring stores it.

        Raises:
            RecoveryCodeWrong: If the code is wrong; also StoreError.
        """
        from desktop.store.encryption import encryption

        return await encryption.recover(self.paths.data, code, self.vault)

    async def tidy(self, *, ending: bool = False) -> int:
        """Delete expired conversations, as the settings say, and return their number.

        Raises:
            StoreError: If the store cannot be changed.
        """
        from desktop.store.retention import rule_of

        rule = rule_of(self.settings, self.settings.policy.locked)
        return await (await self.store()).retention.tidy(rule, ending=ending)

    async def forget_secrets(self, connection: Connection, successor: Connection | None = None) -> None:
        """Delete the key and sign-in of a connection that was removed or now leads elsewhere.

        Secrets that its successor may use stay.

        Raises:
            KeyringLocked: If the keyring cannot be changed; also KeyringTimeout.
        """
        await self._leave(connection, successor)
        await self.keys.forget(connection, successor)
        if successor is None or not same_origin(connection.url, successor.url) or not successor.secret_headers:
            await self.keys.forget_headers(connection)

    async def _leave(self, connection: Connection, successor: Connection | None) -> None:
        """Delete the sign-in, even if the connection no longer uses one after a manual edit."""
        if connection.kind is Kind.EMBEDDED:
            return
        try:
            await self.entra.leave(connection, successor)
        except CredentialError as error:
            if connection.auth is Auth.ENTRA:
                raise
            _log.warning("an earlier sign-in of a connection may stay: %s", type(error).__name__)

    async def settle_headers(self, connection: Connection, before: Connection) -> tuple[Connection, KeyPlace | None]:
        """Move header values that are keys to the keyring, and return the connection to store in the file.

        If the keyring is unavailable, values that were in the file stay there and continue to work. If there is
        none at all and no policy requires one, values that are not certainly keys are stored in the file too.
        The second result is None if everything is stored in the file only.
        """
        stored, values = without_keys(connection)
        removed = {*before.secret_headers} - {*stored.secret_headers}
        if not values:
            if stored.secret_headers and removed:
                return stored, await self.keys.keep_headers(stored, {}, gone=removed)
            return stored, None
        old = {name: value for name, value in values.items() if before.headers.get(name) == value}
        try:
            key_place = await self.keys.keep_headers(stored, values, gone=removed)
        except CredentialError as error:  # a policy requires the keyring
            key_place = KeyPlace(None, error)
        if key_place.problem is None:
            return stored, key_place
        if not await self.keys.has_keyring():
            sure = without_keys(connection, sure=True)[1]
            old |= {name: value for name, value in values.items() if name not in sure}
        if old:
            names = tuple(name for name in stored.secret_headers if name not in old)
            stored = msgspec.structs.replace(stored, headers={**stored.headers, **old}, secret_headers=names)
        in_file_alone = isinstance(key_place.problem, KeyringMissing) and len(old) == len(values)
        return stored, None if in_file_alone else key_place

    async def move_headers(self) -> tuple[Phrase, ...]:
        """Move headers with keys from the settings file to the keyring; returns sentences about the others.

        Skips unused connections: those that the policy forbids, and those whose name the organization uses,
        because their keyring items would belong to the organization's connection.
        """
        stay: list[Connection] = []
        policy, is_away = self.settings.policy, False
        for connection in self.settings.connections:
            if policy.is_predefined(connection) or policy.problem(connection) is not None:
                continue
            if not without_keys(connection)[1]:
                continue
            try:
                # Ask a locked or silent keyring once: each request may open a window or take half a minute
                stored, kept = (connection, None) if is_away else await self.settle_headers(connection, connection)
            except ProviderError:
                continue  # its address is invalid: nothing is sent, and the settings' notice says so
            if kept is None or kept.problem is not None:
                is_away |= kept is not None and isinstance(kept.problem, (KeyringLocked, KeyringTimeout))
                stay.append(connection)
                continue
            change = partial(_replaced, before=connection, after=stored)
            try:
                self.use(await asyncio.to_thread(self.settings_file.update, change))
            except (SettingsError, PolicyForbids):
                stay.append(connection)
        return tuple(plain_headers(each) for each in stay if without_keys(each, sure=True)[1])

    def forget_plain_text(self) -> None:
        """Overwrite prompts stored outside the store.

        Raises:
            StoreError: If a file cannot be overwritten.
        """
        from desktop.store.sqlite import database_files, sqlite_faults

        with sqlite_faults.typed(self.paths.prompt_history_file):
            database_files.wipe(self.paths.prompt_history_file)
        for forget in self.plain_keepers:
            forget()

    async def move_data(self, target: Path) -> None:
        """Move the data folder and continue there.

        Raises:
            UsageError: If the target is unsuitable; also StoreError. Nothing is changed then.
            SettingsError: If files beside the conversations cannot be stored there.
        """
        store = await self.store()
        await store.safety.move(target, self.paths.data_pointer)
        await self._go_on_in(msgspec.structs.replace(self.paths, data=store.safety.folder, moved=True))

    async def session(self, conversation: Conversation) -> Session:
        """Return a conversation in use, stored in the store.

        Raises:
            StoreError: If the store cannot be opened.
        """
        return Session(
            conversation,
            gateway=self.gateway,
            catalog=self.catalog,
            journal=await self.journal(),
            files=self.prompt_files,
            tools=self.toolbox,
        )

    @property
    def attachments(self) -> AttachmentDesk:
        """Intake of attachments, created on first use."""
        if self._attachments is None:
            from desktop.attachments.attachment_desk import AttachmentDesk
            from desktop.attachments.attachment_limits import limits_of
            from desktop.attachments.decoder import Decoder

            async def attached_files() -> AttachedFiles:
                """Return the attachments, which are stored with the conversations."""
                return (await self.store()).files

            self._attachments = AttachmentDesk(
                Decoder(self.decode_command), attached_files, lambda: limits_of(self.settings)
            )
        return self._attachments

    @property
    def speller(self) -> Speller:
        """Spelling checker of prompts, created on first use."""
        if self._speller is None:
            from desktop.spelling.dictionary_folders import dictionary_folders
            from desktop.spelling.own_words import OwnWords
            from desktop.spelling.speller import Speller

            bundled = resources() / "dictionaries"
            self._speller = Speller(
                self.spelling_command,
                lambda: dictionary_folders(bundled, self.paths.dictionaries, self.environ),
                OwnWords(lambda: self.paths.words_file),
            )
        return self._speller

    @property
    def tools(self) -> ToolDesk:
        """Tools that models may call, created on first use; no server is started by that."""
        if self._tools is None:
            from desktop.tools.server_file import ToolServerFile
            from desktop.tools.tool_desk import ToolDesk

            self._tools = ToolDesk(
                settings=self.gateway.current,
                keys=self.keys,
                gate=self.gateway.gate,
                hide=self.gateway.mask.hide_plain,
                attachments=lambda: self.attachments,
                file=ToolServerFile(self.paths.tools_file),
                command=self.tools_command,
                logs=self.paths.logs / "tools",
                options=self.gateway.options,
            )
            for listener in self._tools_wanted:
                listener(self._tools)
        return self._tools

    def on_tools(self, listener: Callable[[ToolDesk], None]) -> None:
        """Call a function with the tools once something uses them, or at once if something does."""
        self._tools_wanted.append(listener)
        if self._tools is not None:
            listener(self._tools)

    def toolbox(self) -> Toolbox:
        """Return the tools, for sessions."""
        from desktop.tools.desk_runner import DeskToolbox

        return DeskToolbox(self.tools)

    def prompt_files(self) -> PromptFiles:
        """Return the encoder of attachments for models, shared by all sessions."""
        if self._prompt_files is None:
            from desktop.session.prompt_files import PromptFiles

            self._prompt_files = PromptFiles(self.attachments)
        return self._prompt_files

    async def journal(self) -> Journal:
        """Return the storage of responses: the store, or none if it is read-only.

        Raises:
            StoreError: If the store cannot be opened.
        """
        store = await self.store()
        return NoJournal() if store.read_only else store.conversations

    @property
    def settings(self) -> Settings:
        """Settings in force."""
        return self.gateway.settings

    def model(self, text: str | None) -> ModelRef:
        """Return the requested model, or the default.

        Raises:
            UsageError: If it is not a model.
        """
        return ModelRef.parse(text or self.settings.get(DEFAULT_MODEL))

    def use(self, settings: Settings) -> None:
        """Apply changed settings: changed connections get new providers on next use."""
        self.gateway.current.use(settings)

    async def exporter(self, words: PageWords | None = None, *, letter: bool = False) -> Exporter:
        """Return the exporter of conversations to files, in the words of a language.

        Raises:
            StoreError: If the store cannot be opened.
        """
        from desktop.transfer.export.exporter import Exporter

        return Exporter(
            await self.store(),
            version=self.version,
            ask=self.renderer.ask if self.renderer is not None else None,
            paper_command=self.paper_command,
            words=words,
            letter=letter,
        )

    async def hurry(self) -> None:
        """Prepare for the end: an open store completes its work and waits only briefly for other processes."""
        if self._store is not None:
            self._store.hurry()
            await self._store.settled()

    async def aclose(self) -> None:
        """Close everything that is open: providers first, the store last."""
        if self._entra is not None:
            await self._entra.aclose()
        if self.renderer is not None:
            await self.renderer.aclose()
        if self._attachments is not None:
            await self._attachments.aclose()
        if self._speller is not None:
            await self._speller.aclose()
        if self._tools is not None:
            await self._tools.aclose()
        await self.gateway.aclose()
        if self._store is not None:
            store = self._store
            try:
                await self._end_run(store)
            finally:
                self._store = None
                await store.aclose()

    def _tokens_of(self, connection: Connection) -> TokenSource:
        return self.entra.source(connection)

    def _votes_outlive(self) -> bool:
        """Whether votes outlive their conversations; true if the settings are unreadable, to prevent deletion."""
        return self.settings.get(KEEP_VOTES) or not self.settings.is_sure(KEEP_VOTES)

    async def _spent(self, since: datetime) -> float:
        return await (await self.store()).spent(since)

    async def _go_on_in(self, paths: Paths) -> None:
        """Continue in the data folder's new location, including the files beside the store."""
        if paths.data == self.paths.data:
            return
        paths.make()
        self.paths = paths
        for follow in self.followers:
            await follow(paths)

    async def _end_run(self, store: Store) -> None:
        """Delete everything that was stored for this run only."""
        from desktop.store.retention import rule_of

        rule = rule_of(self.settings, self.settings.policy.locked)
        if 0 in (rule.days, *rule.connections.values()):
            await store.retention.tidy(rule, ending=True)

    async def _end_encryption(self) -> None:
        """Complete an encryption that finished while nobody was waiting for it.

        Sets the setting and deletes plain-text prompts. Failures are retried at the next start.
        """
        try:
            if not self.settings.get(ENCRYPTION):
                change = self.settings_file.update
                self.use(await asyncio.to_thread(change, lambda settings: settings.set(ENCRYPTION, value=True)))
            if self.paths.prompt_history_file.exists():
                self.forget_plain_text()
        except (SettingsError, PolicyForbids, StoreError) as error:
            _log.warning("an encryption was not brought to its end: %s", type(error).__name__)

    async def _encrypt_if_wanted(self, store: Store) -> None:
        if self.settings.get(ENCRYPTION) and not store.encryption.on and not store.read_only:
            new = await store.encryption.prepare()
            try:
                store.notices += await store.encryption.turn_on(new)
            except BaseException:
                await store.encryption.give_up(new)
                raise
            self.new_code = new.code


def plain_headers(connection: Connection) -> Phrase:
    """Return a sentence saying that keys of a connection's headers are in the settings file."""
    names = ", ".join(without_keys(connection, sure=True)[1])
    return phrase(
        "These headers for “{name}” contain keys and are stored in the settings file because the keyring "
        "did not accept them: {names}.",
        names=names,
        name=connection.name,
    )


def _replaced(settings: Settings, before: Connection, after: Connection) -> Settings:
    """Return the settings with one connection replaced, unless it was changed meanwhile."""
    return settings.with_connection(after) if before in settings.connections else settings
