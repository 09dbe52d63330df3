"""What one investment is worth: the cost of delay it saves for the money it takes, alone, in pairs and in a bundle.

An investment may be worth less than nothing: what it unblocks then stands in the way of something dearer. Such values
are kept, because a list without them would advise the very same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from portfolio.simulation.model import Portfolio, Unknown


@dataclass(frozen=True, slots=True)
class Investment:
    """Own or fund dependencies, deliver them at once, or add people to functions, for ``price`` of money."""

    code: str
    price: float
    own: tuple[str, ...] = ()
    fund: tuple[str, ...] = ()
    deliver: tuple[str, ...] = ()
    people: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """What a set of investments saves (cost of delay, mean over the runs), and how many days on the mean date."""

    codes: tuple[str, ...]
    price: float
    saved: float
    days: float

    @property
    def per_money(self) -> float | None:
        """Cost of delay saved for each unit of money; None for what costs nothing."""
        return self.saved / self.price if self.price > 0 else None


Value = Callable[
    [Portfolio], tuple[float, float]
]  # a portfolio's mean cost of delay, and mean day of finishing


def with_investments(portfolio: Portfolio, investments: Sequence[Investment]) -> Portfolio:
    """Return the portfolio as it would be with them. Raises Unknown for names that are not there."""
    functions, dependencies = dict(portfolio.functions), dict(portfolio.dependencies)
    for one in investments:
        missing = [code for code in (*one.own, *one.fund, *one.deliver) if code not in dependencies]
        missing += [code for code in one.people or () if code not in functions]
        if missing:
            message = f"There is no “{missing[0]}” to invest in."
            raise Unknown(message)
        for code in one.own:
            dependencies[code] = replace(dependencies[code], owned=True)
        for code in one.fund:
            dependencies[code] = replace(dependencies[code], funded=True)
        for code in one.deliver:
            dependencies[code] = replace(dependencies[code], owned=True, funded=True, days=0.0)
        for code, more in (one.people or {}).items():
            known = functions[code]
            cap = None if known.cap is None else known.cap + more
            functions[code] = replace(known, people=known.people + more, cap=cap)
    return replace(portfolio, functions=functions, dependencies=dependencies)


def rank(
    portfolio: Portfolio, investments: Sequence[Investment], value: Value, *, pairs: bool = True
) -> tuple[Worth, ...]:
    """Return single investments and pairs of them by cost of delay saved per money, the best first."""
    before = value(portfolio)
    sets: list[tuple[Investment, ...]] = [(one,) for one in investments]
    if pairs:
        sets += combinations(investments, 2)
    found = [_worth(portfolio, chosen, before, value) for chosen in sets]
    return tuple(sorted(found, key=lambda worth: (-_rate(worth), worth.price, worth.codes)))


def bundle(
    portfolio: Portfolio, investments: Sequence[Investment], value: Value, *, most: int = 5
) -> tuple[Worth, ...]:
    """Return a greedy bundle, a step at a time: each adds the investment (or pair) that saves most per money.

    Pairs are tried because two that are worth nothing alone may be worth much together; a step that saves nothing
    ends the bundle. Each Worth is of everything chosen so far.
    """
    before = value(portfolio)
    chosen: tuple[Investment, ...] = ()
    steps: list[Worth] = []
    while len(chosen) < most:
        left = [one for one in investments if one not in chosen]
        options: list[tuple[Investment, ...]] = [(one,) for one in left]
        if len(chosen) + 1 < most:
            options += combinations(left, 2)
        saved, price = (steps[-1].saved, steps[-1].price) if steps else (0.0, 0.0)
        tried = [(option, _worth(portfolio, (*chosen, *option), before, value)) for option in options]
        gains = [(_gain(worth.saved - saved, worth.price - price), at) for at, (_, worth) in enumerate(tried)]
        best = max(gains, default=(0.0, 0), key=lambda gain: (gain[0], -gain[1]))
        if best[0] <= 0:
            break
        chosen, worth = (*chosen, *tried[best[1]][0]), tried[best[1]][1]
        steps.append(worth)
    return tuple(steps)


def _worth(
    portfolio: Portfolio, chosen: tuple[Investment, ...], before: tuple[float, float], value: Value
) -> Worth:
    cost, days = value(with_investments(portfolio, chosen))
    price = sum(one.price for one in chosen)
    return Worth(tuple(one.code for one in chosen), price, before[0] - cost, before[1] - days)


def _rate(worth: Worth) -> float:
    return _gain(worth.saved, worth.price)


def _gain(saved: float, price: float) -> float:
    """Saved per money; what costs nothing comes before or after everything else, by its sign."""
    return saved / price if price > 0 else saved * 1e9
