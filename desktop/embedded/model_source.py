"""Which file a connection's engine loads, looked at before each start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop.domain.conversation_types import Connection
from desktop.embedded.bundled_model import find_model
from desktop.embedded.gguf import check_fits, read_header
from desktop.embedded.memory import free_memory
from desktop.system.paths import at_home


def model_source(
    connection: Connection,
    *,
    cache: Path,
    bundle: Path | None,
    tokens: int,
    free: Callable[[], int | None] = free_memory,
) -> Callable[[], Path]:
    """What finds the model's file: EngineOptions.model. It blocks for a moment and may be called on any thread.

    The connection's own file is read where it lies and never changed; without one it is the bundled model. `tokens` is
    the context of all slots together. What is given back raises GgufInvalid, ModelTooLarge or EngineMissing.
    """

    def find() -> Path:
        """On a thread, at each start: the file may have changed, and so may the memory that is free."""
        if not connection.file:
            return find_model(cache=cache, bundle=bundle)
        path = at_home(Path(connection.file))
        check_fits(read_header(path), tokens, free())
        return path

    return find
