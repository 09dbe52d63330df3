"""Queues whose answer is known in closed form, and the queue with given arrivals that they describe.

Units: rates per any one unit of time, times in that unit.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


class Unstable(ValueError):
    """More arrives than can be served: the queue grows without end."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue in its steady state: utilisation, share that waits, numbers (L, Lq) and times (W, Wq)."""

    rho: float
    wait_share: float
    queue: float
    wait: float
    time: float
    number: float


def mmc(arrivals: float, service: float, servers: int) -> Queue:
    """Return the M/M/c queue: Poisson ``arrivals``, exponential service at rate ``service`` a server.

    Raises Unstable when arrivals reach what the servers can do, ValueError for rates that are none.
    SOURCE: Erlang C (A. K. Erlang 1917; Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory, 2.3).
    """
    _check(arrivals, service, servers)
    load = arrivals / service
    rho = load / servers
    if rho >= 1:
        raise Unstable(_too_much(rho))
    # Erlang B by its recursion, which neither overflows nor loses digits, and from it Erlang C.
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    wait_share = blocked / (1 - rho * (1 - blocked))
    return _queue(arrivals, rho, wait_share, wait_share / (servers * service - arrivals), 1 / service)


def mg1(arrivals: float, mean_service: float, cv2: float) -> Queue:
    """Return the M/G/1 queue; ``cv2`` is the squared coefficient of variation of the service time.

    SOURCE: Pollaczek-Khinchine, Wq = λ E[S²] ÷ (2 (1 - ρ)).
    """
    _check(arrivals, mean_service, 1)
    rho = arrivals * mean_service
    if cv2 < 0:
        message = "A squared coefficient of variation is not negative."
        raise ValueError(message)
    if rho >= 1:
        raise Unstable(_too_much(rho))
    wait = arrivals * mean_service**2 * (1 + cv2) / (2 * (1 - rho))
    return _queue(arrivals, rho, rho, wait, mean_service)


def waits_in_line(arrivals: Sequence[float], services: Sequence[float], servers: int) -> list[float]:
    """Return how long each customer waits: first come, first served by ``servers`` equal servers.

    ``arrivals`` are times in order, ``services`` durations, both of one length.
    """
    free = [float("-inf")] * servers
    waits = []
    for arrival, service in zip(arrivals, services, strict=True):
        start = max(arrival, heapq.heappop(free))
        waits.append(start - arrival)
        heapq.heappush(free, start + service)
    return waits


def _check(arrivals: float, service: float, servers: int) -> None:
    if arrivals < 0 or service <= 0 or servers < 1:
        message = "Arrivals are not negative, service is positive, and there is at least one server."
        raise ValueError(message)


def _too_much(rho: float) -> str:
    return f"Utilisation is {rho:.3f}: what arrives is never served."


def _queue(arrivals: float, rho: float, wait_share: float, wait: float, service: float) -> Queue:
    time = wait + service
    return Queue(rho, wait_share, arrivals * wait, wait, time, arrivals * time)
