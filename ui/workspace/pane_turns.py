"""The turns of the panes that are shown, worked out once for all who ask until one of them shows another path."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Message
from desktop.metrics.alignment import Alignment
from ui.workspace.pane_list import PaneList


class PaneTurns:
    """Paths are values, so that the same ones have the same turns."""

    def __init__(self, line: PaneList) -> None:
        self._line = line
        self._kept = Alignment(())
        self._asked = Alignment(())

    @property
    def kept(self) -> Alignment:
        """Of the conversations as they are kept: without a prompt that is being answered."""
        self._kept = _of(self._kept, [pane.body.path for pane in self._line])
        return self._kept

    @property
    def asked(self) -> Alignment:
        """Of what is shown: with the prompts that are being answered."""
        self._asked = _of(self._asked, [pane.body.asked for pane in self._line])
        return self._asked


def _of(known: Alignment, paths: Sequence[Sequence[Message]]) -> Alignment:
    """The known one where these are its paths, else a new one."""
    same = len(paths) == len(known.paths) and all(a is b for a, b in zip(paths, known.paths, strict=True))
    return known if same else Alignment(paths)
