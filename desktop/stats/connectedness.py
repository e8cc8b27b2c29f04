"""Connected components of contenders, within which they can be ranked. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Edge = tuple[int, int]


def parts(size: int, edges: Iterable[Edge]) -> list[list[int]]:
    """Return the connected components of contenders 0 to `size` - 1, in order of their first members."""
    roots = list(range(size))

    def root(place: int) -> int:
        """Return the representative of a component: its smallest known member."""
        while roots[place] != place:
            roots[place] = roots[roots[place]]
            place = roots[place]
        return place

    for one, other in edges:
        low, high = sorted((root(one), root(other)))
        roots[high] = low
    found: dict[int, list[int]] = {}
    for place in range(size):
        found.setdefault(root(place), []).append(place)
    return list(found.values())


def strong_parts(size: int, edges: Iterable[Edge]) -> list[list[int]]:
    """Return the strongly connected components (Tarjan 1972), in order of their first members.

    An edge leads from a contender to one that it beat or tied with. Without a prior, strengths are finite only if there
    is exactly one component (Ford 1957).
    """
    following: list[list[int]] = [[] for _ in range(size)]
    for winner, loser in edges:
        following[winner].append(loser)
    found = _Components(following).found
    return sorted(map(sorted, found))


class _Components:
    """Tarjan's algorithm without recursion, because chains may exceed Python's recursion limit."""

    def __init__(self, following: Sequence[Sequence[int]]) -> None:
        self._following = following
        self._numbers: dict[int, int] = {}
        self._lowest: dict[int, int] = {}
        self._waiting: list[int] = []
        self._is_waiting = [False] * len(following)
        self.found: list[list[int]] = []
        for place in range(len(following)):
            if place not in self._numbers:
                self._walk(place)

    def _walk(self, start: int) -> None:
        self._enter(start)
        path = [(start, iter(self._following[start]))]
        while path:
            node, neighbors = path[-1]
            for neighbor in neighbors:
                if neighbor not in self._numbers:
                    self._enter(neighbor)
                    path.append((neighbor, iter(self._following[neighbor])))
                    break
                if self._is_waiting[neighbor]:
                    self._lowest[node] = min(self._lowest[node], self._numbers[neighbor])
            else:
                path.pop()
                self._leave(node, path[-1][0] if path else None)

    def _enter(self, place: int) -> None:
        self._numbers[place] = self._lowest[place] = len(self._numbers)
        self._waiting.append(place)
        self._is_waiting[place] = True

    def _leave(self, place: int, before: int | None) -> None:
        if before is not None:
            self._lowest[before] = min(self._lowest[before], self._lowest[place])
        if self._lowest[place] != self._numbers[place]:
            return
        component: list[int] = []
        while True:
            member = self._waiting.pop()
            self._is_waiting[member] = False
            component.append(member)
            if member == place:
                break
        self.found.append(component)
