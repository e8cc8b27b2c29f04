"""Values of a comparison: its panes with their conversations, how they lie on the screen, what they are given."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from desktop.domain.conversation_types import Conversation, ModelRef, Parameters, Value, new_id, now

MOST_PANES = 16
"""So many a comparison has at most, whatever the settings allow."""


class ContextRule(StrEnum):
    """What the panes of a comparison are given as history."""

    OWN = "own"  # each model sees its own answers
    WINNER = "winner"  # all go on from the answer that was chosen
    SHARED = "shared"  # all see one history


class PanelName(StrEnum):
    """The panels that can stand beside the panes; the values are kept with comparisons: they stay."""

    FIGURES = "Figures"
    DIFFERENCES = "Differences"


class Arrangement(StrEnum):
    """How panes lie."""

    ROW = "row"
    COLUMN = "column"
    GRID = "grid"


class PaneState(Value, frozen=True, kw_only=True):
    """One pane. A conversation without messages is not in the store: its model, prompt and parameters are kept here.

    `on` says whether it takes part in what is sent to all; `size` is its share of the room beside the others. `scroll`
    is the turn at the top, from 0, and the pixels from there down to its prompt; None at the end of the conversation.
    `said` tells that it had messages: where the store has it no more, it was deleted. `mark` is which of the eight pane
    colours it has, None for its model's own.
    """

    conversation: str
    model: ModelRef
    system: str = ""
    parameters: Parameters = Parameters()
    on: bool = True
    size: float = 1.0
    scroll: tuple[int, int] | None = None
    said: bool = False
    mark: int | None = None


class Comparison(Value, frozen=True, kw_only=True):
    """Panes whose conversations receive prompts together.

    `maximised` is the place of the pane that fills all, `heights` are the parts of the height that a grid's lines have.
    `winners` has by turn, from 0, the place of the pane whose answer was chosen; None where none was. `panel` names the
    panel that is open beside the panes and `panel_width` is its width in pixels; empty and 0 where there is none.
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
    left_out: int = 0
    """How many parts of it could not be read, of a broken or a later version; never kept."""


class ComparisonSummary(Value, frozen=True, kw_only=True):
    """A comparison as lists show it."""

    id: str
    title: str
    updated_at: datetime
    models: tuple[ModelRef, ...] = ()
    conversations: tuple[str, ...] = ()


def without(comparison: Comparison, gone: Collection[str]) -> Comparison:
    """The comparison without the panes of some conversations; as it is where these are all that it has, or none."""
    places = [place for place, pane in enumerate(comparison.panes) if pane.conversation not in gone]
    if not places or len(places) == len(comparison.panes):
        return comparison
    winners = tuple(places.index(each) if each in places else None for each in comparison.winners)
    panes = tuple(comparison.panes[place] for place in places)
    return msgspec.structs.replace(comparison, panes=panes, winners=winners, maximised=None)


def new_comparison(panes: tuple[PaneState, ...], *, of: Iterable[Conversation] = ()) -> Comparison:
    """A comparison without a title; that comes from its first prompt.

    `of` are conversations that were made for it: it is as old as the first of them.
    """
    at = now()
    begun = min((each.created_at for each in of), default=at)
    return Comparison(id=new_id(), title="", created_at=begun, updated_at=at, panes=panes)
