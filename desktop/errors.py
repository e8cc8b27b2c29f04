"""The tree of errors: each has a code for programs, a sentence for people, and a hint that offers the cure.

    ParagoneError
    ├── UsageError                      the command or its words are wrong
    ├── SettingsError                   a settings or catalog file
    ├── ConnectionUnknown
    ├── PolicyForbids                   the organisation's policy does not allow it
    ├── PromptHeld                      a guard looked at a prompt before it was sent
    │   ├── PromptFlagged, PromptBlocked
    │   └── BudgetSpent, AuditFailed
    ├── CredentialError                 keys and the keyring
    │   ├── KeyringMissing, KeyringLocked, KeyringTimeout
    │   └── SecretTorn
    ├── StoreError                      the database of conversations
    │   ├── StoreNewer, StoreCorrupt, StoreFull, StoreReadOnly, StoreBusy, StoreLocked, RecoveryCodeWrong
    │   └── ConversationUnknown, ConversationAmbiguous, ComparisonUnknown
    ├── TransferError                   import and export
    ├── EngineError                     the embedded engine
    │   ├── EngineMissing, EngineUnsupported, EngineCrashed, EngineTimeout, ModelLoadFailed
    │   └── GgufInvalid, ModelTooLarge
    └── ProviderError                   a server and the way to it
        ├── AddressInvalid, AddressInsecure
        ├── ConnectFailed ── NameNotResolved, TlsFailed, ProxyFailed, ConnectTimeout
        ├── AuthenticationFailed, PermissionDenied, KeyUnset
        ├── DeploymentNotFound, RouteRetired, AddressNotFound, Redirected
        ├── RequestRejected ── ContextTooLong, ParameterRejected, ContentFiltered, RequestTooLarge
        ├── RateLimited, ServerFailed, ServerOverloaded, RequestTimedOut, Conflict
        └── AnswerUnreadable ── NotAStream, StreamFailed, Interrupted, Stalled, AnswerTooLarge

The user's surroundings (network, key, disk) raise these; everything else is a bug and is shown as one.
"""

from __future__ import annotations

from typing import ClassVar

from desktop.phrases import phrase


class ParagoneError(Exception):
    """Base of all errors that are the surroundings' and not ours.

    `message` is one sentence, `hint` says what to do. Both may hold text from servers: show them as plain text.
    """

    code: ClassVar[str] = "error"
    hint_default: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.hint_default


class UsageError(ParagoneError):
    """The command, or one of its words, is wrong."""

    code = "usage"


class SettingsError(ParagoneError):
    """A settings or catalog file cannot be read or written."""

    code = "settings"


class ConnectionUnknown(ParagoneError):
    """No connection has this name."""

    code = "connection_unknown"
    hint_default = phrase("`connections list` shows those there are; `connections add` makes one.")


class PolicyForbids(ParagoneError):
    """The organisation's policy does not allow it."""

    code = "policy"
    hint_default = phrase("Ask your administrator.")


class PromptHeld(ParagoneError):
    """A prompt was looked at before it left, and was not sent."""

    code = "prompt_held"


class PromptFlagged(PromptHeld):
    """A prompt seems to hold something that should stay here; it can be sent all the same when its user says so.

    `found` are the fingerprints to allow then.
    """

    code = "prompt_flagged"
    hint_default = phrase("Take it out, or send it all the same: `--allow-flagged` in a terminal.")

    def __init__(self, message: str, *, hint: str = "", found: frozenset[str] = frozenset()) -> None:
        super().__init__(message, hint=hint)
        self.found = found


class PromptBlocked(PromptHeld):
    """A prompt holds something that must not be sent."""

    code = "prompt_blocked"
    hint_default = phrase("Take it out and send again.")


class BudgetSpent(PromptHeld):
    """The month's budget is used up."""

    code = "budget_spent"
    hint_default = phrase("Wait for the next month, ask a model that costs nothing, or have the budget raised.")


class AuditFailed(PromptHeld):
    """What is sent must be recorded, and cannot be."""

    code = "audit_failed"
    hint_default = phrase("Free some space, or check the log folder's permissions.")


class CredentialError(ParagoneError):
    """Keys and the place where they are kept."""

    code = "credential"


class KeyringMissing(CredentialError):
    """This machine has no keyring that is safe to use."""

    code = "keyring_missing"
    hint_default = phrase(
        "Install and unlock a keyring (GNOME Keyring or KWallet), or give the key by --key-env VARIABLE."
    )


class KeyringLocked(CredentialError):
    """The keyring is there but locked, or the user declined to unlock it."""

    code = "keyring_locked"
    hint_default = phrase("Unlock the keyring and try again; nothing in it was changed.")


class KeyringTimeout(CredentialError):
    """The keyring did not answer in time."""

    code = "keyring_timeout"
    hint_default = phrase("Look for a question of the keyring behind other windows, or sign in again.")


class SecretTorn(CredentialError):
    """A long key was kept in pieces and they no longer fit together."""

    code = "secret_torn"
    hint_default = phrase("Enter the connection's key again.")


