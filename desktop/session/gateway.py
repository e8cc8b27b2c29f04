"""Connections to living providers: one a connection, made when first needed, made anew when its key changes."""

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
"""Gives what makes the tokens of a connection; makes no call itself."""


class Factory(Protocol):
    """Makes a provider of a connection; imports what it needs when it is called."""

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        """A new provider. Raises ProviderError for an address that cannot be used, EngineError without an engine."""
        ...

    def warm(self, kind: Kind) -> None:
        """Import what providers of a kind need; slow the first time, called on a thread."""
        ...


class Passage:
    """One request's way to its model, after its words were looked at. `notices` are what is to be said about it."""

    def __init__(
        self,
        notices: tuple[Notice, ...],
        provider: Callable[[], Awaitable[Provider]],
        pay: Callable[[float], Awaitable[None]],
    ) -> None:
        self.notices = notices
        self.is_open = False
        self.is_paid = False
        self._provider = provider
        self._pay = pay

    async def open(self) -> Stream:
        """What sends requests. Raises ConnectionUnknown, KeyUnset, CredentialError, ProviderError or EngineError."""
        provider = await self._provider()
        self.is_open = True
        return provider.stream

    async def pay(self, usd: float | None) -> None:
        """Count what came of it, None where that is not known. Raises SettingsError."""
        self.is_paid = True
        if usd is not None:
            await self._pay(usd)


