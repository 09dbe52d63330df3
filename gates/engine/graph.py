"""Walking the outcome chain: reachability and paths, in time linear in nodes and links."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from initiatives.dossier.chain import Link, Node, OutcomeChain

ORDER = {"ai_output": 0, "change": 1, "operational_effect": 2, "outcome": 3}
Keep = Callable[[Node], bool]


def everything(_: Node) -> bool:
    """Keep every node."""
    return True


class Graph:
    """The chain as neighbours; context nodes lie beside the path and are not walked."""

    def __init__(self, chain: OutcomeChain) -> None:
        self.nodes: Mapping[str, Node] = {node.code: node for node in chain.nodes}
        self.links: tuple[Link, ...] = tuple(
            link for link in chain.links if self._is_walked(link.from_) and self._is_walked(link.to)
        )
        self.ahead: dict[str, list[str]] = {}
        self.behind: dict[str, list[str]] = {}
        for link in self.links:
            self.ahead.setdefault(link.from_, []).append(link.to)
            self.behind.setdefault(link.to, []).append(link.from_)

    def _is_walked(self, code: str) -> bool:
        return code in self.nodes and self.nodes[code].kind != "context"

    def of_kind(self, kind: str) -> tuple[Node, ...]:
        """Nodes of one kind, in the order they are written."""
        return tuple(node for node in self.nodes.values() if node.kind == kind)

    def path(self, starts: Iterable[str], ends: Iterable[str], keep: Keep = everything) -> tuple[Node, ...]:
        """A shortest path from a start to an end over kept nodes only; empty when there is none."""
        wanted = frozenset(ends)
        before: dict[str, str | None] = {s: None for s in starts if keep(self.nodes[s])}
        queue = deque(before)
        while queue:
            here = queue.popleft()
            if here in wanted:
                return self._walk_back(here, before)
            for there in self.ahead.get(here, ()):
                if there not in before and keep(self.nodes[there]):
                    before[there] = here
                    queue.append(there)
        return ()

    def _walk_back(self, end: str, before: Mapping[str, str | None]) -> tuple[Node, ...]:
        steps: list[Node] = []
        here: str | None = end
        while here is not None:
            steps.append(self.nodes[here])
            here = before[here]
        return tuple(reversed(steps))

    def reached(self, starts: Iterable[str], *, backwards: bool = False) -> frozenset[str]:
        """Everything that can be reached from the starts, themselves included."""
        neighbours = self.behind if backwards else self.ahead
        seen = {s for s in starts if s in self.nodes}
        queue = deque(seen)
        while queue:
            for there in neighbours.get(queue.popleft(), ()):
                if there not in seen:
                    seen.add(there)
                    queue.append(there)
        return frozenset(seen)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Codes of the AI outputs."""
        return tuple(node.code for node in self.of_kind("ai_output"))

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Codes of the business and risk outcomes."""
        return tuple(node.code for node in self.of_kind("outcome"))

    @cached_property
    def on_path(self) -> frozenset[str]:
        """Nodes that lie on some path from an AI output to an outcome."""
        return self.reached(self.outputs) & self.reached(self.outcomes, backwards=True)

    def between(self, end: str) -> frozenset[str]:
        """Nodes on any path from an AI output to that node."""
        return self.reached(self.outputs) & self.reached([end], backwards=True)

    @cached_property
    def lag_days(self) -> Mapping[str, int]:
        """Days from launch until each node can first be seen to move: the longest sum of lags leading to it."""
        longest: dict[str, int] = {}
        waiting = {code: len(self.behind.get(code, ())) for code in self.nodes}
        queue = deque(code for code, n in waiting.items() if n == 0)
        lags: dict[str, list[tuple[str, int]]] = {}
        for link in self.links:
            lags.setdefault(link.from_, []).append((link.to, link.lag_days))
        while queue:
            here = queue.popleft()
            longest.setdefault(here, 0)
            for there, lag in lags.get(here, ()):
                longest[there] = max(longest.get(there, 0), longest[here] + lag)
                waiting[there] -= 1
                if waiting[there] == 0:
                    queue.append(there)
        return longest