class StoreError(ParagoneError):
    """The database of conversations."""

    code = "store"


class StoreNewer(StoreError):
    """The database was written by a newer version of the program; it was left untouched."""

    code = "store_newer"
    hint_default = phrase("Install the newer version, or use another --data-dir. The file was not changed.")


class StoreCorrupt(StoreError):
    """The database is broken; it was set aside whole."""

    code = "store_corrupt"


class StoreFull(StoreError):
    """The disk is full; what could not be written is still in memory."""

    code = "disk_full"
    hint_default = phrase("Free some space; writing goes on by itself as soon as there is room.")


class StoreReadOnly(StoreError):
    """The database or its folder cannot be written."""

    code = "store_read_only"
    hint_default = phrase("Check the folder's permissions, or choose another one with --data-dir.")


class StoreBusy(StoreError):
    """Another program holds the database for longer than we wait."""

    code = "store_busy"
    hint_default = phrase("Close other programs that use this data folder and try again.")


class StoreLocked(StoreError):
    """The database is encrypted and its key is not at hand; `key_id` names the key."""

    code = "store_locked"
    hint_default = phrase("Give the recovery code: `storage recover` in a terminal, or in the window.")

    def __init__(self, message: str, *, key_id: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.key_id = key_id


class RecoveryCodeWrong(StoreError):
    """What was given is not the recovery code of this database's key, or has a slip in it."""

    code = "recovery_code_wrong"
    hint_default = phrase("Check it letter by letter; it was shown when encryption was turned on.")


class ConversationUnknown(StoreError):
    """No conversation has this id."""

    code = "conversation_unknown"
    hint_default = phrase("`conversations list` shows the ids.")


class ComparisonUnknown(StoreError):
    """No comparison has this id."""

    code = "comparison_unknown"


class ConversationAmbiguous(StoreError):
    """The beginning of an id fits more than one conversation."""

    code = "conversation_ambiguous"
    hint_default = phrase("Give more characters of the id.")


class TransferError(ParagoneError):
    """An import or export failed; nothing was left half done."""

    code = "transfer"


class EngineError(ParagoneError):
    """The embedded engine or its model."""

    code = "engine"


class EngineMissing(EngineError):
    """The engine or its model is not installed."""

    code = "engine_missing"
    hint_default = phrase("Run `make setup` (or install the package with the engine), or add a connection to a server.")


class EngineUnsupported(EngineError):
    """This processor lacks the instructions that the engine is built with (SIGILL)."""

    code = "engine_unsupported"
    hint_default = phrase("Add a connection to Azure AI Foundry or another server: `connections add`.")


class EngineCrashed(EngineError):
    """The engine's process ended by itself."""

    code = "engine_crashed"
    hint_default = phrase("Ask again: the engine is started anew. Everything else goes on.")


class EngineTimeout(EngineError):
    """The engine did not become ready in time."""

    code = "engine_timeout"
    hint_default = phrase("Ask again when the machine is less busy; the engine is started anew.")


class ModelLoadFailed(EngineError):
    """The engine could not load a model file; the message is its own."""

    code = "model_load_failed"
    hint_default = phrase("Check the file, or choose another model.")


class GgufInvalid(EngineError):
    """A file is not a GGUF model, or its header is malformed."""

    code = "gguf_invalid"
    hint_default = phrase("Choose a complete .gguf file of a chat model.")


class ModelTooLarge(EngineError):
    """A model with its cache would not fit in the memory that is free."""

    code = "model_too_large"
    hint_default = phrase("Choose a smaller model or quantisation, or close other programs.")


class ProviderError(ParagoneError):
    """A server, or the way to it. `status` is HTTP's, `request_id` the server's own name for the call."""

    code = "provider"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class AddressInvalid(ProviderError):
    """What was given is not an address of a server."""

    code = "address_invalid"
    hint_default = phrase("Copy the endpoint's address from the portal, for example https://NAME.openai.azure.com.")


class AddressInsecure(ProviderError):
    """`http:` to another machine would send the key and the prompt in the clear."""

    code = "address_insecure"
    hint_default = phrase("Use https, or a server on this machine (localhost).")


class ConnectFailed(ProviderError):
    """No connection to the server."""

    code = "connect_failed"
    hint_default = phrase("Check the address, that the server runs, and the network.")


class NameNotResolved(ConnectFailed):
    """The host's name is not known to DNS."""

    code = "name_not_resolved"
    hint_default = phrase("Check the address for a slip, and that this machine is online.")


class TlsFailed(ConnectFailed):
    """The server's certificate was refused."""

    code = "tls_failed"
    hint_default = phrase("Behind a company's proxy, add its root certificate to the system or set `network.ca_file`.")


class ProxyFailed(ConnectFailed):
    """The proxy refused to pass the connection on (407 asks for a sign-in)."""

    code = "proxy_failed"
    hint_default = phrase("Check the proxy's address and sign-in in the settings.")


class ConnectTimeout(ConnectFailed):
    """The server did not take the connection in time."""

    code = "connect_timeout"
    hint_default = phrase("Check the network, VPN and proxy; `network.connect_timeout_s` sets how long to wait.")


class AuthenticationFailed(ProviderError):
    """401: the key or token was refused."""

    code = "authentication_failed"
    hint_default = phrase("Enter the key again; a regenerated key replaces the old one at once.")


class PermissionDenied(ProviderError):
    """403: signed in, but not allowed."""

    code = "permission_denied"
    hint_default = phrase(
        "Ask the resource's owner for access; a firewall or private network may also refuse this machine."
    )


class KeyUnset(ProviderError):
    """The connection signs in with a key and there is none."""

    code = "key_unset"
    hint_default = phrase("Enter the connection's key again, or set the variable that it names.")


class DeploymentNotFound(ProviderError):
    """The server has no deployment or model of this name."""

    code = "deployment_not_found"
    hint_default = phrase("Use the deployment's name, not the model's; a new deployment needs a few minutes.")


class RouteRetired(ProviderError):
    """The address belongs to a route that the vendor has retired."""

    code = "route_retired"
    hint_default = phrase("Use the v1 address: https://RESOURCE.services.ai.azure.com/openai/v1/")


class AddressNotFound(ProviderError):
    """404 without a deployment's code: nothing answers at this path."""

    code = "address_not_found"
    hint_default = phrase("Check the address's path; servers of the OpenAI format usually end in /v1.")


class Redirected(ProviderError):
    """The server sends us elsewhere; key and prompt are never carried to another address."""

    code = "redirected"
    hint_default = phrase("If you trust the new address, enter it as the connection's address yourself.")


class RequestRejected(ProviderError):
    """400 or 422: the server does not take the request as it stands."""

    code = "request_rejected"


class ContextTooLong(RequestRejected):
    """The conversation does not fit in the model's context window."""

    code = "context_length_exceeded"
    hint_default = phrase(
        "Start a new conversation or shorten the prompt, or choose a model with a larger context window."
    )


class ParameterRejected(RequestRejected):
    """The model does not take a parameter; `parameter` is its wire name."""

    code = "parameter_rejected"
    hint_default = phrase("Unset the parameter for this model.")

    def __init__(self, message: str, *, parameter: str, status: int | None = None) -> None:
        super().__init__(message, status=status)
        self.parameter = parameter


class ContentFiltered(RequestRejected):
    """The prompt was refused by the content filter; the message names category and severity."""

    code = "content_filter"
    hint_default = phrase("Rephrase the prompt; the filter's settings belong to the deployment.")


class RequestTooLarge(RequestRejected):
    """413: the request is larger than the server takes."""

    code = "request_too_large"
    hint_default = phrase("Shorten the prompt or start a new conversation.")


class RateLimited(ProviderError):
    """429: too many requests or tokens; `retry_after_s` where the server says when."""

    code = "rate_limited"
    hint_default = phrase("Wait a little, or raise the deployment's quota.")


class ServerFailed(ProviderError):
    """5xx: the server failed."""

    code = "server_failed"
    hint_default = phrase("Try again; if it lasts, look at the service's status page.")


class ServerOverloaded(ServerFailed):
    """502, 503 or 504: the server or a gateway before it cannot serve now."""

    code = "server_overloaded"
    hint_default = phrase("Try again in a moment.")


class RequestTimedOut(ProviderError):
    """408: the server waited too long for the request."""

    code = "request_timeout"
    hint_default = phrase("Check the network and try again.")


class Conflict(ProviderError):
    """409: the resource is being changed."""

    code = "conflict"
    hint_default = phrase("Wait until the deployment's change is done, then try again.")


class AnswerUnreadable(ProviderError):
    """The server answered, but not as a stream of this format should be."""

    code = "answer_unreadable"


class NotAStream(AnswerUnreadable):
    """Status 200, but a web page or another format instead of an answer."""

    code = "not_a_stream"
    hint_default = phrase("The address may lead to a sign-in page or a proxy; check it in the connection's settings.")


class StreamFailed(AnswerUnreadable):
    """An error object stood within the stream; the message is the server's."""

    code = "stream_failed"
    hint_default = phrase("Try again; the text so far is kept.")


class Interrupted(AnswerUnreadable):
    """The stream ended without a finish reason; the text so far is kept."""

    code = "interrupted"
    hint_default = phrase("Continue the answer, or ask again.")


class Stalled(AnswerUnreadable):
    """Nothing came for longer than the time allowed; the text so far is kept."""

    code = "stalled"
    hint_default = phrase(
        "Try again; `network.first_token_timeout_s` and `network.idle_timeout_s` set how long to wait."
    )


class AnswerTooLarge(AnswerUnreadable):
    """An event or the whole answer went over the bound; the text so far is kept."""

    code = "answer_too_large"
    hint_default = phrase("The server may be broken; set `max_tokens` to bound the answer.")
