"""Queues in closed form against published figures, and the queue they describe against them."""

import random

import pytest

from portfolio.simulation import Unstable, mg1, mmc, waits_in_line

pytestmark = pytest.mark.unit


# SOURCE: analytic Erlang C; M/M/1 with ρ = .8 has L = 4 and W = 5, M/M/3 with a = 2 has C = 4/9.
@pytest.mark.parametrize(
    ("arrivals", "servers", "expected"),
    [
        (0.8, 1, [0.8, 0.8, 3.2, 4.0, 5.0, 4.0]),
        (1.6, 2, [0.8, 0.7111111111, 2.844444444, 1.777777778, 2.777777778, 4.444444444]),
        (2.0, 3, [0.6666666667, 0.4444444444, 0.8888888889, 0.4444444444, 1.444444444, 2.888888889]),
        (4.5, 5, [0.9, 0.7624932207, 6.862438987, 1.524986441, 2.524986441, 11.36243899]),
    ],
)
def test_mmc_is_erlang_c(arrivals, servers, expected):
    found = mmc(arrivals, 1.0, servers)
    told = [found.rho, found.wait_share, found.queue, found.wait, found.time, found.number]
    assert told == pytest.approx(expected, abs=1e-6)


# SOURCE: Pollaczek-Khinchine: constant service waits half as long as exponential service.
@pytest.mark.parametrize(("cv2", "wait"), [(0, 2.0), (1, 4.0), (0.25, 2.5)])
def test_mg1_is_pollaczek_khinchine(cv2, wait):
    assert mg1(0.8, 1.0, cv2).wait == pytest.approx(wait, abs=1e-9)


def test_mmc_holds_for_hundreds_of_servers():
    assert mmc(450.0, 1.0, 500).wait == pytest.approx(0.00021, rel=0.2)


def test_a_queue_that_grows_without_end_is_refused():
    with pytest.raises(Unstable, match="never served"):
        mmc(2.0, 1.0, 2)
    with pytest.raises(Unstable):
        mg1(1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="service is positive"):
        mmc(1.0, 0.0, 1)


@pytest.mark.parametrize(("arrivals", "servers"), [(0.8, 1), (1.6, 2), (2.0, 3)])
def test_a_long_line_waits_as_erlang_c_says(arrivals, servers):
    source = random.Random(5)
    count, now, times = 300_000, 0.0, []
    for _ in range(count):
        now += source.expovariate(arrivals)
        times.append(now)
    waits = waits_in_line(times, [source.expovariate(1.0) for _ in range(count)], servers)
    assert sum(waits) / count == pytest.approx(mmc(arrivals, 1.0, servers).wait, rel=0.06)


def test_a_line_with_constant_service_waits_as_pollaczek_khinchine_says():
    source = random.Random(7)
    now, times = 0.0, []
    for _ in range(200_000):
        now += source.expovariate(0.8)
        times.append(now)
    waits = waits_in_line(times, [1.0] * len(times), 1)
    assert sum(waits) / len(waits) == pytest.approx(2.0, rel=0.05)


def test_a_line_is_served_in_the_order_of_arrival():
    assert waits_in_line([0, 0, 1, 2], [5, 3, 1, 1], 2) == [0, 0, 2, 2]
