"""Facts about models for all parts of the window: names, prices, context windows and origin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Connection, Conversation, Kind, Message, ModelRef, ToolChoice
from desktop.domain.tool_types import BUILT_IN
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
    """Answers questions about models from the catalog, the settings and the connections' last known model lists.

    Sends no requests.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tokens: dict[str, int] = {}  # by message; a message's text never changes once it is in a conversation

    def default(self) -> ModelRef:
        """Return the default model from the settings, or another one if it is invalid or policy forbids it."""
        try:
            wanted = self._services.model(None)
        except UsageError:
            wanted = ModelRef.parse(DEFAULT_MODEL.default)
        return wanted if self._may_ask(wanted) else next(filter(self._may_ask, self._named()), wanted)

    def for_new_chat(self, chosen: ModelRef | None, *used: ModelRef) -> ModelRef:
        """Return the default model if the user set one, or else the model last `chosen` from a list.

        If neither exists, it is the first of `used` that is available, then any known model, and the embedded
        model last.
        """
        if self._services.settings.chooses(DEFAULT_MODEL):
            return self.default()
        if chosen is not None and self.can_ask(chosen):
            return chosen
        served = (ref for ref in (*filter(self.can_ask, used), *self.known()) if not self.is_embedded(ref))
        return next(served, self.default())

    def can_ask(self, ref: ModelRef) -> bool:
        """Whether the model's connection exists and policy allows the model."""
        return self.connection(ref) is not None and self._may_ask(ref)

    def usable(self, *refs: ModelRef) -> ModelRef:
        """Return the first of these models that is available, or else the default model."""
        return next(filter(self.can_ask, refs), self.default())

    def without_keys(self, answers: str) -> str:
        """Mask known keys in the text of responses before it is sent to another server."""
        return self._services.gateway.mask.hide_plain(answers)

    @property
    def keys(self) -> KnownKeys:
        """Keys that may occur in stored responses. They have to be loaded before `without_keys` can mask them."""
        return self._services.gateway.known_keys

    @property
    def may_add_servers(self) -> bool:
        """Whether policy allows users to add connections."""
        return self._services.settings.policy.get(USER_CONNECTIONS)

    @property
    def wants_servers(self) -> bool:
        """Whether there are no connections yet and users may add them."""
        servers = [each for each in self._services.settings.all_connections if each.kind is not Kind.EMBEDDED]
        return self.may_add_servers and not servers

    def known(self) -> list[ModelRef]:
        """Return the default model, all models from the connections' last known lists, and the embedded model."""
        return list(dict.fromkeys((self.default(), *self._named())))

    def of(self, name: str) -> tuple[ModelRef, ...]:
        """Return the models in a connection's last known list that policy allows.

        Models that passed their check come first; models that failed it come last.
        """
        answered = self._services.gateway.answered
        known = filter(self._may_ask, self._services.gateway.known_of(name))
        return tuple(sorted(known, key=lambda ref: {True: 0, None: 1, False: 2}[answered(ref)]))

    def another(self, *taken: ModelRef, used: Iterable[ModelRef] = ()) -> ModelRef:
        """Return a known or previously `used` model that is not in `taken`, or else the first of `taken`.

        Models that failed their check and the embedded model are chosen last.
        """
        answered = self._services.gateway.answered
        before = filter(self.can_ask, used)
        others = (ref for ref in (*self.known(), *before) if ref not in taken)
        return min(others, key=lambda ref: (answered(ref) is False, self.is_embedded(ref)), default=taken[0])

    def connection(self, ref: ModelRef) -> Connection | None:
        """Return the connection of a model, or None if it was removed."""
        try:
            return self._services.settings.connection(ref.connection)
        except ConnectionUnknown:
            return None

    def longest_silences(self, ref: ModelRef) -> tuple[float, float] | None:
        """Return the time-outs in seconds before and during a response, or None for embedded models."""
        connection = self.connection(ref)
        if connection is None or connection.kind is Kind.EMBEDDED:
            return None
        options = self._services.gateway.options_for(connection)
        return options.first_token_timeout_s, options.idle_timeout_s

    def is_embedded(self, ref: ModelRef) -> bool:
        """Whether the embedded engine serves this model."""
        connection = self.connection(ref)
        return connection is not None and connection.kind is Kind.EMBEDDED

    def entry(self, ref: ModelRef) -> Entry:
        """Return the model's catalog entry, with the retirement that its server reported."""
        known = self._services.gateway.known(ref)
        return self._services.catalog.entry(known.base, known.name).retiring(known.retires_on)

    def name(self, ref: ModelRef) -> str:
        """Return the model's display name: the name of its deployment, or for the embedded model its catalog name."""
        return self.entry(ref).name or ref.name if self.is_embedded(ref) else ref.name

    def place(self, ref: ModelRef) -> str:
        """Return the name of the model's connection, with a note if the connection was removed or imported."""
        return figures_text.connection_text(self.connection(ref), ref.connection)

    def retirement(self, ref: ModelRef) -> str:
        """Describe the model's retirement, or return an empty string if none is planned."""
        if self.connection(ref) is None:
            return ""
        return figures_text.retired_text(self.entry(ref), date.today())  # noqa: DTZ011 - the user's own day

    def destination(self, ref: ModelRef) -> str:
        """Return a sentence on where prompts are sent, or "" if they stay with the embedded engine."""
        return figures_text.destination_text(self.connection(ref), ref.connection)

    def history_tokens(self, conversation: Conversation) -> int:
        """Estimate the tokens sent before a new prompt, based on the server's count for the last response.

        That count includes attachments, other panes' responses and omitted turns.
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
        """Return the title of the preset applied to a conversation, or an empty string."""
        applied = self._services.presets.applied(conversation.system)
        return tr(applied.preset.title) if applied is not None else ""

    def tools_lacked(self, conversation: Conversation) -> str:
        """Return a sentence about chosen tools that the conversation's model does not support, or an empty string."""
        choice, entry = conversation.tools, self.entry(conversation.model)
        name = self.name(conversation.model)
        if choice.servers and entry.tools is False:
            return tr("{model} does not support tools and responds without them.", model=name)
        if choice.web_search and entry.web_search is False:
            return tr("{model} does not support web search and responds without it.", model=name)
        return ""

    def window(self, ref: ModelRef) -> int | None:
        """Return the model's context window in tokens, from its server or the catalog."""
        return self._services.gateway.known(ref).context_window or self.entry(ref).context_window

    def left_out(self, conversation: Conversation) -> int:
        """Return how many of the oldest turns no longer fit into the context window."""
        return context_window.left_out(conversation, self.entry(conversation.model), self.window(conversation.model))

    def _named(self) -> list[ModelRef]:
        connections = self._services.settings.all_connections
        named = [ref for connection in connections for ref in self._services.gateway.known_of(connection.name)]
        embedded = [each for each in connections if each.kind is Kind.EMBEDDED and not each.file]
        return [*named, *(ModelRef(connection=each.name, name=MODEL_NAME) for each in embedded)]

    def _may_ask(self, ref: ModelRef) -> bool:
        """Whether policy allows the model and its connection. A removed connection counts as allowed."""
        policy, connection = self._services.settings.policy, self.connection(ref)
        return not policy.hides(ref) and (connection is None or policy.problem(connection) is None)


def tool_names(choice: ToolChoice) -> tuple[str, ...]:
    """Return the names of the tools in use as they are shown: those of servers, and of the provider's web search."""
    names = (tr("Paragone") if each == BUILT_IN else each for each in choice.servers)
    return (*names, *((tr("web search"),) if choice.web_search else ()))


def figures_tip(message: Message) -> str:
    """Return a response's figures as one line of text for a tooltip."""
    return "  ".join(f"{value} {word}".strip() for value, word in figures_text.figures_of(message))
