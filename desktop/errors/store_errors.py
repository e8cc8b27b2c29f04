"""The database of conversations."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import NOTHING, Phrase, phrase


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
    hint_default = phrase("Free some disk space. Saving continues automatically.")


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
    hint_default = phrase("Enter the recovery code: `storage recover` in a terminal, or in the window.")

    def __init__(self, message: Phrase, *, key_id: str, hint: Phrase = NOTHING) -> None:
        super().__init__(message, hint=hint)
        self.key_id = key_id


class RecoveryCodeWrong(StoreError):
    """What was given is not the recovery code of this database's key, or has a slip in it."""

    code = "recovery_code_wrong"
    hint_default = phrase("Check each letter. The code was shown when encryption was turned on.")


class ConversationUnknown(StoreError):
    """No conversation has this id."""

    code = "conversation_unknown"
    hint_default = phrase("`conversations list` shows the IDs.")


class ComparisonUnknown(StoreError):
    """No comparison has this id."""

    code = "comparison_unknown"


class VoteUnknown(StoreError):
    """No vote has this id."""

    code = "vote_unknown"
    hint_default = phrase("`votes list` shows the IDs.")


class RoundEnded(StoreError):
    """A blind round was revealed before."""

    code = "round_ended"


class RunUnknown(StoreError):
    """No run of a suite has this id."""

    code = "run_unknown"
    hint_default = phrase("`runs list` shows the IDs.")


class RunAmbiguous(StoreError):
    """The beginning of an id fits more than one run."""

    code = "run_ambiguous"
    hint_default = phrase("Enter more characters of the ID.")


class RunBusy(StoreError):
    """Somebody works on this run at the moment: another program, or this one."""

    code = "run_busy"
    hint_default = phrase("Stop it there first, or wait until it has finished.")


class ConversationAmbiguous(StoreError):
    """The beginning of an id fits more than one conversation."""

    code = "conversation_ambiguous"
    hint_default = phrase("Enter more characters of the ID.")


class MessageUnknown(StoreError):
    """No answer has this id."""

    code = "message_unknown"
    hint_default = phrase("`conversations show ID --receipts` shows the IDs of responses.")


class MessageAmbiguous(StoreError):
    """The beginning of an id fits more than one answer."""

    code = "message_ambiguous"
    hint_default = phrase("Enter more characters of the ID.")