class Gateway:
    """The providers of one run of the program. Whoever makes it closes it.

    Nothing is reached that the policy in `settings` forbids. `stored` tells the gate what the store knows was spent,
    `tokens` are those of connections that sign in with Entra ID, `program` is the version that sends, `elsewhere` tells
    the connections that other processes have by now.
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
        """The settings in force."""
        return self.current()

    def options_for(self, connection: Connection) -> NetworkOptions:
        """How a connection's server is reached: its own time-outs where it has some, else the settings'."""
        own = {name: getattr(connection, name) for name in _TIMEOUTS}
        return replace(self.options, **{name: value for name, value in own.items() if value is not None})

    async def provider(self, name: str) -> Provider:
        """The provider of a connection.

        Raises ConnectionUnknown, PolicyForbids, KeyUnset, CredentialError, ProviderError or EngineError.
        """
        return await self._provider_of(self.settings.connection(name))

    async def _provider_of(self, asked: Connection) -> Provider:
        """The provider of this very connection, whatever the settings say of its name by now."""
        name = asked.name
        self._require(asked)
        async with self._making[name]:
            key = await self._key(asked)
            connection = await self._with_headers(asked)
            made = self._providers.get(name)
            is_made = made is not None and made[:2] == (connection, key)
            await self.known_keys.read_beside(asked, again=not is_made)
            if made is not None and is_made:
                return made[2]
            if made is not None:
                del self._providers[name]
                await made[2].aclose()
            await asyncio.to_thread(self._factory.warm, connection.kind)
            credential = self._credential(connection, key or "")
            provider = self._create(connection, credential)
            self._providers[name] = (connection, key, provider)
            return provider

    async def trial(self, connection: Connection, key: str) -> Provider:
        """A provider of a connection that is not kept yet, with a key just typed; whoever asks for it closes it.

        Raises PolicyForbids, ProviderError for an address that cannot be used, EngineError without an engine.
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
        """Find a connection's server, without its key. Raises PolicyForbids, ProviderError where it is not reached."""
        self._require(connection)
        # Late: what it takes of HTTP costs 20 ms to import, and the window paints without it.
        from desktop.net.reach import reach

        await asyncio.to_thread(self._factory.warm, connection.kind)
        with masked_errors(self._keys.mask):
            return await reach(connection, self.options_for(connection))

    async def models(self, name: str) -> Sequence[ModelInfo]:
        """What a connection serves, with the names that the user typed, which do without a list.

        Raises as `provider` does.
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
        """Take over what a connection listed while it was tried, before it was kept under this name."""
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
        """The one way on which words of people reach a model: they are looked at, sent, and what came of it is paid.

        `texts` are the people's words in what is sent, the last `newest` the prompt's; see OutgoingTexts. The strings
        of the `parameters` are looked at before them. Raises
        PolicyForbids, PromptHeld's tree, SettingsError and StoreError: then nothing is to be sent. A connection that is
        unknown fails when it is opened, as every other reason does for which a request comes to nothing.
        """
        try:
            connection = self.settings.connection(model.connection)
        except ConnectionUnknown as error:
            notices: tuple[Notice, ...] = ()
            opened = partial(_unknown, error)
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
            # What was looked at, and no other that has its name by now
            opened = partial(self._provider_of, connection)
        passage = Passage(notices, opened, self.pay)
        yield passage
        if passage.is_open and not passage.is_paid:
            raise RuntimeError("what an answer cost was not counted")

    async def pay(self, usd: float) -> None:
        """Count what requests cost that were looked at before they were sent. Raises SettingsError."""
        await self._gate.cost(usd, self.settings)

    async def batches(self, name: str) -> BatchApi | None:
        """The Batch API of a connection; None where its kind has none. Raises as `provider` does."""
        provider = await self.provider(name)
        return provider.batches() if isinstance(provider, MaskedProvider) else None

    def wire(self, ref: ModelRef, known: Wire) -> Wire:
        """Over which wire a model would be asked now, of which the catalog knows one. Raises ConnectionUnknown."""
        connection = self.settings.connection(ref.connection)
        origin = self._origin(ref)
        if origin is None:
            return first_wire(connection, ref.name, known)
        return WireChoice(connection, origin, self.options.wires).of(ref.name, known)

    def _origin(self, ref: ModelRef) -> str | None:
        """The origin of a model's server; None where it can be asked nothing."""
        try:
            return origin_of(self.settings.connection(ref.connection).url)
        except (ConnectionUnknown, ProviderError):
            return None

    def known(self, ref: ModelRef) -> ModelInfo:
        """What the connection said of a model when it was last asked; its name alone where it was not."""
        return self._known.get(ref) or ModelInfo(name=ref.name)

    def known_of(self, name: str) -> tuple[ModelRef, ...]:
        """The models that a connection named when it was last asked and those that were typed, sorted by name."""
        typed = (ModelRef(connection=name, name=model) for model in self.settings.connection(name).models)
        known = {*typed, *(ref for ref in self._known if ref.connection == name)}
        return tuple(sorted(ref for ref in known if not self.settings.policy.hides(ref)))

    def note_check(self, name: str, answers: Mapping[str, bool]) -> None:
        """Remember of models of a connection, by name, whether they gave an answer when they were checked."""
        self._answers.update((ModelRef(connection=name, name=model), gave) for model, gave in answers.items())

    def answered(self, ref: ModelRef) -> bool | None:
        """Whether a model gave an answer when it was last checked in this run; None where it was not."""
        return self._answers.get(ref)

    async def note_blind(self, ref: ModelRef) -> None:
        """Remember that a model refused pictures, until its connection is tested or asked elsewhere."""
        if (origin := self._origin(ref)) is not None:
            await asyncio.to_thread(self.options.sight.learn, ref.connection, origin, ref.name, value=False)

    def accepts(self, learnt: LearntInput, ref: ModelRef) -> bool | None:
        """Whether a model accepts one kind of input, as far as its server taught it; None where nothing is known."""
        origin = self._origin(ref)
        return None if origin is None else learnt.get(ref.connection, origin, ref.name)

    @property
    def mask(self) -> Mask:
        """Hides the keys of this run in what servers said."""
        return self._keys.mask

    async def without_keys(self, answers: str) -> str:
        """A text that is made of answers as it may go on to any server."""
        await self.known_keys.read_all()
        hide = self.mask.hide_plain
        return hide(answers) if len(answers) <= LONG else await asyncio.to_thread(hide, answers)

    async def aclose(self) -> None:
        """Close all providers."""
        providers, self._providers = self._providers, {}
        for _, _, provider in providers.values():
            await provider.aclose()

    def _require(self, connection: Connection) -> None:
        """Go on where the policy allows a connection, also by the address that is really used. Raises PolicyForbids."""
        policy = self.settings.policy
        policy.require_connection(connection)
        if connection.kind is not Kind.EMBEDDED and policy.get(ALLOWED_HOSTS) is not None:
            from desktop.net.addresses import repair

            address = repair(connection.kind, connection.url)
            policy.require_connection(msgspec.structs.replace(connection, url=address.url))

    def _create(self, connection: Connection, credential: Credential) -> Provider:
        """A provider that tells no secret: neither the key nor those of the headers and the proxy."""
        options = self.options_for(connection)
        own = {*secret_values(connection.headers), *query_secrets(connection.url)}
        self._keys.mask.add(*own)
        if isinstance(credential, Secret):
            own.add(credential.value)
        with masked_errors(self._keys.mask):
            made = self._factory.create(connection, credential, options)
        return MaskedProvider(made, self._keys.mask, own, self.known_keys.read_all)

    async def _with_headers(self, connection: Connection) -> Connection:
        """A connection with the values of its headers that are in the keyring. Raises KeyUnset, CredentialError."""
        if not connection.secret_headers:
            return connection
        kept = await self._keys.headers(connection)
        missing = [each for each in connection.secret_headers if each not in kept and each not in connection.headers]
        if missing:
            raise KeyUnset(
                phrase(
                    "The header {header} of the connection “{connection}” has no value.",
                    header=missing[0],
                    connection=connection.name,
                ),
                hint=phrase("Enter the header's value again: edit the connection."),
            )
        return msgspec.structs.replace(connection, headers={**kept, **connection.headers})

    async def _key(self, connection: Connection) -> str | None:
        key = await self._keys.get(connection)
        if key is None and connection.auth is Auth.KEY:
            raise KeyUnset(_no_key(connection))
        return key

    def _credential(self, connection: Connection, key: str) -> Credential:
        """What a provider signs in with. Raises UsageError for Entra ID where this program has none."""
        if connection.auth is not Auth.ENTRA:
            return Secret(key) if key else None
        if self.tokens is None:
            raise UsageError(phrase("Entra ID sign-in is not available here."))
        return self.tokens(connection)


async def _unknown(error: ConnectionUnknown) -> Provider:
    """Open nothing, also where somebody adds the connection meanwhile: no words were looked at for it."""
    raise error


def _no_key(connection: Connection) -> Phrase:
    name = connection.name
    if not connection.key_env:
        return phrase("The connection “{connection}” has no key.", connection=name)
    return phrase(
        "The variable {variable} is not set for the connection “{connection}”.",
        variable=connection.key_env,
        connection=name,
    )
