"""Unsent prompts by conversation, stored in memory and on disk."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Slot

from desktop.domain.conversation_types import NO_TOOLS, Conversation, ModelRef, Parameters, ToolChoice
from desktop.store.sqlite.database_files import wipe
from desktop.system.log import logger
from desktop.system.paths import Paths
from desktop.system.plain_files import TooLarge, read_plain
from desktop.system.private_files import write_private
from ui.base.tasks import Tasks
from ui.composer.carried import Carried, carried
from ui.composer.prompt import Prompt

DELAY_MS = 800
AGAIN_MS = 30_000
"""Delay before a failed write is retried."""

NEW = ""
"""Key of a conversation without messages."""

_NOTHING = Prompt()
_BROKEN = ".broken-"
_MOST = 200
_LONGEST = 2_000_000
_MOST_BYTES = 256 << 20
"""Maximum size of the drafts file when it is read."""

_log = logger("ui.drafts")


class DraftTarget(Struct, frozen=True):
    """Model, system prompt, parameters and tools for a new chat's draft, so that it never goes to another model."""

    model: ModelRef
    system: str = ""
    parameters: Parameters = Parameters()
    tools: ToolChoice = NO_TOOLS

    @classmethod
    def of(cls, conversation: Conversation) -> DraftTarget:
        """Return the target for a chat's draft."""
        return cls(conversation.model, conversation.system, conversation.parameters, conversation.tools)

    def given(self, empty: Conversation) -> Conversation:
        """Return the empty chat with this model, system prompt, parameters and tools."""
        return msgspec.structs.replace(
            empty, model=self.model, system=self.system, parameters=self.parameters, tools=self.tools
        )


class KeptDraft(Prompt, frozen=True):
    """A draft as stored on disk, with a target that earlier versions ignore."""

    to: DraftTarget | None = None
    begins: Carried | None = None
    """Origin of a copied chat that has no stored message yet."""


