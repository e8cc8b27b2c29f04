"""Base class of all errors, and errors of usage, settings, connections, policy, files, runs and keys."""

from __future__ import annotations

from typing import ClassVar

from desktop.text.phrases import NOTHING, Phrase, phrase


class ParagoneError(Exception):
    """Base class of errors that are caused by the program's environment and not by a bug.

    `message` is one sentence; `hint` says what to do. Both may contain text from servers, so show them as plain text.
    """

    code: ClassVar[str] = "error"
    hint_default: ClassVar[Phrase] = NOTHING

    def __init__(self, message: Phrase, *, hint: Phrase = NOTHING) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.hint_default


class UsageError(ParagoneError):
    """The command or one of its arguments is wrong."""

    code = "usage"


class SuiteInvalid(UsageError):
    """A suite file has errors. `problems` lists all of them with their positions."""

    code = "suite_invalid"

    def __init__(self, message: Phrase, *, problems: tuple[Phrase, ...] = (), hint: Phrase = NOTHING) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems or (message,)


class SettingsError(ParagoneError):
    """A settings or catalog file cannot be read or written."""

    code = "settings"


class ConnectionUnknown(ParagoneError):
    """No connection has this name."""

    code = "connection_unknown"
    hint_default = phrase("Choose another model, or add a connection with this name.")


class PolicyForbids(ParagoneError):
    """The organization's policy does not allow this."""

    code = "policy"
    hint_default = phrase("Ask your administrator.")


class UpdateCheckFailed(ParagoneError):
    """The file that names the newest version is missing, not signed, outdated or invalid."""

    code = "update_check"


class AttachmentRefused(ParagoneError):
    """A file cannot be attached because it is too large, damaged, locked, or of an unsupported kind."""

    code = "attachment"


class TransferError(ParagoneError):
    """An import or export failed. Nothing was changed partially."""

    code = "transfer"


class RankingImpossible(ParagoneError):
    """The votes do not allow a ranking of this kind."""

    code = "ranking"


class RunCapped(ParagoneError):
    """The next call of a run might exceed the run's cap."""

    code = "cap"
    hint_default = phrase("Resume the run with a higher cap.")


class RunHalted(ParagoneError):
    """A run was stopped before or during this call."""

    code = "run_stopped"


class PriceUnknown(RunHalted):
    """A run with a cap uses a model whose price is unknown."""

    code = "price_unknown"
    hint_default = phrase("Resume the run with --allow-unknown-prices, or add the price to the catalog.")


class RerunImpossible(ParagoneError):
    """The request for a response cannot be sent again."""

    code = "rerun_impossible"


class ReceiptMissing(RerunImpossible):
    """There is no receipt of the request for a response."""

    code = "receipt_missing"


class RequestIncomplete(RerunImpossible):
    """Parts of the request for a response are missing or have changed."""

    code = "request_incomplete"


class CredentialError(ParagoneError):
    """Base class of errors of keys and the keyring."""

    code = "credential"


class KeyringMissing(CredentialError):
    """This computer has no keyring that is safe to use."""

    code = "keyring_missing"
    hint_default = phrase(
        "Install and unlock a keyring (GNOME Keyring or KWallet), or pass the key with --key-env VARIABLE."
    )


class KeyringLocked(CredentialError):
    """The keyring is locked, or the user declined to unlock it."""

    code = "keyring_locked"
    hint_default = phrase("Unlock the keyring and try again. The keyring was not changed.")


class KeyringTimeout(CredentialError):
    """The keyring did not respond in time."""

    code = "keyring_timeout"
    hint_default = phrase("The keyring may be asking for permission behind another window. Check, or sign in again.")


class SecretTorn(CredentialError):
    """A long key was stored in chunks that do not match."""

    code = "secret_torn"
    hint_default = phrase("Enter the connection's key again.")
