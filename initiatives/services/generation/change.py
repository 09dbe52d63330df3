"""What a made-up initiative asks of people and of shared functions."""

from typing import Any

from initiatives.services.generation.draw import Draw

BOTTLENECKS = ("legal", "security", "data-engineering", "model-risk", "change")


def change_impact(draw: Draw) -> dict[str, Any]:
    saved, added = -round(draw.random.uniform(1, 9), 1), round(draw.random.uniform(0, 6), 1)
    shift = {
        "group": "doers",
        "cases_per_week": draw.random.randrange(50, 900),
        "confirmed_by": draw.doers[3],
    }
    return {
        "groups": [
            {
                "code": "doers",
                "name": f"{draw.performer}s in {draw.site}",
                "headcount": draw.random.randrange(5, 160),
                "frontline": True,
                "lead": draw.doers[3],
                "adoption_hours": draw.random.choice((2, 4, 8)),
                "go_live_on": draw.day(0),
            }
        ],
        "assessments": draw.kept(
            [
                {"impact": name, "extent": "some", "summary": "Worked through with the team."}
                for name in ("decision_rights", "workload", "incentives", "obligations")
            ]
        ),
        "workload_shifts": [
            {"code": "saved", "step": "Do the case", "minutes_per_case": saved, **shift},
            *draw.kept(
                [{"code": "added", "step": "Check the suggestion", "minutes_per_case": added, **shift}]
            ),
        ],
        "incentive_conflicts": draw.kept(
            [
                {
                    "code": "speed",
                    "group": "doers",
                    "kpi": "Cases per hour",
                    "rating": -1,
                    "owner": draw.doers[3],
                }
            ]
        ),
        "obligations": draw.kept(
            [
                {
                    "code": name,
                    "kind": name,
                    "owner": draw.doers[0],
                    "hours_per_month": 8,
                    "budget": 12000,
                }
                for name in ("monitoring", "evaluation", "retraining", "audit", "incidents")
            ]
        ),
        "training": [{"code": "wave", "group": "doers", "hours_per_person": 2, "starts_on": draw.day(-1)}],
        "adoption_measures": draw.kept(
            [
                {"code": name, "lever": name, "description": f"What is done about {name}."}
                for name in ("trust", "usability")
            ]
        ),
        "before_after": draw.kept(
            [
                {"dimension": name, "before": "As it was", "after": "With suggestions", "magnitude": 2}
                for name in (
                    "decision_flow",
                    "accountability",
                    "work_measurement",
                    "risk_management",
                    "capacity_constraints",
                )
            ]
        ),
        "bad_day": draw.kept(
            [{"group": "doers", "answer": "It finds the file.", "answered_by": draw.doers[3]}]
        ),
    }


def demand(draw: Draw) -> list[dict[str, Any]]:
    return [
        {
            "bottleneck": name,
            "gate": "governance",
            "days_low": low,
            "days_likely": 2 * low,
            "days_high": 3 * low,
        }
        for name in BOTTLENECKS
        if draw.has() and (low := draw.random.randrange(2, 9))
    ]
