"""Values of a comparison: its panes with their conversations, their layout and their context."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from desktop.domain.conversation_types import (
    NO_TOOLS,
    Conversation,
    ModelRef,
    Parameters,
    ToolChoice,
    Value,
    new_id,
    now,
)

MOST_PANES = 16
"""Maximum number of panes in a comparison, whatever the settings allow."""


class ContextRule(StrEnum):
    """Determines which history the panes of a comparison receive."""

    OWN = "own"  # each model sees its own responses
    WINNER = "winner"  # all continue from the chosen response
    SHARED = "shared"  # all see one history


class PanelName(StrEnum):
    """Panels that can be shown beside the panes. The values are stored with comparisons and must not change."""

    FIGURES = "Figures"
    DIFFERENCES = "Differences"
    MERGED = "Merged"
    FIELDS = "Fields"
    TOOL_CALLS = "Tool calls"


class Arrangement(StrEnum):
    """Layout of panes."""

    ROW = "row"
    COLUMN = "column"
    GRID = "grid"


class PaneState(Value, frozen=True, kw_only=True):
    """State of one pane. A conversation without messages is not stored: its model, prompt and parameters are here.

    `on` is whether the pane receives prompts sent to all; `size` is its share of the space. `scroll` is the index of
    the top visible turn and the pixels scrolled past its start; None at the end of the conversation. `said` is whether
    the conversation had messages: if it is then missing from the store, it was deleted. `mark` is the index of one of
    the eight pane colors, None for the model's own color.
    """

    conversation: str
    model: ModelRef
    system: str = ""
    parameters: Parameters = Parameters()
    tools: ToolChoice = NO_TOOLS
    on: bool = True
    size: float = 1.0
    scroll: tuple[int, int] | None = None
    said: bool = False
    mark: int | None = None


class Comparison(Value, frozen=True, kw_only=True):
    """Panes whose conversations receive prompts together.

    `maximised` is the index of the maximized pane, `heights` are the relative heights of a grid's rows. `winners` has
    one entry per turn: the index of the pane whose response was chosen, or None. `panel` is the name of the panel open
    beside the panes (empty if none), and `panel_width` is its width in pixels (0 if none). `merges` are the IDs of the
    conversations with merged responses, the newest one last.
    """

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    panes: tuple[PaneState, ...] = ()
    rule: ContextRule = ContextRule.OWN
    arrangement: Arrangement = Arrangement.ROW
    maximised: int | None = None
    heights: tuple[float, ...] = ()
    winners: tuple[int | None, ...] = ()
    draft: str = ""
    in_step: bool = False
    prompts_only: bool = False
    panel: str = ""
    panel_width: int = 0
    merges: tuple[str, ...] = ()
    left_out: int = 0
    """Number of parts skipped while reading because they are damaged or from a newer version; never stored."""


class ComparisonSummary(Value, frozen=True, kw_only=True):
    """The fields of a comparison that lists show."""

    id: str
    title: str
    updated_at: datetime
    models: tuple[ModelRef, ...] = ()
    conversations: tuple[str, ...] = ()
    merges: tuple[str, ...] = ()


def without(comparison: Comparison, gone: Collection[str]) -> Comparison:
    """Return the comparison without the panes of the `gone` conversations.

    The comparison is returned unchanged if that would remove no pane or all panes.
    """
    places = [place for place, pane in enumerate(comparison.panes) if pane.conversation not in gone]
    if not places or len(places) == len(comparison.panes):
        return comparison
    winners = tuple(places.index(each) if each in places else None for each in comparison.winners)
    panes = tuple(comparison.panes[place] for place in places)
    return msgspec.structs.replace(comparison, panes=panes, winners=winners, maximised=None)


def new_comparison(panes: tuple[PaneState, ...], *, of: Iterable[Conversation] = ()) -> Comparison:
    """Return a comparison without a title; the first prompt provides one.

    Args:
        of: Conversations created for the comparison; the earliest one determines its creation time.
    """
    at = now()
    begun = min((each.created_at for each in of), default=at)
    return Comparison(id=new_id(), title="", created_at=begun, updated_at=at, panes=panes)
