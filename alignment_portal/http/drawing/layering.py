"""Order within columns and heights along them: links cross as little as the barycentre method finds, and run as level as room allows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SWEEPS = 8
Edge = tuple[str, str]


def crossings(columns: Sequence[Sequence[str]], edges: Sequence[Edge]) -> int:
    """How many pairs of links between neighbouring columns cross."""
    place = {code: (column, row) for column, codes in enumerate(columns) for row, code in enumerate(codes)}
    short = [
        (place[a], place[b]) for a, b in edges if a in place and b in place and place[b][0] == place[a][0] + 1
    ]
    return sum(
        first[0][0] == second[0][0] and (first[0][1] - second[0][1]) * (first[1][1] - second[1][1]) < 0
        for index, first in enumerate(short)
        for second in short[index + 1 :]
    )


def ordered(columns: Sequence[Sequence[str]], edges: Sequence[Edge]) -> list[list[str]]:
    """The columns with their codes reordered; the same input always gives the same order."""
    current = [list(column) for column in columns]
    best, fewest = [list(column) for column in current], crossings(current, edges)
    before, after = _neighbours(edges)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for index in range(len(current)) if forward else reversed(range(len(current))):
            _sort_by_barycentre(current, index, before if forward else after)
        found = crossings(current, edges)
        if found < fewest:
            best, fewest = [list(column) for column in current], found
    return best


def _neighbours(edges: Sequence[Edge]) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    return before, after


def _sort_by_barycentre(columns: list[list[str]], index: int, neighbours: Mapping[str, list[str]]) -> None:
    rank = {code: row / max(1, len(column)) for column in columns for row, code in enumerate(column)}
    old = {code: rank[code] for code in columns[index]}

    def centre(code: str) -> float:
        near = [rank[other] for other in neighbours.get(code, []) if other not in old]
        return sum(near) / len(near) if near else old[code]

    columns[index].sort(key=lambda code: (centre(code), old[code]))


@dataclass(frozen=True)
class Stack:
    """How tall each node is, and how far apart two in a column must stand."""

    tall: Mapping[str, float]
    gap: float

    def extent(self, column: Sequence[str]) -> float:
        return sum(self.tall[code] for code in column) + self.gap * max(0, len(column) - 1)

    def tops(self, columns: Sequence[Sequence[str]], edges: Sequence[Edge]) -> dict[str, float]:
        """The top of every node: each near the middle of its neighbours, with room to the next in its column."""
        full = max((self.extent(column) for column in columns), default=0)
        top: dict[str, float] = {}
        for column in columns:
            y = (full - self.extent(column)) / 2
            for code in column:
                top[code] = y
                y += self.tall[code] + self.gap
        before, after = _neighbours(edges)
        for _ in range(SWEEPS):
            for column in columns:
                wanted = {
                    code: self._wish(code, (*before.get(code, ()), *after.get(code, ())), top)
                    for code in column
                }
                self._settle(column, wanted, top, full)
        return top

    def _wish(self, code: str, near: Sequence[str], top: Mapping[str, float]) -> float:
        if not near:
            return top[code]
        return sum(top[other] + self.tall[other] / 2 for other in near) / len(near) - self.tall[code] / 2

    def _settle(
        self, column: Sequence[str], wanted: Mapping[str, float], top: dict[str, float], full: float
    ) -> None:
        """Push overlapping nodes down, then back up from the foot of the drawing."""
        floor = 0.0
        for code in column:
            top[code] = max(wanted[code], floor)
            floor = top[code] + self.tall[code] + self.gap
        ceiling = full
        for code in reversed(column):
            top[code] = min(top[code], ceiling - self.tall[code])
            ceiling = top[code] - self.gap
