"""Policy of this computer: values fixed or recommended by administrators, their sources, and resulting checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Generic, TypeVar, cast

from msgspec import Struct, field

from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef
from desktop.errors import AddressInvalid, PolicyForbids
from desktop.net import origin
from desktop.text.phrases import Phrase, phrase

R = TypeVar("R")

PolicyValue = str | int | float | bool | tuple[str, ...] | tuple[Connection, ...]


class PolicyRule(Struct, Generic[R], frozen=True):
    """A policy that does not fix a user setting: its name in resources/policies.toml, and its default."""

    name: str
    default: R


CONNECTIONS: PolicyRule[tuple[Connection, ...]] = PolicyRule("Connections", ())
ALLOWED_HOSTS: PolicyRule[tuple[str, ...] | None] = PolicyRule("AllowedHosts", None)
USER_CONNECTIONS = PolicyRule("UserConnections", default=True)
ALLOWED_MODELS: PolicyRule[tuple[str, ...] | None] = PolicyRule("AllowedModels", None)
HIDDEN_MODELS: PolicyRule[tuple[str, ...]] = PolicyRule("HiddenModels", ())
EMBEDDED_MODEL = PolicyRule("EmbeddedModel", default=True)
OWN_MODEL_FILES = PolicyRule("OwnModelFiles", default=True)
PRESETS_FILE = PolicyRule("PresetsFile", "")
SIGN_IN: PolicyRule[tuple[str, ...] | None] = PolicyRule("SignIn", None)
ENTRA_TENANT = PolicyRule("EntraTenant", "")
KEYRING_REQUIRED = PolicyRule("KeyringRequired", default=False)
HISTORY = PolicyRule("History", default=True)
IMPORT = PolicyRule("Import", default=True)
EXPORT = PolicyRule("Export", default=True)
LINKS = PolicyRule("Links", default=True)
ATTACHMENTS = PolicyRule("Attachments", default=True)
VOTES = PolicyRule("Votes", default=True)
REQUESTS = PolicyRule("Requests", default=True)
RUNS = PolicyRule("Runs", default=True)
BATCHES = PolicyRule("Batches", default=True)
JUDGE_MODELS: PolicyRule[tuple[str, ...] | None] = PolicyRule("JudgeModels", None)
PROVIDER_PARAMETERS = PolicyRule("ProviderParameters", default=True)
ATTACHMENT_KINDS: PolicyRule[tuple[str, ...] | None] = PolicyRule("AttachmentKinds", None)
PRICE_SHEET = PolicyRule("PriceSheet", "")
AUDIT_TEXT = PolicyRule("AuditText", default=False)
START_NOTICE = PolicyRule("StartNotice", "")
TOOLS = PolicyRule("Tools", default=True)
TOOL_SERVERS: PolicyRule[tuple[str, ...] | None] = PolicyRule("ToolServers", None)
ALLOWED_TOOLS: PolicyRule[tuple[str, ...] | None] = PolicyRule("AllowedTools", None)
TOOLS_ALWAYS_ASK = PolicyRule("ToolsAlwaysAsk", default=False)
WEB_SEARCH = PolicyRule("WebSearch", default=True)
UPDATE_CHECK = PolicyRule("UpdateCheck", default=True)
UPDATE_ADDRESS = PolicyRule("UpdateAddress", "")
UPDATE_KEY = PolicyRule("UpdateKey", "")

AnyRule = (
    PolicyRule[bool]
    | PolicyRule[str]
    | PolicyRule[tuple[str, ...]]
    | PolicyRule[tuple[str, ...] | None]
    | PolicyRule[tuple[Connection, ...]]
)
RULES: tuple[AnyRule, ...] = (
    CONNECTIONS,
    ALLOWED_HOSTS,
    USER_CONNECTIONS,
    ALLOWED_MODELS,
    HIDDEN_MODELS,
    EMBEDDED_MODEL,
    OWN_MODEL_FILES,
    PRESETS_FILE,
    SIGN_IN,
    ENTRA_TENANT,
    KEYRING_REQUIRED,
    HISTORY,
    IMPORT,
    EXPORT,
    LINKS,
    ATTACHMENTS,
    VOTES,
    REQUESTS,
    RUNS,
    BATCHES,
    JUDGE_MODELS,
    PROVIDER_PARAMETERS,
    ATTACHMENT_KINDS,
    PRICE_SHEET,
    AUDIT_TEXT,
    START_NOTICE,
    TOOLS,
    TOOL_SERVERS,
    ALLOWED_TOOLS,
    TOOLS_ALWAYS_ASK,
    WEB_SEARCH,
    UPDATE_CHECK,
    UPDATE_ADDRESS,
    UPDATE_KEY,
)

_FORBIDDEN = {
    IMPORT.name: phrase("Your organization does not allow importing files."),
    EXPORT.name: phrase("Your organization does not allow exporting conversations."),
    VOTES.name: phrase("Your organization does not allow saving votes."),
    REQUESTS.name: phrase("Your organization does not allow viewing requests."),
    RUNS.name: phrase("Your organization does not allow evaluation runs."),
    BATCHES.name: phrase("Your organization does not allow sending prompts in batches."),
    LINKS.name: phrase("Your organization does not allow opening links."),
    USER_CONNECTIONS.name: phrase("Your organization does not allow adding connections."),
    OWN_MODEL_FILES.name: phrase("Your organization does not allow your own model files."),
    TOOLS.name: phrase("Your organization does not allow tools."),
    UPDATE_CHECK.name: phrase("Your organization does not allow checking for updates."),
    WEB_SEARCH.name: phrase("Your organization does not allow web search by providers."),
}


class Fixed(Struct, frozen=True):
    """Value of one policy. It is managed if `locked`, otherwise recommended; `source` is a file or registry key."""

    name: str
    value: PolicyValue
    locked: bool
    source: str

    @property
    def who(self) -> Phrase:
        """Sentence about the source of the value."""
        if self.locked:
            return phrase("Set by your organization's policy {name} ({source}).", name=self.name, source=self.source)
        return phrase("Recommended by your organization ({source}).", source=self.source)


def _nothing() -> MappingProxyType[str, Fixed]:
    return MappingProxyType({})


class Policy(Struct, frozen=True):
    """All policies of this computer. `entries` are by policy name, `options` by the key of the setting they fix.

    `notices` describe values that could not be used.
    """

    entries: Mapping[str, Fixed] = field(default_factory=_nothing)
    options: Mapping[str, Fixed] = field(default_factory=_nothing)
    notices: tuple[str, ...] = ()

    def get(self, rule: PolicyRule[R]) -> R:
        """Return the managed value of a rule, or its default."""
        fixed = self.entries.get(rule.name)
        return cast("R", fixed.value) if fixed is not None and fixed.locked else rule.default

    def get_all(self) -> tuple[Fixed, ...]:
        """Return all policies in effect, sorted by name."""
        return tuple(self.entries[name] for name in sorted(self.entries))

    def locks(self, key: str) -> Fixed | None:
        """Return the policy that locks a setting, or None if users may change the setting."""
        fixed = self.options.get(key)
        return fixed if fixed is not None and fixed.locked else None

    def who_locks(self, key: str) -> str:
        """Return a sentence about the policy that locks a setting, or an empty string if users may change it."""
        fixed = self.locks(key)
        return fixed.who if fixed is not None else ""

    @property
    def locked(self) -> frozenset[str]:
        """Keys of all locked settings."""
        return frozenset(key for key, fixed in self.options.items() if fixed.locked)

    def who_says(self, rule: PolicyRule[R]) -> Phrase:
        """Return a sentence about the source of a rule."""
        return self._source(rule)

    def require(self, rule: PolicyRule[bool]) -> None:
        """Check that a rule allows what it governs.

        Raises:
            PolicyForbids: If the rule does not allow it.
        """
        if not self.get(rule):
            raise PolicyForbids(_FORBIDDEN[rule.name], hint=self._source(rule))

    def require_way_in(self, *others: PolicyRule[bool]) -> None:
        """Check that importing from files is allowed, along with all given rules.

        Called before conversations, votes, other backups, presets or suites from other programs are added.

        Raises:
            PolicyForbids: If any of them is not allowed.
        """
        for rule in (*others, IMPORT):
            self.require(rule)

    def require_model(self, model: ModelRef) -> None:
        """Check that a model is allowed.

        Raises:
            PolicyForbids: If the model is not allowed.
        """
        allowed = self.get(ALLOWED_MODELS)
        if allowed is not None and not _matches(model, allowed):
            raise PolicyForbids(
                phrase("Your organization does not allow the model {model}.", model=model),
                hint=self._source(ALLOWED_MODELS),
            )

    def require_judge(self, model: ModelRef) -> None:
        """Check that a model may grade the responses of other models.

        Raises:
            PolicyForbids: If the model is not allowed at all, or not as a judge.
        """
        self.require_model(model)
        allowed = self.get(JUDGE_MODELS)
        if allowed is not None and not _matches(model, allowed):
            raise PolicyForbids(
                phrase("Your organization does not allow the judge model {model}.", model=model),
                hint=self._source(JUDGE_MODELS),
            )

    def require_parameters(self, names: str) -> None:
        """Check that parameters that may affect how the provider handles requests are allowed.

        Args:
            names: Names of these parameters, or empty if all parameters are harmless.

        Raises:
            PolicyForbids: If the parameters are not allowed.
        """
        if names and not self.get(PROVIDER_PARAMETERS):
            raise PolicyForbids(
                phrase("Your organization does not allow the parameters {names}.", names=names),
                hint=self._source(PROVIDER_PARAMETERS),
            )

    def hides(self, model: ModelRef) -> bool:
        """Whether a model is hidden in lists, either by its own rule or because it is not allowed."""
        allowed = self.get(ALLOWED_MODELS)
        return _matches(model, self.get(HIDDEN_MODELS)) or (allowed is not None and not _matches(model, allowed))

    def require_connection(self, connection: Connection) -> None:
        """Check that a connection is allowed.

        Raises:
            PolicyForbids: If the connection is not allowed.
        """
        problem = self.problem(connection)
        if problem is not None:
            raise problem

    def problem(self, connection: Connection) -> PolicyForbids | None:
        """Return why a connection is not allowed, or None if it is allowed."""
        name = connection.name
        if connection.kind is Kind.EMBEDDED:
            return self._embedded_problem(connection)
        if not self.get(USER_CONNECTIONS) and not self.is_predefined(connection):
            return PolicyForbids(
                phrase("The connection “{name}” is not provided by your organization.", name=name),
                hint=self._source(USER_CONNECTIONS),
            )
        host = host_of(connection)
        allowed = self.get(ALLOWED_HOSTS)
        if allowed is not None and not any(host_matches(host, pattern) for pattern in allowed):
            return PolicyForbids(
                phrase("Your organization does not allow the server {host}.", host=host or "?"),
                hint=self._source(ALLOWED_HOSTS),
            )
        ways = self.get(SIGN_IN)
        if ways is not None and connection.auth.value not in ways:
            return PolicyForbids(_SIGN_INS[connection.auth], hint=self._source(SIGN_IN))
        return None

    def is_predefined(self, connection: Connection) -> bool:
        """Whether a connection is defined by the policy."""
        return any(each.name == connection.name for each in self.get(CONNECTIONS))

    def _embedded_problem(self, connection: Connection) -> PolicyForbids | None:
        rule = OWN_MODEL_FILES if connection.file else EMBEDDED_MODEL
        if self.get(rule):
            return None
        message = (
            _FORBIDDEN[rule.name] if connection.file else phrase("Your organization does not allow the embedded model.")
        )
        return PolicyForbids(message, hint=self._source(rule))

    def _source(self, rule: PolicyRule[R]) -> Phrase:
        fixed = self.entries.get(rule.name)
        return fixed.who if fixed is not None else phrase("Ask your administrator.")


NO_POLICY = Policy()
"""Policy of a computer that is not managed."""

_SIGN_INS = {
    Auth.KEY: phrase("Your organization does not allow signing in with a key."),
    Auth.ENTRA: phrase("Your organization does not allow signing in with Entra ID."),
    Auth.NONE: phrase("Your organization does not allow servers without a sign-in."),
}
_HOST_PATTERN = r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"


def is_host_pattern(text: str) -> bool:
    """Whether a text is a host name, or a host name preceded by `*.`, which stands for all its subdomains."""
    return re.fullmatch(_HOST_PATTERN, text) is not None


def host_of(connection: Connection) -> str:
    """Return the lowercase host of a connection, or an empty string if its address has none."""
    return origin.host_of(connection.url).removesuffix(".")


def host_matches(host: str, pattern: str) -> bool:
    """Whether a host equals the pattern or, if the pattern begins with `*.`, is a subdomain."""
    wanted = _plain(pattern)
    if wanted.startswith("*."):
        return host.endswith(wanted[1:]) and len(host) > len(wanted) - 1
    return bool(host) and host == wanted


def _plain(host: str) -> str:
    """Return a host in lower case, without a trailing dot and in ASCII form, so that look-alikes differ."""
    host = host.strip().lower().removesuffix(".")
    before = "*." if host.startswith("*.") else ""
    try:
        return before + origin.ascii_host(f"[{host}]" if ":" in host else host.removeprefix("*."))
    except AddressInvalid:
        return host


def _matches(model: ModelRef, patterns: tuple[str, ...]) -> bool:
    whole, name = str(model).casefold(), model.name.casefold()
    return any(fnmatchcase(whole if "/" in each else name, each.casefold()) for each in patterns)
