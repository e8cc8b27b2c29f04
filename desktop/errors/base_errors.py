"""The base of all errors, and those that belong to no room: wrong words, settings, connections, policy, files."""

from __future__ import annotations

from typing import ClassVar

from desktop.text.phrases import NOTHING, Phrase, phrase


class ParagoneError(Exception):
    """Base of all errors that are the surroundings' and not ours.

    `message` is one sentence, `hint` says what to do. Both may hold text from servers: show them as plain text.
    """

    code: ClassVar[str] = "error"
    hint_default: ClassVar[Phrase] = NOTHING

    def __init__(self, message: Phrase, *, hint: Phrase = NOTHING) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.hint_default


class UsageError(ParagoneError):
    """The command, or one of its words, is wrong."""

    code = "usage"


class SuiteInvalid(UsageError):
    """A file of a suite says what cannot be carried out; `problems` are all that was told, each with its place."""

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
    """The organisation's policy does not allow it."""

    code = "policy"
    hint_default = phrase("Ask your administrator.")


class AttachmentRefused(ParagoneError):
    """A file cannot go with a prompt: it is too large, damaged, locked, or of a kind that nobody can be given."""

    code = "attachment"


class TransferError(ParagoneError):
    """An import or export failed; nothing was left half done."""

    code = "transfer"


class RankingImpossible(ParagoneError):
    """The votes that there are allow no ranking of the kind that was asked for."""

    code = "ranking"


class RunCapped(ParagoneError):
    """The next call of a run might pass its cap."""

    code = "cap"
    hint_default = phrase("Resume the run with a higher cap.")


class RunHalted(ParagoneError):
    """A run was stopped before this call of it began, or while it was under way."""

    code = "run_stopped"


class PriceUnknown(RunHalted):
    """A run has a cap, and asks a model whose price nobody knows."""

    code = "price_unknown"
    hint_default = phrase("Resume the run with --allow-unknown-prices, or add the price to the catalog.")


class RerunImpossible(ParagoneError):
    """What was sent for an answer cannot be sent again."""

    code = "rerun_impossible"


class ReceiptMissing(RerunImpossible):
    """Nobody knows what was sent for an answer."""

    code = "receipt_missing"


class RequestIncomplete(RerunImpossible):
    """Something of what was sent is not there any more, or is another thing now."""

    code = "request_incomplete"


class CredentialError(ParagoneError):
    """Keys and the place where they are kept."""

    code = "credential"


class KeyringMissing(CredentialError):
    """This machine has no keyring that is safe to use."""

    code = "keyring_missing"
    hint_default = phrase(
        "Install and unlock a keyring (GNOME Keyring or KWallet), or pass the key with --key-env VARIABLE."
    )


class KeyringLocked(CredentialError):
    """The keyring is there but locked, or the user declined to unlock it."""

    code = "keyring_locked"
    hint_default = phrase("Unlock the keyring and try again. The keyring was not changed.")


class KeyringTimeout(CredentialError):
    """The keyring did not answer in time."""

    code = "keyring_timeout"
    hint_default = phrase("The keyring may be asking for permission behind another window. Check, or sign in again.")


class SecretTorn(CredentialError):
    """A long key was kept in pieces and they no longer fit together."""

    code = "secret_torn"
    hint_default = phrase("Enter the connection's key again.")
