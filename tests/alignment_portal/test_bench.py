import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from alignment_portal import bench, bench_lists, bench_packs, bench_pages, bench_what_if
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit import triggers
from initiatives.models import Initiative
from initiatives.services.bulk import generate_portfolio
from metrics.models import Observation
from metrics.selectors import series_for

pytestmark = pytest.mark.django_db


def measured(*sizes):
    out = StringIO()
    call_command("measure", "--no-packs", "--rounds", "1", "--sizes", *map(str, sizes), stdout=out)
    return json.loads(out.getvalue())


def test_judging_takes_the_same_queries_at_every_size():
    found = measured(5, 12)
    judging = found["judging"]
    assert [(one["initiatives"], one["chunks"]) for one in judging["sizes"]] == [(5, 1), (12, 1)]
    assert judging["queries"] == f"the same at every size: {judging['sizes'][0]['queries']}"
    assert judging["left_out_for_lack_of_time"] == []
    pages = found["pages"]
    assert (pages["initiatives"], {one["page"] for one in pages["pages"]}) == (12, set(bench_pages.PAGES))
    assert [one["ms"] for one in pages["pages"]] == sorted(
        (one["ms"] for one in pages["pages"]), reverse=True
    )
    assert pages["over_the_limit"] == [one["page"] for one in pages["pages"] if one["ms"] > 100]
    for name in ("list_of_100", "post_1000_observations"):
        assert found[name]["ratio"] == pytest.approx(
            found[name]["portal_ms"] / found[name]["floor_ms"],
            rel=0.01,
            abs=0.006,  # told with two digits
        )


def test_a_ratio_is_what_its_two_times_come_to_however_short_they_are():
    found = bench.compared(0.000_251_4, 0.000_012_147)
    assert found == {"portal_ms": 0.2514, "floor_ms": 0.012147, "ratio": 20.7}
    assert found["portal_ms"] / found["floor_ms"] == pytest.approx(found["ratio"], abs=0.005)


def test_the_deepest_full_page_and_five_searches_are_timed():
    generate_portfolio(by=SYSTEM, initiatives=420, seed=1)
    found = bench_lists.measure(bench.open_executive(), 1)
    assert found["deep_page"]["row"] == 200  # of three pages of two hundred the last is not full
    assert found["deep_page"]["ratio"] > 0
    times = found["search"]["ms"]
    assert len(times) == 5
    assert found["search"]["over_the_limit"] == [name for name, ms in times.items() if ms > 5]


def test_of_a_short_list_the_first_page_is_the_deepest():
    generate_portfolio(by=SYSTEM, initiatives=3, seed=1)
    assert bench_lists.measure(bench.open_executive(), 1)["deep_page"]["row"] == 0


def test_a_portal_in_use_is_left_alone():
    measured(3)
    with pytest.raises(CommandError, match="holds initiatives"):
        call_command("measure", "--sizes", "5")
    assert Initiative.objects.count() == 3


def test_sizes_there_is_no_time_for_are_named():
    found = bench.judging([2, 100_000], seed=1, deadline=0)
    assert ([one["initiatives"] for one in found["sizes"]], found["left_out_for_lack_of_time"]) == (
        [2],
        [100_000],
    )


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([(1, 24), (2, 24)], "the same at every size: 24"),
        ([(2, 40), (6, 108), (20, 346)], "17 for each chunk of 500, and 6 beside"),
        ([(2, 40), (6, 108), (20, 400)], "differ otherwise than with the number of chunks"),
    ],
)
def test_the_number_of_queries_is_put_into_words(pairs, words):
    measured_at = [{"chunks": chunks, "queries": queries} for chunks, queries in pairs]
    assert bench.queries_in_words(measured_at) == words


def test_a_what_if_is_measured_against_a_bare_queue():
    found = bench_what_if.measure(initiatives=8, runs=3, seed=1)
    assert (found["initiatives"], found["runs"]) == (8, 3)
    for name in ("start_all", "capped"):
        timed = found[name]
        assert timed["ratio"] == pytest.approx(timed["portal_ms"] / timed["floor_ms"], rel=0.05, abs=0.006)
        assert timed["ms_per_run"] == pytest.approx(timed["portal_ms"] / 3, rel=0.01, abs=0.006)


def test_one_initiative_gets_many_readings_with_the_same_last_ones_at_every_size():
    out = StringIO()
    call_command(
        "measure", "--only-readings", "--readings", "20000", "--sizes", "3", "--rounds", "1", stdout=out
    )
    found = json.loads(out.getvalue())["history"]
    assert [one["readings"] for one in found["sizes"]] == [2000, 10_000, 20_000]
    assert (
        Observation.objects.filter(source="bench", recorded_at__year=2026, recorded_at__month=1).count()
        == 20_000
    )
    latest = Initiative.objects.latest("key")
    assert set(Observation.objects.values_list("metric__initiative__key", flat=True)) == {latest.key}
    kept = series_for([latest.key])[latest.key]
    assert len(kept) == found["metrics"] * found["deployments"]
    assert {len(series.readings) for series in kept} == {60}
    assert triggers.faults() == []


def test_a_pack_is_measured_in_parts_and_whole_and_leaves_nothing():
    found = bench_packs.measure(seed=1, initiatives=3, rounds=1, pays=(1,))
    parts = found["pack_in_parts"]
    assert parts["pages"] > 3
    assert parts["processor_ratio"] > 1  # a process had to be started
    assert parts["bytes_ratio"] > 1  # so the fonts are there twice
    assert found["pack_over_weasyprint"]["ratio"] > 0
    assert Initiative.objects.count() == 0
