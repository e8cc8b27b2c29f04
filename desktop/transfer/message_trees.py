"""Builds message trees from other programs' nodes: in order, without gaps or cycles, with one response per turn."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeGuard

import msgspec

from desktop.domain.conversation_types import (
    Figures,
    Problem,
    Role,
    Status,
    Usage,
)
from desktop.domain.message_parts import Part, ReasoningPart, TextPart

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY = ("", "00000000-0000-0000-0000-000000000000", "00000000-0000-4000-8000-000000000000")


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its source stores it. A node without a role is dropped, and its children move up to its parent."""

    id: str
    parent: str | None
    role: Role | None = None
    parts: tuple[Part, ...] = ()
    at: datetime | None = None
    model: str = ""
    status: Status = Status.COMPLETE
    usage: Usage | None = None
    figures: Figures | None = None
    problem: Problem | None = None
    reason: str = ""
    """Finish reason of a response that is complete but was truncated."""
    goes_on: bool = False
    """Whether the next response continues the text of this one in the middle of a word or line of code."""

    @property
    def is_kept(self) -> bool:
        """Whether the node is saved: it has content, or is a response whose status matters."""
        ended = self.role is Role.ASSISTANT and (self.status is not Status.COMPLETE or bool(self.reason))
        return self.role is not None and (bool(self.parts) or ended)


class Grown(msgspec.Struct, kw_only=True):
    """A message of the tree. `pieces` are its own parts and those of responses merged into it."""

    node: Node
    parent: str | None
    at: datetime
    pieces: list[Part]
    children: int = 0
    kinds: set[type[Part]] = msgspec.field(default_factory=set[type[Part]])
    """Types of the pieces to which text was appended."""


@dataclass(frozen=True)
class Tree:
    """Messages, parents first and sorted by time. `lost` counts those that are connected only to each other.

    `empty` counts prompts and responses without content, unless another message contains the rest of the response.
    """

    messages: Sequence[Grown]
    current: str | None
    lost: int = 0
    empty: int = 0


@dataclass
class _Silence:
    """Counts prompts and responses without content. Messages are passed parents first; a response may span several."""

    answers: dict[str | None, str] = field(default_factory=dict[str | None, str])
    """First message of the response to which each message belongs."""
    silent: set[str] = field(default_factory=set[str])
    told: set[str] = field(default_factory=set[str])
    prompts: int = 0

    def see(self, node: Node) -> None:
        """Process the next message."""
        answer = self.answers.get(node.parent)
        if node.role is Role.USER:
            self.prompts += not node.is_kept
        elif node.role is Role.ASSISTANT:
            self.answers[node.id] = answer or node.id
            (self.told if node.is_kept else self.silent).add(self.answers[node.id])
        elif answer is not None:
            self.answers[node.id] = answer

    @property
    def count(self) -> int:
        """Number of prompts and responses without content."""
        return self.prompts + len(self.silent - self.told)


