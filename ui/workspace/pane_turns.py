"""Cached alignment of the visible panes' turns, computed again when the messages of a pane change."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Message
from desktop.metrics.alignment import Alignment
from ui.workspace.pane_list import PaneList


class PaneTurns:
    """Alignments of the panes' turns, cached as long as the panes' messages stay the same."""

    def __init__(self, line: PaneList) -> None:
        self._line = line
        self._kept = Alignment(())
        self._asked = Alignment(())

    @property
    def kept(self) -> Alignment:
        """Alignment of the stored messages, without prompts that are being answered."""
        self._kept = _of(self._kept, [pane.body.path for pane in self._line])
        return self._kept

    @property
    def asked(self) -> Alignment:
        """Alignment of the visible messages, including prompts that are being answered."""
        self._asked = _of(self._asked, [pane.body.asked for pane in self._line])
        return self._asked


def _of(known: Alignment, paths: Sequence[Sequence[Message]]) -> Alignment:
    """Return the known alignment if it is for the same paths, or else a new one."""
    same = len(paths) == len(known.paths) and all(a is b for a, b in zip(paths, known.paths, strict=True))
    return known if same else Alignment(paths)
