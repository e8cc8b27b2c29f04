"""Cache of providers, one per connection, created on first use and recreated when the key changes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import msgspec

from desktop.catalog.catalog_entry import Entry
from desktop.catalog.sampling_parameters import names_in, texts_in, unlisted
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, JsonValue, Kind, ModelRef, Wire
from desktop.domain.events import Notice
from desktop.errors import ConnectionUnknown, KeyUnset, ProviderError, UsageError
from desktop.guards.gate import Gate, OpenGate, OutgoingTexts, Stored
from desktop.net.headers import query_secrets, secret_values
from desktop.net.options import Credential, NetworkOptions, Secret, TokenSource
from desktop.net.origin import origin_of
from desktop.net.proxies import masked_options
from desktop.providers.masked_events import masked_errors
from desktop.providers.masked_provider import LONG, MaskedProvider
from desktop.providers.provider import ModelInfo, Provider
from desktop.providers.wire_choice import WireChoice, first_wire
from desktop.redaction.redactor import Mask
from desktop.session.answer import Stream
from desktop.session.connection_probe import lists_nothing
from desktop.session.known_keys import Elsewhere, KnownKeys
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import ALLOWED_HOSTS
from desktop.settings.values import Settings
from desktop.text.phrases import Phrase, phrase

if TYPE_CHECKING:
    from desktop.catalog.learnt_models import LearntInput
    from desktop.net.reach import Reached
    from desktop.providers.batch_api import BatchApi


NO_PARAMETERS: Mapping[str, JsonValue] = {}

_TIMEOUTS = ("connect_timeout_s", "first_token_timeout_s", "idle_timeout_s")


TokenSources = Callable[[Connection], TokenSource]
"""Returns the token source of a connection, without requesting a token."""


class Factory(Protocol):
    """Creates providers; imports their modules on first use."""

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        """Create a provider.

        Raises:
            ProviderError: If the address is invalid.
            EngineError: If there is no embedded engine.
        """
        ...

    def warm(self, kind: Kind) -> None:
        """Import the modules of a provider kind. Slow the first time, so call it on a thread."""
        ...


class Passage:
    """A request that passed all checks, ready to be sent. `notices` are shown with it."""

    def __init__(
        self,
        notices: tuple[Notice, ...],
        provider: Callable[[], Awaitable[Provider]],
        pay: Callable[[float], Awaitable[None]],
        afford: Callable[[float], Awaitable[None]],
    ) -> None:
        self.notices = notices
        self.is_open = False
        self.is_paid = False
        self._provider = provider
        self._pay = pay
        self._afford = afford

    async def admit(self, usd: float | None) -> None:
        """Check the budget before a further request of a response that cost `usd` so far.

        Raises:
            BudgetSpent: If the budget is used up.
            SettingsError: If the spending cannot be read.
        """
        await self._afford(usd or 0.0)

    async def open(self) -> Stream:
        """Return the function that sends requests.

        Raises:
            ConnectionUnknown: If the connection no longer exists.
            KeyUnset: If the connection has no key.
            CredentialError: If the keyring fails.
            ProviderError: If the address is invalid.
            EngineError: If there is no embedded engine.
        """
        provider = await self._provider()
        self.is_open = True
        return provider.stream

    async def pay(self, usd: float | None) -> None:
        """Record the cost of the response; None if unknown.

        Raises:
            SettingsError: If it could not be stored.
        """
        self.is_paid = True
        if usd is not None:
            await self._pay(usd)


class Gateway:
    """Providers of one run of Paragone. Contacts nothing that a policy forbids; the creator closes it.

    Args:
        stored: Returns the cost so far according to the store, for the budget check.
        tokens: Token sources of connections that use Entra ID.
        program: Version of Paragone.
        elsewhere: Reports connections that other processes have added.
    """

    def __init__(
        self,
        *,
        settings: CurrentSettings,
        keys: Keys,
        factory: Factory,
        options: NetworkOptions,
        gate: Gate | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.current = settings
        self.stored: Stored | None = None
        self.tokens: TokenSources | None = None
        self.program = ""
        self._gate = gate or OpenGate()
        self._keys = keys
        self._factory = factory
        self.known_keys = KnownKeys(keys, settings, elsewhere)
        self.options = masked_options(options, keys.mask)
        self._providers: dict[str, tuple[Connection, str | None, Provider]] = {}
        self._known: dict[ModelRef, ModelInfo] = {}
        self._answers: dict[ModelRef, bool] = {}
        self._making: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By connection: a keyring that waits for somebody keeps none waiting that asks it for nothing."""

    @property
    def settings(self) -> Settings:
        """Current settings."""
        return self.current()

    def options_for(self, connection: Connection) -> NetworkOptions:
        """Return a connection's network options, with its own timeouts where set instead of those in the settings."""
        own = {name: getattr(connection, name) for name in _TIMEOUTS}
        return replace(self.options, **{name: value for name, value in own.items() if value is not None})

    async def provider(self, name: str) -> Provider:
        """Return the provider of a connection.

        Raises:
            ConnectionUnknown: If the connection does not exist.
            PolicyForbids: If a policy forbids it.
            KeyUnset: If the connection has no key.
            CredentialError: If the keyring fails.
            ProviderError: If the address is invalid.
            EngineError: If there is no embedded engine.
        """
        return await self._provider_of(self.settings.connection(name))

    async def _provider_of(self, asked: Connection) -> Provider:
        """Return the provider of exactly this connection, even if another connection has its name by now."""
        name = asked.name
        self._require(asked)
        async with self._making[name]:
            key = await self._key(asked)
            connection = await self._with_headers(asked)
            cached = self._providers.get(name)
            is_made = cached is not None and cached[:2] == (connection, key)
            await self.known_keys.read_beside(asked, again=not is_made)
            if cached is not None and is_made:
                return cached[2]
            if cached is not None:
                del self._providers[name]
                await cached[2].aclose()
            await asyncio.to_thread(self._factory.warm, connection.kind)
            credential = self._credential(connection, key or "")
            provider = self._create(connection, credential)
            self._providers[name] = (connection, key, provider)
            return provider

    async def trial(self, connection: Connection, key: str) -> Provider:
        """Create a provider for an unsaved connection and a typed key. The caller closes the provider.

        Raises:
            PolicyForbids: If a policy forbids the connection.
            ProviderError: If the address is invalid.
            EngineError: If there is no embedded engine.
        """
        self._require(connection)
        await asyncio.to_thread(self._factory.warm, connection.kind)
        for learnt in (self.options.sight, self.options.files):
            await asyncio.to_thread(learnt.forget, connection.name)  # what is tried may have changed
        self._keys.mask.add(key)
        await self.known_keys.read_beside(connection)
        connection = await self._with_headers(connection)
        return self._create(connection, self._credential(connection, key))

    async def reach(self, connection: Connection) -> Reached:
        """Connect to a connection's server without sending the key.

        Raises:
            PolicyForbids: If a policy forbids the connection.
            ProviderError: If the server cannot be reached.
        """
        self._require(connection)
        # Late: the HTTP modules take 20 ms to import, and the window paints without them.
        from desktop.net.reach import reach

        await asyncio.to_thread(self._factory.warm, connection.kind)
        with masked_errors(self._keys.mask):
            return await reach(connection, self.options_for(connection))

    async def models(self, name: str) -> Sequence[ModelInfo]:
        """Return the models of a connection, including names that the user typed.

        Raises:
            ParagoneError: As for `provider`.
        """
        provider = await self.provider(name)
        typed = self.settings.connection(name).models
        try:
            listed = {info.name: info for info in await provider.models()}
        except ProviderError as error:
            if not typed or not lists_nothing(error):
                raise
            listed = dict[str, ModelInfo]()
        for each in typed:
            listed.setdefault(each, ModelInfo(name=each, typed=True))
        policy = self.settings.policy
        shown = [info for info in listed.values() if not policy.hides(ModelRef(connection=name, name=info.name))]
        for info in shown:
            self._known[ModelRef(connection=name, name=info.name)] = info
        return sorted(shown, key=lambda info: info.name.casefold())

    def learn(self, name: str, infos: Sequence[ModelInfo]) -> None:
        """Remember the models that were listed while a connection was tested, after it was saved as `name`."""
        for info in infos:
            ref = ModelRef(connection=name, name=info.name)
            if not self.settings.policy.hides(ref):
                self._known[ref] = info

    @asynccontextmanager
    async def ask(
        self,
        *,
        conversation: str,
        model: ModelRef,
        entry: Entry,
        texts: Sequence[str],
        newest: int = 1,
        parameters: Mapping[str, JsonValue] = NO_PARAMETERS,
        allowed: frozenset[str] = frozenset(),
        flagged_too: bool = False,
    ) -> AsyncGenerator[Passage]:
        """Check a request and yield its passage. User text can only reach a model this way.

        An unknown connection raises its error only when the passage is opened, like any other failed request.

        Args:
            texts: User text in the request; the last `newest` belong to the prompt. See OutgoingTexts.
            parameters: Parameters whose strings are checked before the texts.

        Raises:
            PolicyForbids: If a policy forbids the request. Nothing is sent after this or any following error.
            PromptHeld: If the prompt may not be sent.
            SettingsError: If a settings file cannot be used.
            StoreError: If the store cannot be read.
        """
        try:
            connection = self.settings.connection(model.connection)
        except ConnectionUnknown as error:
            notices: tuple[Notice, ...] = ()
            opened = partial(_unknown, error)
            afford = _affordable
        else:
            self._require(connection)
            self.settings.policy.require_model(model)
            self.settings.policy.require_parameters(names_in(unlisted(parameters)))
            outgoing = OutgoingTexts(
                conversation=conversation,
                model=model,
                connection=connection,
                entry=entry,
                texts=[*texts_in(parameters), *texts],
                newest=newest,
                allowed=allowed,
                flagged_too=flagged_too,
            )
            notices = await self._gate.check(outgoing, self.settings, self.stored)
            # The checked connection, even if another one has its name by now
            opened = partial(self._provider_of, connection)
            afford = partial(self._afford, outgoing)
        passage = Passage(notices, opened, self.pay, afford)
        yield passage
        if passage.is_open and not passage.is_paid:
            raise RuntimeError("what an answer cost was not counted")

    async def flags(self, model: ModelRef, entry: Entry, texts: Sequence[str]) -> bool:
        """Whether the guards find anything in texts that would be sent to a model; nothing is recorded.

        Raises:
            ConnectionUnknown: If the connection is gone.
        """
        connection = self.settings.connection(model.connection)
        outgoing = OutgoingTexts(conversation="", model=model, connection=connection, entry=entry, texts=texts)
        return await self._gate.flags(outgoing, self.settings)

    async def _afford(self, outgoing: OutgoingTexts, usd: float) -> None:
        await self._gate.afford(outgoing, self.settings, usd)

    @property
    def gate(self) -> Gate:
        """Guards, budget and audit log of this run."""
        return self._gate

    async def pay(self, usd: float) -> None:
        """Record the cost of requests that were checked earlier.

        Raises:
            SettingsError: If it could not be stored.
        """
        await self._gate.cost(usd, self.settings)

    async def batches(self, name: str) -> BatchApi | None:
        """Return the Batch API of a connection, or None if its provider has none.

        Raises the same errors as `provider`.
        """
        provider = await self.provider(name)
        return provider.batches() if isinstance(provider, MaskedProvider) else None

    def wire(self, ref: ModelRef, known: Wire) -> Wire:
        """Return the API format that a request to a model would use now; `known` is the catalog's.

        Raises:
            ConnectionUnknown: If the connection no longer exists.
        """
        connection = self.settings.connection(ref.connection)
        origin = self._origin(ref)
        if origin is None:
            return first_wire(connection, ref.name, known)
        return WireChoice(connection, origin, self.options.wires).of(ref.name, known)

    def _origin(self, ref: ModelRef) -> str | None:
        """Return the origin of a model's server, or None if the connection has none."""
        try:
            return origin_of(self.settings.connection(ref.connection).url)
        except (ConnectionUnknown, ProviderError):
            return None

    def known(self, ref: ModelRef) -> ModelInfo:
        """Return what the connection last reported about a model; only its name if nothing was reported."""
        return self._known.get(ref) or ModelInfo(name=ref.name)

    def known_of(self, name: str) -> tuple[ModelRef, ...]:
        """Return the listed and typed models of a connection, sorted by name."""
        typed = (ModelRef(connection=name, name=model) for model in self.settings.connection(name).models)
        known = {*typed, *(ref for ref in self._known if ref.connection == name)}
        return tuple(sorted(ref for ref in known if not self.settings.policy.hides(ref)))

    def note_check(self, name: str, answers: Mapping[str, bool]) -> None:
        """Remember which models of a connection responded when checked."""
        self._answers.update((ModelRef(connection=name, name=model), gave) for model, gave in answers.items())

    def answered(self, ref: ModelRef) -> bool | None:
        """Whether a model responded when last checked in this run; None if it was not checked."""
        return self._answers.get(ref)

    async def note_blind(self, ref: ModelRef) -> None:
        """Remember that a model rejected images, until its connection is tested or changed."""
        if (origin := self._origin(ref)) is not None:
            await asyncio.to_thread(self.options.sight.learn, ref.connection, origin, ref.name, value=False)

    def accepts(self, learnt: LearntInput, ref: ModelRef) -> bool | None:
        """Whether a model accepts a type of input, as learned from its server; None if unknown."""
        origin = self._origin(ref)
        return None if origin is None else learnt.get(ref.connection, origin, ref.name)

    @property
    def mask(self) -> Mask:
        """Redactor with this run's keys."""
        return self._keys.mask

    async def without_keys(self, answers: str) -> str:
        """Return text derived from responses with keys redacted, so that it may be sent to any server."""
        await self.known_keys.read_all()
        hide = self.mask.hide_plain
        return hide(answers) if len(answers) <= LONG else await asyncio.to_thread(hide, answers)

    async def aclose(self) -> None:
        """Close all providers."""
        providers, self._providers = self._providers, {}
        for _, _, provider in providers.values():
            await provider.aclose()

    def _require(self, connection: Connection) -> None:
        """Check that policies allow a connection and its effective address.

        Raises:
            PolicyForbids: If a policy forbids either.
        """
        policy = self.settings.policy
        policy.require_connection(connection)
        if connection.kind is not Kind.EMBEDDED and policy.get(ALLOWED_HOSTS) is not None:
            from desktop.net.addresses import repair

            address = repair(connection.kind, connection.url)
            policy.require_connection(msgspec.structs.replace(connection, url=address.url))

    def _create(self, connection: Connection, credential: Credential) -> Provider:
        """Create a provider that redacts the key, and the secrets in headers and the proxy address."""
        options = self.options_for(connection)
        own = {*secret_values(connection.headers), *query_secrets(connection.url)}
        self._keys.mask.add(*own)
        if isinstance(credential, Secret):
            own.add(credential.value)
        with masked_errors(self._keys.mask):
            made = self._factory.create(connection, credential, options)
        return MaskedProvider(made, self._keys.mask, own, self.known_keys.read_all)

    async def _with_headers(self, connection: Connection) -> Connection:
        """Return a connection with header values from the keyring.

        Raises:
            KeyUnset: If a value is missing.
            CredentialError: If the keyring fails.
        """
        if not connection.secret_headers:
            return connection
        stored = await self._keys.headers(connection)
        missing = [each for each in connection.secret_headers if each not in stored and each not in connection.headers]
        if missing:
            raise KeyUnset(
                phrase(
                    "The header {header} in the connection “{connection}” has no value.",
                    header=missing[0],
                    connection=connection.name,
                ),
                hint=phrase("Edit the connection and enter the header's value again."),
            )
        return msgspec.structs.replace(connection, headers={**stored, **connection.headers})

    async def _key(self, connection: Connection) -> str | None:
        key = await self._keys.get(connection)
        if key is None and connection.auth is Auth.KEY:
            raise KeyUnset(_no_key(connection))
        return key

    def _credential(self, connection: Connection, key: str) -> Credential:
        """Return the credential of a connection.

        Raises:
            UsageError: If the connection uses Entra ID and support for it is not installed.
        """
        if connection.auth is not Auth.ENTRA:
            return Secret(key) if key else None
        if self.tokens is None:
            raise UsageError(phrase("Entra ID sign-in is not available."))
        return self.tokens(connection)


async def _affordable(_usd: float) -> None:
    """Allow a further request to a connection that no longer exists; opening the passage fails anyway."""


async def _unknown(error: ConnectionUnknown) -> Provider:
    """Raise the error, even if the connection has been added meanwhile, because no text was checked for it."""
    raise error


def _no_key(connection: Connection) -> Phrase:
    name = connection.name
    if not connection.key_env:
        return phrase("The connection “{connection}” has no key.", connection=name)
    return phrase(
        "The environment variable {variable} for the connection “{connection}” is not set.",
        variable=connection.key_env,
        connection=name,
    )
