"""Tree of errors. Each has a code for programs, a sentence for people, and a hint that says what to do.

    ParagoneError
    ├── UsageError                      the command or an argument is wrong
    │   └── SuiteInvalid                a suite file
    ├── SettingsError                   a settings or catalog file
    ├── ConnectionUnknown
    ├── PolicyForbids                   the organization's policy does not allow it
    ├── PromptHeld                      a guard stopped a prompt before it was sent
    │   ├── PromptFlagged ── PromptUnconfirmed, ParametersUnconfirmed
    │   ├── PromptBlocked
    │   └── BudgetSpent, AuditFailed
    ├── CredentialError                 keys and the keyring
    │   ├── KeyringMissing, KeyringLocked, KeyringTimeout
    │   └── SecretTorn
    ├── StoreError                      the database of conversations
    │   ├── StoreNewer, StoreCorrupt, StoreFull, StoreReadOnly, StoreBusy, StoreLocked, RecoveryCodeWrong
    │   └── ConversationUnknown, ConversationAmbiguous, ComparisonUnknown, VoteUnknown, RoundEnded
    │       MessageUnknown, MessageAmbiguous, RunUnknown, RunAmbiguous, RunBusy
    ├── TransferError                   import and export
    ├── RankingImpossible               the votes allow no ranking of this kind
    ├── AttachmentRefused               a file that cannot be attached
    ├── UpdateCheckFailed               the file that names the newest version is unusable
    ├── RunCapped                       a run reached its cost cap
    ├── RunHalted ── PriceUnknown
    ├── RerunImpossible                 a request that cannot be sent again
    │   └── ReceiptMissing, RequestIncomplete
    ├── EngineError                     the embedded engine
    │   ├── EngineMissing, EngineUnsupported, EngineCrashed, EngineTimeout, ModelLoadFailed
    │   └── GgufInvalid, ModelTooLarge
    ├── ToolError                       the servers whose tools models call
    │   ├── ToolServerFailed ── ToolSignInRequired
    │   └── ToolTimedOut, ToolHostFailed
    └── ProviderError                   a server and the connection to it
        ├── AddressInvalid, AddressInsecure
        ├── ConnectFailed ── NameNotResolved, TlsFailed, ProxyFailed, ConnectTimeout
        ├── AuthenticationFailed ── SignInRequired
        │   └── SignInFailed ── ConsentMissing, TenantWrong, AccessConditional, ApplicationWrong
        ├── PermissionDenied, KeyUnset
        ├── DeploymentNotFound, RouteRetired, AddressNotFound, Redirected
        ├── RequestRejected ── ContextTooLong, ContentFiltered, RequestTooLarge, WireRejected,
        │                       PicturesRejected, FilesRejected, ToolsRejected,
        │                       ParameterRejected ── SystemPromptRejected
        ├── RateLimited, QuotaExhausted, RequestTimedOut, Conflict
        ├── ServerFailed ── ServerOverloaded, GatewayTimedOut
        └── AnswerUnreadable ── NotAStream, StreamFailed, Interrupted, StoppedByQuitting, Stalled, AnswerTooLarge

The user's environment (network, key, disk) causes these errors. Any other exception is a bug and is shown as one.
"""

from __future__ import annotations

