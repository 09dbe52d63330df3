import json

RUN = {
    "database": "sqlite",
    "judging": {
        "sizes": [
            {
                "initiatives": 1000,
                "ms_per_initiative": 2.5,
                "queries": 40,
                "chunks": 2,
                "over_reading_the_documents": 14.0,
                "over_counting_in_sql": 1200.0,
            }
        ],
        "queries": "17 for each chunk of 500, and 6 beside",
        "growth": 1.0,
    },
    "list_of_100": {"ratio": 3.1},
    "pages": {
        "initiatives": 1000,
        "limit_ms": 100,
        "over_the_limit": ["/portfolio/map/"],
        "pages": [
            {
                "page": "/portfolio/map/",
                "ms": 104.2,
                "queries": 10,
                "over_bare_template": 31.4,
                "bytes": 38912,
            },
            {"page": "/", "ms": 55.0, "queries": 13, "over_bare_template": 20.0, "bytes": 33326},
        ],
    },
    "deep_page": {"row": 800, "ratio": 1.04},
    "search": {"ms": {"one of all": 2.31, "nothing": 1.96}},
    "history": {
        "sizes": [{"readings": 300000, "series_ms": 8.04, "judged_again_ms": 35.0, "posted_ms": 19.31}],
        "growth": {"series_ms": 1.02, "judged_again_ms": 0.98},
    },
    "what_if": {
        "initiatives": 200,
        "runs": 1000,
        "start_all": {"ms_per_run": 61.25, "ratio": 60.0},
        "capped": {"ms_per_run": 25.0, "ratio": 24.5},
    },
}


def test_figures_of_one_database_are_printed_though_the_other_failed(tool, monkeypatch, capsys):
    def run(database, _arguments):
        if database == "postgresql":
            raise bench.MeasuringFailed(database)
        return {"database": database}

    bench = tool("bench")
    monkeypatch.setattr(bench, "run", run)
    monkeypatch.setattr(bench, "missing", lambda _: "")
    monkeypatch.setattr("sys.argv", ["bench.py", "--quick"])
    assert bench.main() == 1
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "runs": [{"database": "sqlite"}],
        "left_out": {},
        "failed": ["postgresql"],
    }
    assert "Measuring on postgresql failed" in told.err


def test_the_table_says_what_was_measured_and_what_was_left_out(tool):
    lines = list(tool("bench").table([RUN], {"postgresql": "psycopg2 is not installed"}))
    assert lines == [
        "\nsqlite",
        "  judging   1,000: 2.50 ms each, 40 queries in 2 chunks, 14.0 x reading the documents, 1,200 x counting in SQL",
        "  queries: 17 for each chunk of 500, and 6 beside; time for each, largest over smallest: 1.00",
        "  list of 100: 3.10 x its floor",
        "  the page from row 800 on: 1.04 x the first page",
        "  search as one types: one of all 2.3 ms, nothing 2.0 ms",
        "  2 pages at 1,000 initiatives, 1 of them over 100 ms; the slowest:",
        "    /portfolio/map/: 104 ms, 10 queries, 31 x a bare template of 39 kB",
        "    /: 55 ms, 13 queries, 20 x a bare template of 33 kB",
        "  one initiative with    300,000 readings: its series 8.0 ms, judged again 35.0 ms, the next readings posted 19.3 ms",
        "  most readings over fewest: series 1.02, judged again 0.98",
        "  what-if of 200 initiatives, 1,000 runs: start all 61.2 ms a run, 60.0 x its floor, capped 25.0 ms a run, 24.5 x its floor",
        "\npostgresql was left out: psycopg2 is not installed.",
    ]


def test_quick_measures_at_a_few_and_otherwise_at_ten_thousand(tool):
    bench = tool("bench")
    assert bench.arguments("sqlite", quick=True, seed=7)[:6] == [
        "--sizes",
        "20",
        "60",
        "--seed",
        "7",
        "--rounds",
    ]
    assert bench.arguments("sqlite", quick=False, seed=1)[:4] == ["--sizes", "1000", "3000", "10000"]
    assert bench.arguments("sqlite", quick=False, seed=1)[-4:] == ["--what-if", "200", "1000", "--long-pack"]
    assert not {"--what-if", "--long-pack"} & set(bench.arguments("postgresql", quick=False, seed=1))


def test_the_time_for_all_of_it_is_bounded(tool):
    assert sum(tool("bench").SECONDS.values()) <= 270


def test_so_many_initiatives_are_measured_with_all_the_time_they_take(tool):
    asked = tool("bench").arguments("postgresql", quick=False, seed=1, initiatives=100_000)
    assert asked == ["--sizes", "10000", "100000", "--seed", "1", "--seconds", "inf", "--no-packs"]


def test_so_many_readings_are_measured_alone_when_they_are_asked_for(tool):
    bench = tool("bench")
    asked = bench.arguments("postgresql", quick=False, seed=1, readings=10_000_000)
    assert asked == ["--sizes", "100", "--seed", "1", "--only-readings", "--readings", "10000000"]
    alone = {"database": "postgresql", "history": RUN["history"]}
    assert [line[:16] for line in bench.table([alone], {})] == [
        "\npostgresql",
        "  one initiative",
        "  most readings ",
    ]
    everything = bench.arguments("postgresql", quick=False, seed=1)
    assert everything[everything.index("--readings") + 1] == "300000"
