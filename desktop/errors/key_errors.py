"""Keys and the keyring."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import phrase


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