from desktop.errors.answer_errors import (
    AnswerTooLarge,
    AnswerUnreadable,
    Conflict,
    ContentFiltered,
    ContextTooLong,
    FilesRejected,
    GatewayTimedOut,
    Interrupted,
    NotAStream,
    ParameterRejected,
    PicturesRejected,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    RequestTimedOut,
    RequestTooLarge,
    ServerFailed,
    ServerOverloaded,
    Stalled,
    StoppedByQuitting,
    StreamFailed,
    SystemPromptRejected,
    ToolsRejected,
    WireRejected,
)
from desktop.errors.base_errors import (
    AttachmentRefused,
    ConnectionUnknown,
    CredentialError,
    KeyringLocked,
    KeyringMissing,
    KeyringTimeout,
    ParagoneError,
    PolicyForbids,
    PriceUnknown,
    RankingImpossible,
    ReceiptMissing,
    RequestIncomplete,
    RerunImpossible,
    RunCapped,
    RunHalted,
    SecretTorn,
    SettingsError,
    SuiteInvalid,
    TransferError,
    UpdateCheckFailed,
    UsageError,
)
from desktop.errors.engine_errors import (
    EngineCrashed,
    EngineError,
    EngineMissing,
    EngineTimeout,
    EngineUnsupported,
    GgufInvalid,
    ModelLoadFailed,
    ModelTooLarge,
)
from desktop.errors.prompt_errors import (
    AuditFailed,
    BudgetSpent,
    ParametersUnconfirmed,
    PromptBlocked,
    PromptFlagged,
    PromptHeld,
    PromptUnconfirmed,
)
from desktop.errors.provider_errors import (
    AccessConditional,
    AddressInsecure,
    AddressInvalid,
    AddressNotFound,
    ApplicationWrong,
    AuthenticationFailed,
    ConnectFailed,
    ConnectTimeout,
    ConsentMissing,
    DeploymentNotFound,
    KeyUnset,
    NameNotResolved,
    PermissionDenied,
    ProviderError,
    ProxyFailed,
    Redirected,
    RouteRetired,
    SignInFailed,
    SignInRequired,
    TenantWrong,
    TlsFailed,
)
from desktop.errors.store_errors import (
    ComparisonUnknown,
    ConversationAmbiguous,
    ConversationUnknown,
    MessageAmbiguous,
    MessageUnknown,
    RecoveryCodeWrong,
    RoundEnded,
    RunAmbiguous,
    RunBusy,
    RunUnknown,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreNewer,
    StoreReadOnly,
    VoteUnknown,
)
from desktop.errors.tool_errors import ToolError, ToolHostFailed, ToolServerFailed, ToolSignInRequired, ToolTimedOut

__all__ = [
    "AccessConditional",
    "AddressInsecure",
    "AddressInvalid",
    "AddressNotFound",
    "AnswerTooLarge",
    "AnswerUnreadable",
    "ApplicationWrong",
    "AttachmentRefused",
    "AuditFailed",
    "AuthenticationFailed",
    "BudgetSpent",
    "ComparisonUnknown",
    "Conflict",
    "ConnectFailed",
    "ConnectTimeout",
    "ConnectionUnknown",
    "ConsentMissing",
    "ContentFiltered",
    "ContextTooLong",
    "ConversationAmbiguous",
    "ConversationUnknown",
    "CredentialError",
    "DeploymentNotFound",
    "EngineCrashed",
    "EngineError",
    "EngineMissing",
    "EngineTimeout",
    "EngineUnsupported",
    "FilesRejected",
    "GatewayTimedOut",
    "GgufInvalid",
    "Interrupted",
    "KeyUnset",
    "KeyringLocked",
    "KeyringMissing",
    "KeyringTimeout",
    "MessageAmbiguous",
    "MessageUnknown",
    "ModelLoadFailed",
    "ModelTooLarge",
    "NameNotResolved",
    "NotAStream",
    "ParagoneError",
    "ParameterRejected",
    "ParametersUnconfirmed",
    "PermissionDenied",
    "PicturesRejected",
    "PolicyForbids",
    "PriceUnknown",
    "PromptBlocked",
    "PromptFlagged",
    "PromptHeld",
    "PromptUnconfirmed",
    "ProviderError",
    "ProxyFailed",
    "QuotaExhausted",
    "RankingImpossible",
    "RateLimited",
    "ReceiptMissing",
    "RecoveryCodeWrong",
    "Redirected",
    "RequestIncomplete",
    "RequestRejected",
    "RequestTimedOut",
    "RequestTooLarge",
    "RerunImpossible",
    "RoundEnded",
    "RouteRetired",
    "RunAmbiguous",
    "RunBusy",
    "RunCapped",
    "RunHalted",
    "RunUnknown",
    "SecretTorn",
    "ServerFailed",
    "ServerOverloaded",
    "SettingsError",
    "SignInFailed",
    "SignInRequired",
    "Stalled",
    "StoppedByQuitting",
    "StoreBusy",
    "StoreCorrupt",
    "StoreError",
    "StoreFull",
    "StoreLocked",
    "StoreNewer",
    "StoreReadOnly",
    "StreamFailed",
    "SuiteInvalid",
    "SystemPromptRejected",
    "TenantWrong",
    "TlsFailed",
    "ToolError",
    "ToolHostFailed",
    "ToolServerFailed",
    "ToolSignInRequired",
    "ToolTimedOut",
    "ToolsRejected",
    "TransferError",
    "UpdateCheckFailed",
    "UsageError",
    "VoteUnknown",
    "WireRejected",
]
