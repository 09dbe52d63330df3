"""What a made-up initiative claims: its first section, its chain and its metrics."""

import itertools
from typing import Any

from initiatives.services.generation.draw import Draw

CLUSTERS = ("service", "lending", "claims", "supply", "back-office")
METHODS = ("ab_test", "interrupted_time_series", "matched_cohorts", "stepped_wedge", "before_after")


def initiative(draw: Draw, key: str) -> dict[str, Any]:
    return {
        "key": key,
        "title": f"{draw.theme}, {draw.site} {draw.number}",
        "archetype": draw.archetype,
        "owner": draw.random.choice(list(draw.cast.managers)),
        "sponsor": draw.random.choice(list(draw.cast.sponsors)),
        "summary": f"{draw.performer}s in {draw.site} start from a suggestion. Made up for trying the portal.",
        "horizon": draw.horizon,
        "cluster": draw.random.choice(CLUSTERS),
        "team": draw.doers[:2],
        "scope": {
            "description": f"{draw.unit.capitalize()} of two named kinds; everything else goes to a person.",
            "categories": ["standard", "repeat"],
            "volume_share_limit": {"H1": 0.1, "H2": 0.5, "H3": 1}[draw.horizon],
            "people_affected": draw.random.randrange(20, 400),
            "audience": "customer" if draw.archetype == "genai_customer_facing" else "internal",
            "personal_data": draw.random.choice(("none", "employees", "customers")),
        },
        "learning_question": f"Do {draw.performer.lower()}s accept suggestions without more rework?",
        "planned_launch_on": draw.launch.isoformat(),
    }


def chain(draw: Draw) -> dict[str, Any]:
    nodes = [
        {"code": "suggestion", "kind": "ai_output", "title": "Suggestion"},
        {
            "code": "use",
            "kind": "change",
            "subkind": draw.subkind,
            "title": f"{draw.performer} works from it",
            "performer": draw.performer if draw.has() else "",
            "difference": "Starts from the suggestion and records why when deviating." if draw.has() else "",
        },
        {"code": "time", "kind": "operational_effect", "title": f"Less time for {draw.unit}"},
        {"code": "cost", "kind": "outcome", "subkind": "business", "title": "Lower cost"},
    ]
    steps = ["suggestion", "use", "time", "cost"]
    if draw.care < 0.5 and draw.random.random() < 0.5:  # noqa: PLR2004 — a careless chain may leave out the people
        steps.remove("use")
    links = [
        {
            "from": start,
            "to": end,
            "mechanism": "As observed in the pilot." if draw.has() else "",
            "lag_days": 14,
        }
        for start, end in itertools.pairwise(steps)
    ]
    return {"nodes": nodes, "links": links}


def metrics(draw: Draw) -> list[dict[str, Any]]:
    value = round(draw.random.uniform(4, 40), 1)
    claimed = {
        "code": "minutes",
        "title": f"Minutes per case of {draw.unit}",
        "layer": "operational",
        "unit": "minutes",
        "direction": "lower_better",
        "node": "time",
        "owner": draw.doers[0],
        "cadence_days": 7,
        "monitored": True,
        "headline": True,
        "tags": ["time_saved"],
        "target": {"effect": round(-value * draw.random.uniform(0.05, 0.2), 2), "by_on": draw.day(26)},
        "baseline": baseline(draw, value) if draw.has() else None,
        "comparison": comparison(draw) if draw.has() else None,
    }
    health = watched(
        draw,
        "quality",
        "Suggestion quality",
        layer="model_health",
        node="suggestion",
        unit="share",
        tags=("evaluation",),
    )
    cost = watched(draw, "unit-cost", "Cost per case", layer="outcome", node="cost", unit="euro")
    override = watched(
        draw,
        "override",
        "Suggestions overridden",
        layer="operational",
        node="use",
        unit="share",
        tags=("override_rate",),
    )
    rework = {
        **watched(
            draw,
            "rework",
            "Cases worked on again",
            layer="counter",
            node="time",
            unit="share",
            tags=("effort_elsewhere",),
        ),
        "limits": {"margin": 0.01, "limit": 0.15, "set_on": draw.day(-6)},
        "guards": [{"metric": "minutes", "gaming": "Hasty cases come back."}],
    }
    return [claimed, *draw.kept([health, cost, override, rework])]


def watched(
    draw: Draw, code: str, title: str, *, layer: str, node: str, unit: str, tags: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "layer": layer,
        "unit": unit,
        "direction": "higher_better" if layer == "model_health" else "lower_better",
        "node": node,
        "owner": draw.doers[1],
        "cadence_days": 7,
        "monitored": True,
        "tags": list(tags),
        "source": {"system": "Case system", "query": f"{code}_week"},
    }


def baseline(draw: Draw, value: float) -> dict[str, Any]:
    return {
        "value": value,
        "spread": round(value / 2, 2),
        "sample_size": draw.random.randrange(400, 9000),
        "period_start": draw.day(-10),
        "period_end": draw.day(-4),
        "source_query": "minutes_week",
        "extracted_by": draw.doers[0],
        "extracted_on": draw.day(-3),
    }


def comparison(draw: Draw) -> dict[str, Any]:
    return {
        "method": draw.random.choice(METHODS),
        "unit_of_analysis": draw.unit,
        "start_on": draw.day(0),
        "end_on": draw.day(8),
        "analysed_by": draw.doers[2],
        "frozen_on": draw.day(-1),
        "sample_per_arm": draw.random.randrange(200, 12000),
        "launch_on": draw.day(0),
    }
