"""What the window says of models everywhere: their names, facts and where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Connection, Conversation, Kind, Message, ModelRef
from desktop.embedded.bundled_model import MODEL_NAME
from desktop.errors import ConnectionUnknown, UsageError
from desktop.services import Services
from desktop.session import context_window
from desktop.session.known_keys import KnownKeys
from desktop.settings.policy import USER_CONNECTIONS
from desktop.settings.schema import DEFAULT_MODEL
from desktop.text.token_estimate import estimate_tokens
from ui.base import figures_text
from ui.base.strings import tr


class ModelFacts:
    """Reads catalog, settings and what connections said; asks nobody."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tokens: dict[str, int] = {}  # by message; a message's text never changes once it is in a conversation

    def default(self) -> ModelRef:
        """The model of the settings, the embedded one where that is no model; another where policy forbids it."""
        try:
            wanted = self._services.model(None)
        except UsageError:
            wanted = ModelRef.parse(DEFAULT_MODEL.default)
        return wanted if self._may_ask(wanted) else next(filter(self._may_ask, self._named()), wanted)

    def for_new_chat(self, chosen: ModelRef | None, *used: ModelRef) -> ModelRef:
        """The default model of the settings if they name one, else the model last `chosen` from a list.

        Else the first of those `used` that may still be asked, or that is known. The embedded one only where there is
        no other.
        """
        if self._services.settings.chooses(DEFAULT_MODEL):
            return self.default()
        if chosen is not None and self.can_ask(chosen):
            return chosen
        served = (ref for ref in (*filter(self.can_ask, used), *self.known()) if not self.is_embedded(ref))
        return next(served, self.default())

    def can_ask(self, ref: ModelRef) -> bool:
        """Whether its connection is there, and policy lets it be asked."""
        return self.connection(ref) is not None and self._may_ask(ref)

    def usable(self, *refs: ModelRef) -> ModelRef:
        """The first of these that may still be asked, else the default one."""
        return next(filter(self.can_ask, refs), self.default())

    def without_keys(self, answers: str) -> str:
        """A text that is made of answers as it may go to another server."""
        return self._services.gateway.mask.hide_plain(answers)

    @property
    def keys(self) -> KnownKeys:
        """The keys that answers of other runs may hold; until they are read, `without_keys` leaves them."""
        return self._services.gateway.known_keys

    @property
    def may_add_servers(self) -> bool:
        """Whether users may add servers of their own."""
        return self._services.settings.policy.get(USER_CONNECTIONS)

    @property
    def wants_servers(self) -> bool:
        """Whether there is none yet, and users may add them."""
        servers = [each for each in self._services.settings.all_connections if each.kind is not Kind.EMBEDDED]
        return self.may_add_servers and not servers

    def known(self) -> list[ModelRef]:
        """The default model, then all that connections named when they were last asked, and the embedded one."""
        return list(dict.fromkeys((self.default(), *self._named())))

    def of(self, name: str) -> tuple[ModelRef, ...]:
        """The models that a connection named when it was last asked, as far as they may be asked.

        Those that gave an answer when they were checked come first, those that gave none last.
        """
        answered = self._services.gateway.answered
        known = filter(self._may_ask, self._services.gateway.known_of(name))
        return tuple(sorted(known, key=lambda ref: {True: 0, None: 1, False: 2}[answered(ref)]))

    def another(self, *taken: ModelRef, used: Iterable[ModelRef] = ()) -> ModelRef:
        """A model that is not among these, where one is known or was `used` before; else the first of them again.

        One that gave no answer when it was checked, and the embedded one, are taken where there is no other.
        """
        answered = self._services.gateway.answered
        before = filter(self.can_ask, used)
        others = (ref for ref in (*self.known(), *before) if ref not in taken)
        return min(others, key=lambda ref: (answered(ref) is False, self.is_embedded(ref)), default=taken[0])

    def connection(self, ref: ModelRef) -> Connection | None:
        """The connection that serves it, where it is still there."""
        try:
            return self._services.settings.connection(ref.connection)
        except ConnectionUnknown:
            return None

    def longest_silences(self, ref: ModelRef) -> tuple[float, float] | None:
        """Seconds that its server may be silent before an answer, and within one; None where no server is asked."""
        connection = self.connection(ref)
        if connection is None or connection.kind is Kind.EMBEDDED:
            return None
        options = self._services.gateway.options_for(connection)
        return options.first_token_timeout_s, options.idle_timeout_s

    def is_embedded(self, ref: ModelRef) -> bool:
        """Whether the embedded engine serves it."""
        connection = self.connection(ref)
        return connection is not None and connection.kind is Kind.EMBEDDED

    def entry(self, ref: ModelRef) -> Entry:
        """What the catalog knows of it."""
        known = self._services.gateway.known(ref)
        return self._services.catalog.entry(known.base, known.name)

    def name(self, ref: ModelRef) -> str:
        """Its name: the deployment's own, and the catalog's for the bundled model."""
        return self.entry(ref).name or ref.name if self.is_embedded(ref) else ref.name

    def place(self, ref: ModelRef) -> str:
        """Its connection, that it is gone where it is, and where an imported one comes from."""
        return figures_text.connection_text(self.connection(ref), ref.connection)

    def retirement(self, ref: ModelRef) -> str:
        """That it is retired or will be, in words; empty where it is not."""
        if self.connection(ref) is None:
            return ""
        return figures_text.retired_text(self.entry(ref), date.today())  # noqa: DTZ011 - the user's own day

    def destination(self, ref: ModelRef) -> str:
        """Where a prompt goes, in a sentence; empty where it stays with the embedded engine."""
        return figures_text.destination_text(self.connection(ref), ref.connection)

    def history_tokens(self, conversation: Conversation) -> int:
        """About how many tokens are sent before a new prompt: from the last answer on, what its server counted.

        That knows of attached files, of what other panes' answers add, and of turns that are left out.
        """
        tokens = 0
        for message in reversed(conversation.path()):
            counted = self._tokens.get(message.id)
            if counted is None:
                counted = self._tokens[message.id] = estimate_tokens(message.text)
            tokens += counted
            said = message.usage.input_tokens if message.usage is not None and not message.imported else None
            if said and message.model == conversation.model:
                return tokens + said
        return tokens + estimate_tokens(conversation.system)

    def preset(self, conversation: Conversation) -> str:
        """The title of the preset that its system prompt comes from; empty without one."""
        applied = self._services.presets.applied(conversation.system)
        return tr(applied.preset.title) if applied is not None else ""

    def window(self, ref: ModelRef) -> int | None:
        """Its context window in tokens, by what its server said or the catalog knows."""
        return self._services.gateway.known(ref).context_window or self.entry(ref).context_window

    def left_out(self, conversation: Conversation) -> int:
        """How many of the oldest turns no longer fit."""
        return context_window.left_out(conversation, self.entry(conversation.model), self.window(conversation.model))

    def _named(self) -> list[ModelRef]:
        connections = self._services.settings.all_connections
        named = [ref for connection in connections for ref in self._services.gateway.known_of(connection.name)]
        embedded = [each for each in connections if each.kind is Kind.EMBEDDED and not each.file]
        return [*named, *(ModelRef(connection=each.name, name=MODEL_NAME) for each in embedded)]

    def _may_ask(self, ref: ModelRef) -> bool:
        """Whether policy lets this model be asked; one of a connection that is gone is not its matter."""
        policy, connection = self._services.settings.policy, self.connection(ref)
        return not policy.hides(ref) and (connection is None or policy.problem(connection) is None)


def figures_tip(message: Message) -> str:
    """An answer's figures in a line, for where the pointer is."""
    return "  ".join(f"{value} {word}".strip() for value, word in figures_text.figures_of(message))
