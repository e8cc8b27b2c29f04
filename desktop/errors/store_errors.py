"""Errors of the database of conversations."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import NOTHING, Phrase, phrase


class StoreError(ParagoneError):
    """Base class of errors of the database."""

    code = "store"


class StoreNewer(StoreError):
    """The database was written by a newer version of the program. It was not changed."""

    code = "store_newer"
    hint_default = phrase("Install the newer version, or use another --data-dir. The file was not changed.")


class StoreCorrupt(StoreError):
    """The database is damaged and was moved to another file."""

    code = "store_corrupt"


class StoreFull(StoreError):
    """The disk is full. Data that could not be written is still in memory."""

    code = "disk_full"
    hint_default = phrase("Free up some disk space. Saving continues automatically.")


class StoreReadOnly(StoreError):
    """The database or its folder is not writable."""

    code = "store_read_only"
    hint_default = phrase("Check the folder's permissions, or choose another one with --data-dir.")


class StoreBusy(StoreError):
    """Another program has locked the database for too long."""

    code = "store_busy"
    hint_default = phrase("Close other programs that use this data folder and try again.")


class StoreLocked(StoreError):
    """The database is encrypted and its key is not available. `key_id` is the ID of the key."""

    code = "store_locked"
    hint_default = phrase("Enter the recovery code in the window, or with `storage recover` in a terminal.")

    def __init__(self, message: Phrase, *, key_id: str, hint: Phrase = NOTHING) -> None:
        super().__init__(message, hint=hint)
        self.key_id = key_id


class RecoveryCodeWrong(StoreError):
    """The code is not the recovery code of this database, or contains a typo."""

    code = "recovery_code_wrong"
    hint_default = phrase("Check each character. The code was shown when encryption was turned on.")


class ConversationUnknown(StoreError):
    """There is no conversation with this ID."""

    code = "conversation_unknown"
    hint_default = phrase("`conversations list` shows the IDs.")


class ComparisonUnknown(StoreError):
    """There is no comparison with this ID."""

    code = "comparison_unknown"


class VoteUnknown(StoreError):
    """There is no vote with this ID."""

    code = "vote_unknown"
    hint_default = phrase("`votes list` shows the IDs.")


class RoundEnded(StoreError):
    """A blind round was already revealed."""

    code = "round_ended"


class RunUnknown(StoreError):
    """There is no run of a suite with this ID."""

    code = "run_unknown"
    hint_default = phrase("`runs list` shows the IDs.")


class RunAmbiguous(StoreError):
    """Several runs have an ID that begins like this."""

    code = "run_ambiguous"
    hint_default = phrase("Enter more characters of the ID.")


class RunBusy(StoreError):
    """A process, possibly this one, is working on the run."""

    code = "run_busy"
    hint_default = phrase("Stop the run where it was started, or wait until it finishes.")


class ConversationAmbiguous(StoreError):
    """Several conversations have an ID that begins like this."""

    code = "conversation_ambiguous"
    hint_default = phrase("Enter more characters of the ID.")


class MessageUnknown(StoreError):
    """There is no response with this ID."""

    code = "message_unknown"
    hint_default = phrase("`conversations show ID --receipts` shows the response IDs.")


class MessageAmbiguous(StoreError):
    """Several responses have an ID that begins like this."""

    code = "message_ambiguous"
    hint_default = phrase("Enter more characters of the ID.")