class Drafts(QObject):
    """Store of drafts by conversation ID. Changes are written shortly afterwards in another thread."""

    def __init__(self, path: Path, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._tasks = tasks
        self._changed = False
        held, self._in_memory = _load(path)
        self._texts = {key: each for key, kept in held.items() if (each := Prompt(kept.text, kept.files, kept.behind))}
        self._targets = {key: each.to for key, each in held.items() if each.to is not None}
        self._begin = {key: each.begins for key, each in held.items() if each.begins is not None}
        self._due: str | None = None
        self._writing = threading.Lock()
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._save)

    def keep_in_memory(self) -> None:
        """Stop writing and delete the file, so that no plain text stays on disk."""
        self._timer.stop()
        with self._writing:
            self._changed, self._in_memory, self._due = False, True, None
            try:
                for each in (self._path, *self._path.parent.glob(f"{self._path.name}{_BROKEN}*")):
                    wipe(each)
            except OSError as error:
                _log.warning("the drafts cannot be removed: %s", error.strerror)

    async def follow(self, paths: Paths) -> None:
        """Switch to the drafts file of another data folder."""
        self._path = paths.drafts_file
        if self._texts or self._begin:
            self._change()

    def get(self, key: str) -> Prompt:
        """Return the draft of a conversation with its attachments."""
        return self._texts.get(key, _NOTHING)

    def target(self, key: str) -> DraftTarget | None:
        """Return the target of a draft, or None."""
        return self._targets.get(key)

    def set(self, key: str, prompt: Prompt, to: DraftTarget | None = None) -> None:
        """Store a draft and its target; an empty prompt removes it."""
        if self.get(key) == prompt and (not prompt or self.target(key) == to):
            return
        self._texts.pop(key, None)
        self._targets.pop(key, None)
        if prompt and len(prompt.text) <= _LONGEST:
            self._texts[key] = prompt
            if to is not None:
                self._targets[key] = to
        while len(self._texts) > _MOST:
            oldest = next(iter(self._texts))
            del self._texts[oldest]
            self._targets.pop(oldest, None)
        self._change()

    def begins(self, conversation_id: str) -> Carried | None:
        """Return the origin of a copied chat that is not stored yet, or None."""
        return self._begin.get(conversation_id)

    def carry(self, made: Conversation, before: Conversation) -> None:
        """Store which messages the unstored chat `made` copied from the chat `before`."""
        begins = carried(made, before, self.begins(before.id))
        if begins is not None:
            self._begin[made.id] = begins
            while len(self._begin) > _MOST:
                del self._begin[next(iter(self._begin))]
            self._change()

    def was_kept(self, conversation_id: str) -> None:
        """Discard the origin of a chat that is now stored."""
        if self._begin.pop(conversation_id, None) is not None:
            self._change()

    @Slot(object)
    def forget(self, ids: Iterable[str]) -> None:
        """Remove the drafts of permanently deleted conversations."""
        for each in ids:
            self.set(each, Prompt())
            self.was_kept(each)

    def _change(self) -> None:
        if not self._in_memory:
            self._changed = True
            self._timer.start(DELAY_MS)

    @Slot()
    def flush(self) -> None:
        """Write pending changes at once, for example before quitting."""
        self._timer.stop()
        self._make_due()
        self._write()

    @Slot()
    def _save(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended before the window
            self.flush()
            return
        self._make_due()
        self._tasks.start(self._write_aside(), name="drafts")

    async def _write_aside(self) -> None:
        """Write in another thread, and try again later if that fails."""
        if not await asyncio.to_thread(self._write) and not self._in_memory:
            self._changed = True
            self._timer.start(AGAIN_MS)

    def _make_due(self) -> None:
        if self._changed:
            self._changed, self._due = False, self._encoded()

    def _write(self) -> bool:
        """Write the newest state; any thread may call this. Returns whether writing succeeded."""
        with self._writing:
            due, self._due = self._due, None
            return due is None or _write(self._path, due)

    def _encoded(self) -> str:
        keys = dict.fromkeys((*self._texts, *self._begin))
        return msgspec.json.encode(
            {key: _kept(self.get(key), self.target(key), self.begins(key)) for key in keys}
        ).decode()


def _kept(prompt: Prompt, to: DraftTarget | None, begins: Carried | None) -> str | Prompt:
    """Return a draft in its form on disk. Text alone is stored so that earlier versions can read it."""
    text = _writable(prompt.text)
    if to is not None:
        to = msgspec.structs.replace(to, system=_writable(to.system))
    if to is not None or begins is not None:
        return KeptDraft(text, prompt.files, prompt.behind, to, begins)
    return Prompt(text, prompt.files, prompt.behind) if prompt.files or prompt.behind else text


def _writable(text: str) -> str:
    """Replace lone surrogates, which cannot be encoded."""
    return text.encode("utf-8", "replace").decode()


def _load(path: Path) -> tuple[dict[str, KeptDraft], bool]:
    """Read the drafts file. The second value is whether the file must not be overwritten, because its disk fails.

    A file that contains no drafts is moved away.
    """
    try:
        held = msgspec.json.decode(read_plain(path, _MOST_BYTES), type=dict[str, str | KeptDraft])
        return {key: KeptDraft(each) if isinstance(each, str) else each for key, each in held.items()}, False
    except FileNotFoundError:
        return {}, False
    except (TooLarge, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _log.warning("the drafts are damaged, and set aside: %s", type(error).__name__)
        with suppress(OSError):
            path.replace(path.with_name(f"{path.name}{_BROKEN}{datetime.now(UTC):%Y%m%d-%H%M%S}"))
        return {}, False
    except OSError as error:
        _log.warning("the drafts cannot be read: %s", error.strerror)
        return {}, error.errno == errno.EIO


def _write(path: Path, text: str) -> bool:
    """Write the file and return whether writing succeeded."""
    try:
        write_private(path, text)
    except OSError as error:
        _log.warning("the drafts cannot be written: %s", error.strerror)
        return False
    return True
