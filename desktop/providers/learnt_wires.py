"""Over which wire models answer, learnt from how they refused another one, and kept in a private file."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from desktop.domain import Wire
from desktop.log import logger
from desktop.plain_files import open_plain
from desktop.private_files import write_private

_MOST = 1_000
"""So many models are remembered, those that were learnt last."""

_MOST_BYTES = 1 << 20

_Key = tuple[str, str, str]
_Row = tuple[str, str, str, Wire]

_log = logger("providers")


class LearntWires:
    """Wires by connection, server and model. Without a file they last as long as this; any thread may ask.

    A file that cannot be read holds nothing, and one that cannot be written changes nothing: what is lost is learnt
    again with the next refusal. Only the first look reads the disk (a small file); learning and forgetting write it:
    call these on a thread.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._held: dict[_Key, Wire] | None = None

    def get(self, connection: str, origin: str, model: str) -> Wire | None:
        """The wire over which a model is known to answer; None where nothing is known."""
        with self._lock:
            return self._known().get((connection, origin, model))

    def learn(self, connection: str, origin: str, model: str, wire: Wire) -> None:
        """Remember that a model answers over a wire."""
        with self._lock:
            held = self._read()  # another run may have learnt meanwhile
            held.pop((connection, origin, model), None)
            held[connection, origin, model] = wire
            self._write(dict([*held.items()][-_MOST:]))

    def forget(self, connection: str, model: str = "") -> None:
        """Forget what is known of a connection's model, or of all of its models."""
        with self._lock:
            held = self._read()
            left = {key: wire for key, wire in held.items() if key[0] != connection or (model and key[2] != model)}
            if left != held:
                self._write(left)

    def _known(self) -> dict[_Key, Wire]:
        if self._held is None:
            self._held = self._read()
        return self._held

    def _read(self) -> dict[_Key, Wire]:
        if self._file is None:
            return dict(self._held or {})
        try:
            with open_plain(self._file) as file:
                rows = msgspec.json.decode(file.read(_MOST_BYTES), type=list[_Row])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            _log.warning("what is known of wires cannot be read: %s", type(error).__name__)
            return {}
        return {(connection, origin, model): wire for connection, origin, model, wire in rows if wire is not Wire.AUTO}

    def _write(self, held: dict[_Key, Wire]) -> None:
        self._held = held
        if self._file is None:
            return
        try:
            write_private(self._file, msgspec.json.encode([(*key, wire) for key, wire in held.items()]))
        except OSError as error:
            _log.warning("what is known of wires cannot be kept: %s", type(error).__name__)
