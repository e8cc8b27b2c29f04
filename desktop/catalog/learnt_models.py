"""Facts about models learned from rejected requests: API format and accepted input. Each kind has a private file."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from desktop.domain.conversation_types import Wire
from desktop.system.log import logger
from desktop.system.plain_files import open_plain
from desktop.system.private_files import write_private

_MOST = 1_000
"""Maximum number of models to remember. The most recently learned ones are kept."""

_MOST_BYTES = 1 << 20

_Key = tuple[str, str, str]
_Value = TypeVar("_Value", Wire, bool)
_log = logger("providers")


class LearntModels(Generic[_Value]):
    """Values by connection, server and model. Without a file, they last as long as the object. Thread-safe.

    An unreadable file counts as empty, and write errors are ignored, because lost facts are learned again from the next
    rejection. Only the first lookup reads the (small) file. Learning and forgetting write it: call these on a thread.
    """

    def __init__(self, kind: type[_Value], file: Path | None) -> None:
        self._row: type[tuple[str, str, str, _Value]] = tuple[str, str, str, kind]
        self._file = file
        self._lock = threading.Lock()
        self._held: dict[_Key, _Value] | None = None

    def get(self, connection: str, origin: str, model: str) -> _Value | None:
        """Return the value of a model, or None if unknown."""
        with self._lock:
            return self._known().get((connection, origin, model))

    def learn(self, connection: str, origin: str, model: str, value: _Value) -> None:
        """Store the value of a model."""
        with self._lock:
            held = self._read()  # another process may have learned something
            held.pop((connection, origin, model), None)
            held[connection, origin, model] = value
            self._write(dict([*held.items()][-_MOST:]))

    def forget(self, connection: str, model: str = "") -> None:
        """Remove the value of one model of a connection, or of all its models."""
        with self._lock:
            held = self._read()
            left = {key: each for key, each in held.items() if key[0] != connection or (model and key[2] != model)}
            if left != held:
                self._write(left)

    def _known(self) -> dict[_Key, _Value]:
        if self._held is None:
            self._held = self._read()
        return self._held

    def _read(self) -> dict[_Key, _Value]:
        if self._file is None:
            return dict(self._held or {})
        try:
            with open_plain(self._file) as file:
                rows = msgspec.json.decode(file.read(_MOST_BYTES), type=list[self._row])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            _log.warning("what is known of models cannot be read: %s", type(error).__name__)
            return {}
        return {(connection, origin, model): each for connection, origin, model, each in rows if self._says(each)}

    def _says(self, value: _Value) -> bool:
        """Whether a value is worth storing."""
        return value != Wire.AUTO

    def _write(self, held: dict[_Key, _Value]) -> None:
        self._held = held
        if self._file is None:
            return
        try:
            write_private(self._file, msgspec.json.encode([(*key, each) for key, each in held.items()]))
        except OSError as error:
            _log.warning("what is known of models cannot be kept: %s", type(error).__name__)


class LearntWires(LearntModels[Wire]):
    """API formats that models are known to support."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__(Wire, file)


class LearntInput(LearntModels[bool]):
    """Whether models accept one kind of input, as learned from rejections."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__(bool, file)
