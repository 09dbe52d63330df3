"""One shared function at work: what it has taken in, what waits before it, and when the next thing is done."""

from __future__ import annotations

import heapq

from portfolio.simulation.model import Function

SAME = 1e-9  # days: what happens within so little happens at once


class Server:
    """Shares its people among what it has taken in.

    With n things on c people each goes on at min(1, c ÷ n) ÷ (1 + s · max(0, n ÷ c - 1)) of full speed. Because all
    go on alike, one clock of work done (``done``) serves for all of them: a thing is finished when the clock has
    come as far as it stood when the thing was taken in, plus the thing's own work.
    """

    __slots__ = (
        "active",
        "closed",
        "done",
        "fresh",
        "last",
        "limit",
        "loss",
        "people",
        "rate",
        "speed",
        "waiting",
    )

    def __init__(self, function: Function, limit: int | None, loss: float) -> None:
        """Begin with nothing to do."""
        self.people, self.speed, self.closed = function.people, function.speed, function.closed
        self.fresh, self.limit, self.loss = function.fresh_days, limit, loss
        self.active: list[tuple[float, int]] = []  # (where the clock stands when it is done, task)
        self.waiting: list[tuple[int, int, float]] = []  # (rank, task, work)
        self.done = self.last = 0.0
        self.rate = self.speed

    def take_in(self, now: float) -> None:
        """Take in what waits, in order of rank, as far as there is room."""
        waiting = self.waiting
        if not waiting:
            return
        self.go_on(now)
        while waiting and (self.limit is None or len(self.active) < self.limit):
            _, task, work = heapq.heappop(waiting)
            heapq.heappush(self.active, (self.done + work, task))
        self._pace()

    def finished(self, now: float) -> list[int]:
        """Let go of what is done by now."""
        self.go_on(now)
        ended = []
        while self.active and self.active[0][0] <= self.done + SAME:
            ended.append(heapq.heappop(self.active)[1])
        self._pace()
        return ended

    def go_on(self, now: float) -> None:
        """Bring the clock of work done up to now."""
        self.done += self.rate * (self._open_between(self.last, now) if self.closed else now - self.last)
        self.last = now

    def next_finish(self) -> float:
        """Return when the next thing will be done, if nothing else happens."""
        days = (self.active[0][0] - self.done) / self.rate
        return self._after_open(self.last, days) if self.closed else self.last + days

    def _pace(self) -> None:
        number = len(self.active)
        if number <= self.people:
            self.rate = self.speed
        else:
            crowd = number / self.people
            self.rate = self.speed / (crowd * (1 + self.loss * (crowd - 1)))

    def _open_between(self, begin: float, end: float) -> float:
        shut = sum(max(0.0, min(end, to) - max(begin, since)) for since, to in self.closed)
        return end - begin - shut

    def _after_open(self, begin: float, days: float) -> float:
        at = begin
        for since, to in self.closed:
            if to <= at:
                continue
            if since - at >= days - SAME:
                break
            days -= max(0.0, since - at)
            at = to
        return at + days