@dataclass
class _Order:
    """Nodes in order of creation: each after its parent, otherwise sorted by time, otherwise as in the file.

    A node whose parent is missing follows the previous node in time. All nodes do if none names an existing parent.
    Nodes that name the same missing parent remain siblings.
    """

    nodes: dict[str, Node]
    start: datetime
    times: dict[str, datetime] = field(default_factory=dict[str, datetime])
    placed: set[str] = field(default_factory=set[str])
    """Nodes that follow a node other than the parent they name."""

    def sorted(self) -> list[Node]:
        """Return the nodes, parents before children, otherwise sorted by time. Also fills in missing `times`."""
        places = {id_: place for place, id_ in enumerate(self.nodes)}
        children: defaultdict[str | None, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            children[node.parent if node.parent in self.nodes else None].append(node)
        heap: list[tuple[datetime, int, Node]] = []
        order: list[Node] = []
        in_a_row, before_missing = self._stand_alone(), dict[str | None, str | None]()

        def push(node: Node, before: datetime) -> None:
            """Queue a node. It is never sorted before its parent; nodes with equal times remain in the file's order."""
            at = max(node.at or before, before)
            heapq.heappush(heap, (at, places[node.id], node))

        for root, before in self._with_times(children[None]):
            push(root, before)
        while heap:
            at, _, node = heapq.heappop(heap)
            self.times[node.id] = node.at or (at if at > _EPOCH else self.start)
            for child in children[node.id]:
                push(child, at)
            if in_a_row or (node.parent not in self.nodes and _is_named(node.parent)):
                last = order[-1].id if order else None
                above = last if in_a_row else before_missing.setdefault(node.parent, last)
                node = msgspec.structs.replace(node, parent=above)
                if above is not None:
                    self.placed.add(node.id)
            order.append(node)
        return order

    def _stand_alone(self) -> bool:
        """Whether no prompt or response names a parent, or all of them name the same missing one."""
        said = [node for node in self.nodes.values() if node.is_kept]
        named = {node.parent for node in said}
        return len(named) == 1 and not named & self.nodes.keys() and len({node.role for node in said}) > 1

    def _with_times(self, roots: Sequence[Node]) -> Iterator[tuple[Node, datetime]]:
        """Yield the roots, each with its earliest possible time, which is that of the previous node in the file."""
        first = {root.id for root in roots}
        last = _EPOCH
        for node in self.nodes.values():
            if node.id in first:
                yield node, last if node.at is None and _is_named(node.parent) else _EPOCH
            last = node.at or last


def _is_named(parent: str | None) -> TypeGuard[str]:
    """Whether a parent's id is a real one; some programs write zeros if there is no parent."""
    return parent is not None and parent not in _NOBODY


def grow(nodes: Sequence[Node], current: str | None, start: datetime) -> Tree:
    """Return the tree of some nodes.

    Duplicate nodes are ignored. Consecutive responses without a prompt or branch between them are merged.

    Args:
        current: Id of the last displayed node.
        start: Time for nodes that have none.
    """
    unique: dict[str, Node] = {}
    for node in nodes:
        unique.setdefault(node.id, node)
    order = _Order(unique, start)
    in_order = order.sorted()
    shown: dict[str | None, str | None] = {None: None}
    grown: dict[str, Grown] = {}
    silence = _Silence()
    for node in in_order:
        silence.see(node)
        parent = shown.get(node.parent)
        if not node.is_kept:
            shown[node.id] = parent
            continue
        shown[node.id] = node.id
        grown[node.id] = Grown(node=node, parent=parent, at=order.times[node.id], pieces=list(node.parts))
        if parent is not None:
            grown[parent].children += 1
    merged = _merge(grown, order.placed)
    leaf = (shown.get(current) if current is not None else None) or next(reversed(grown), None)
    messages = [each for id_, each in grown.items() if id_ not in merged]
    current = merged.get(leaf, leaf) if leaf else None
    return Tree(messages, current, lost=len(nodes) - len(in_order), empty=silence.count)


def _merge(kept: dict[str, Grown], placed: Container[str]) -> dict[str, str]:
    """Merge consecutive responses into the first one. Return, by node id, the node into which each was merged."""
    into: dict[str, str] = {}
    for id_, entry in kept.items():
        parent = kept[entry.parent] if entry.parent is not None else None
        if parent is None:
            continue
        target = kept[into.get(parent.node.id, parent.node.id)]
        one = entry.node.role is Role.ASSISTANT is parent.node.role and parent.children == 1 and id_ not in placed
        goes_on = target.node.goes_on or (target.node.status is Status.COMPLETE and not target.node.reason)
        if one and (goes_on or not target.pieces):
            _add(target, entry)
            into[id_] = target.node.id
        else:
            entry.parent = target.node.id
    return into


def _add(target: Grown, following: Grown) -> None:
    # Stored, so that a response with very many messages is not searched again for each of them.
    target.kinds = target.kinds or {type(part) for part in target.pieces}
    for kind in (TextPart, ReasoningPart):
        before = kind in target.kinds and not (target.node.goes_on and kind is TextPart)
        place = next((at for at, part in enumerate(following.pieces) if isinstance(part, kind)), None)
        if before and place is not None:
            part = following.pieces[place]
            assert isinstance(part, (TextPart, ReasoningPart))
            following.pieces[place] = kind(text=f"\n\n{part.text}")
    target.pieces += following.pieces
    target.kinds.update(map(type, following.pieces))
    node, last = target.node, following.node
    target.node = Node(
        id=node.id,
        parent=node.parent,
        role=node.role,
        at=node.at,
        model=last.model or node.model,
        status=last.status,
        usage=last.usage or node.usage,
        figures=last.figures or node.figures,
        problem=last.problem,
        reason=last.reason,
        goes_on=last.goes_on,
    )


def last_id(nodes: Sequence[Node]) -> str | None:
    """Return the id of the last node, or None. It is the parent of the next node in a conversation without branches."""
    return nodes[-1].id if nodes else None
