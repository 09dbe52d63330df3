"""A whole dossier as a document, for each kind of AI: the smallest that leaves nothing open."""

from functools import cache

import msgspec

from initiatives.dossier.document import Dossier

DOMAIN = "@alder.example"


def at(name):
    return name + DOMAIN


WEEKLY = {"cadence_days": 7, "monitored": True, "owner": at("olga.operations")}
CAPTURE = {"system": "Case screen", "first_record_on": "2026-01-12", "coverage": 0.985, "sample_size": 400}


def metric(code, title, layer, scale, node, **more):
    unit, direction = scale
    return {
        "code": code,
        "title": title,
        "layer": layer,
        "unit": unit,
        "direction": direction,
        "node": node,
        "source": {"system": "Warehouse", "query": f"{code}_weekly"},
        **({"capture": {**CAPTURE, "field": code}} if layer == "operational" else {}),
        **more,
    }


def counter(code, title, gaming):
    return metric(
        code,
        title,
        "counter",
        ("share of cases", "lower_better"),
        "effect",
        numerator=f"cases with {code}",
        denominator="cases",
        baseline={**BASELINE, "value": 0.12, "spread": 0.32},
        limits={
            "margin": 0.01,
            "limit": 0.15,
            "amber": 0.14,
            "margin_reason": "Yearly swing",
            "set_on": "2026-03-12",
        },
        guards=[{"metric": "handling-time", "gaming": gaming}],
        **WEEKLY,
    )


BASELINE = {
    "value": 11.8,
    "spread": 6.2,
    "sample_size": 16800,
    "period_start": "2026-01-05",
    "period_end": "2026-03-22",
    "business_cycle_days": 28,
    "source_query": "handling_time_weekly",
    "extracted_by": at("dina.data"),
    "extracted_on": "2026-03-24",
}
PLAN = {
    "method": "ab_test",
    "measure": "mean",
    "unit_of_analysis": "case",
    "population": "All cases in scope",
    "exclusions": "Cases of children: another desk decides them",
    "start_on": "2026-03-30",
    "end_on": "2026-06-07",
    "analysed_by": at("rita.risk"),
    "frozen_on": "2026-03-25",
    "sample_per_arm": 20000,
    "unit_of_randomisation": "case",
    "ratio": 1.0,
    "assignment_log": "Assignment table",
    "intention_to_treat": "By assignment, whatever was used",
}


def chain():
    steps = [
        {"code": "output", "kind": "ai_output", "title": "Proposal with reasons"},
        {
            "code": "change",
            "kind": "change",
            "subkind": "decision",
            "title": "Clerk decides on the case",
            "performer": "Clerk",
            "difference": "Starts from the proposal and records a reason when deviating.",
        },
        {"code": "effect", "kind": "operational_effect", "title": "Cases take less time"},
        {"code": "cost", "kind": "outcome", "subkind": "business", "title": "Lower cost to serve"},
        {"code": "loss", "kind": "outcome", "subkind": "risk", "title": "Losses do not rise"},
    ]
    ways = [
        ("output", "change", 0),
        ("change", "effect", 14),
        ("effect", "cost", 30),
        ("effect", "loss", 200),
    ]
    links = [
        {
            "from": a,
            "to": b,
            "mechanism": "Fewer look-ups",
            "assumption": "Time is not spent on checking",
            "lag_days": d,
        }
        for a, b, d in ways
    ]
    return {"nodes": steps, "links": links}


def metrics():
    return [
        metric(
            "stability",
            "Population stability",
            "model_health",
            ("PSI", "lower_better"),
            "output",
            tags=["drift"],
            limits={"limit": 0.25, "amber": 0.1, "set_on": "2026-03-01"},
            **WEEKLY,
        ),
        metric(
            "coverage",
            "Share of cases with a proposal",
            "model_health",
            ("share of cases", "higher_better"),
            "output",
            tags=["coverage"],
            limits={"limit": 0.8, "amber": 0.85, "set_on": "2026-03-01"},
            **WEEKLY,
        ),
        metric(
            "evaluation",
            "Share of the evaluation set passed",
            "model_health",
            ("share of cases", "higher_better"),
            "output",
            tags=["evaluation"],
            limits={"limit": 0.9, "amber": 0.92, "set_on": "2026-03-01"},
            **WEEKLY,
        ),
        metric(
            "override-rate",
            "Share of proposals overridden",
            "operational",
            ("share of cases", "within_band"),
            "change",
            tags=["override_rate"],
            **WEEKLY,
        ),
        metric(
            "escalation-rate",
            "Share of cases escalated",
            "operational",
            ("share of cases", "lower_better"),
            "change",
            tags=["escalation_rate"],
            **WEEKLY,
        ),
        metric(
            "reason-coverage",
            "Overrides with a reason",
            "operational",
            ("share of overrides", "higher_better"),
            "change",
            tags=["reason_coverage"],
            limits={"limit": 0.95, "set_on": "2026-03-01"},
            **WEEKLY,
        ),
        metric(
            "log-completeness",
            "Decision log completeness",
            "operational",
            ("share of cases", "higher_better"),
            "change",
            tags=["decision_log_completeness"],
            limits={"limit": 0.98, "set_on": "2026-03-01"},
            **WEEKLY,
        ),
        metric(
            "exposure",
            "Proposals looked at",
            "operational",
            ("share of proposals", "higher_better"),
            "change",
            tags=["exposure"],
            **WEEKLY,
        ),
        metric(
            "checking-time",
            "Time spent checking",
            "operational",
            ("minutes per case", "lower_better"),
            "change",
            tags=["effort_elsewhere"],
            **WEEKLY,
        ),
        metric(
            "handling-time",
            "Handling time",
            "operational",
            ("minutes per case", "lower_better"),
            "effect",
            tags=["time_saved"],
            headline=True,
            baseline=BASELINE,
            comparison=PLAN,
            target={"effect": -1.3, "by_on": "2026-06-30", "path": ["output", "change", "effect", "cost"]},
            **WEEKLY,
        ),
        metric(
            "cost-to-serve",
            "Cost to serve",
            "outcome",
            ("euro per case", "lower_better"),
            "cost",
            owner=at("fay.finance"),
            cadence_days=30,
        ),
        metric(
            "loss-rate",
            "Twelve-month loss rate",
            "outcome",
            ("share of balance", "lower_better"),
            "loss",
            owner=at("rita.risk"),
            cadence_days=30,
            leading={
                "metric": "repeat-contact",
                "vintages": [[n / 10, n / 20 + (n % 3) / 100] for n in range(10, 26)],
                "outcome_read_on": "2027-05-31",
            },
        ),
        counter("repeat-contact", "Repeat contact within seven days", "Closing cases unsolved is quick"),
        counter("complaints", "Complaints", "Short answers draw complaints"),
    ]


def operating_model():
    duties = [
        ("business_outcome", "bella.business"),
        ("operation", "olga.operations"),
        ("on_call", "tim.technology"),
        ("incidents", "olga.operations"),
        ("monitoring", "moe.model"),
        ("model_health", "moe.model"),
        ("data", "dina.data"),
        ("platform", "tim.technology"),
        ("risk", "rita.risk"),
        ("change", "carl.change"),
    ]
    activities = ["monitoring", "incidents", "updates_and_retraining", "rollback", "override_policy"]
    return {
        "owners": [
            {"responsibility": r, "owner": at(who), "deputy": at("dora.deputy"), "accepted_on": "2026-03-10"}
            for r, who in duties
        ],
        "raci": [
            {"activity": a, "accountable": [at("olga.operations")], "responsible": [at("tim.technology")]}
            for a in activities
        ],
        "rota": [{"person": at("tim.technology"), "from_on": "2026-06-01", "to_on": "2026-09-30"}],
        "support_hours": "07:00 to 20:00",
        "support_route": "Desk, then on-call phone",
        "rollback_procedure": "Switch the flag off",
        "fallback": "Work from the file",
        "max_latency_ms": 800,
        "triggers": [
            {
                "code": "retrain",
                "metric": "stability",
                "condition": "PSI above the threshold twice",
                "threshold": "0.25",
                "action": "retrain",
            },
            {
                "code": "back",
                "metric": "repeat-contact",
                "condition": "Repeat contact above its limit",
                "threshold": "15 %",
                "action": "roll_back",
            },
        ],
        "decision_rights": [
            {
                "code": "case",
                "decision": "Outcome of a case",
                "node": "change",
                "before": "Clerk",
                "after": "Clerk",
                "mode": "advisory",
                "accountable": "Clerk",
                "override_rule": "Any clerk may deviate with a reason",
                "override_reasons": ["wrong data", "special case"],
                "second_look": "Large deviations, same day",
                "escalation_to": "Team lead",
                "escalation_hours": 4,
                "override_consequence": "None with a reason",
                "logged_in": "Decision log",
            }
        ],
    }


def risk():
    posture = {
        "harms": [
            {
                "code": "unexplained",
                "description": "A customer is refused and cannot be told why",
                "detection": "Weekly sample",
                "limit": "None",
                "response": "Stop and review",
            }
        ],
        "oversight_rules": [{"code": "stop", "rule": "May switch it off without asking", "who": "Duty lead"}],
        "severities": [
            {"level": level, "description": words, "notify": ["Duty lead"], "within_minutes": 30 * level}
            for level, words in ((1, "People harmed"), (2, "Wrong proposals used"))
        ],
        "playbook": "Runbook 12",
        "restrict_minutes": 15,
        "rollback_minutes": 60,
        "restricted_mode": "Proposals for small cases only",
    }
    fields = [
        "case",
        "time",
        "model_version",
        "inputs",
        "output",
        "actor",
        "final_decision",
        "override",
        "reason",
    ]
    controls = {
        "deployment": "leeds",
        "log_system": "Decision log",
        "log_fields": fields,
        "log_retention_days": 2555,
        "monitoring_owner": at("moe.model"),
        "monitoring_deputy": at("tim.technology"),
        "incident_contact": "On-call phone",
        "covered_by_incident_process": True,
        "rollback_procedure": "Flag per team",
    }
    added = [
        {"code": "second-look", "title": "Second look at large deviations", "added_by": at("bella.business")}
    ]
    return posture, {"added": added, "per_deployment": [controls]}


def change_impact():
    confirmed = {"confirmed_by": at("lou.lead"), "confirmed_on": "2026-03-16"}
    return {
        "groups": [
            {
                "code": "clerks",
                "name": "Clerks",
                "headcount": 62,
                "frontline": True,
                "lead": at("lou.lead"),
                "adoption_hours": 4,
                "go_live_on": "2026-03-30",
            }
        ],
        "assessments": [
            {"impact": i, "extent": "some", "summary": f"What changes in {i}"}
            for i in ("decision_rights", "workload", "incentives", "obligations")
        ],
        "workload_shifts": [
            {
                "code": "look-ups",
                "group": "clerks",
                "step": "Look up",
                "minutes_per_case": -9,
                "cases_per_week": 1450,
                "exposed_share": 0.9,
                **confirmed,
            },
            {
                "code": "reasons",
                "group": "clerks",
                "step": "Give a reason",
                "minutes_per_case": 2.5,
                "cases_per_week": 1450,
                "exposed_share": 0.9,
                **confirmed,
            },
        ],
        "incentive_conflicts": [
            {
                "code": "speed",
                "group": "clerks",
                "kpi": "Cases per day",
                "behaviour": "Accept by default",
                "rating": -2,
                "resolution": "counter_metric",
                "counter_metric": "repeat-contact",
                "owner": at("olga.operations"),
                "resolved_on": "2026-03-20",
            }
        ],
        "obligations": [
            {
                "code": k,
                "kind": k,
                "owner": at("olga.operations"),
                "hours_per_month": 40,
                "budget": 20000,
                "funded_until": "2027-06-30",
            }
            for k in ("monitoring", "evaluation", "retraining", "audit", "incidents")
        ],
        "training": [{"code": "screen", "group": "clerks", "hours_per_person": 3}],
        "adoption_measures": [
            {"code": "beside", "lever": "usability", "description": "Reasons stand beside the file"},
            {"code": "weekly", "lever": "trust", "description": "Right overrides are shown each week"},
        ],
        "before_after": [
            {
                "dimension": d,
                "before": "As it was",
                "after": "As it will be",
                "magnitude": 2,
                "confirmed_by": at("lou.lead"),
            }
            for d in (
                "decision_flow",
                "accountability",
                "work_measurement",
                "risk_management",
                "capacity_constraints",
            )
        ],
        "bad_day": [
            {
                "group": "clerks",
                "answer": "It saves three look-ups even when I disagree.",
                "answered_by": at("lou.lead"),
                "answered_on": "2026-03-18",
            }
        ],
    }


def document(archetype="ml_decisioning"):
    posture, non_negotiables = risk()
    return {
        "schema": "dossier/1",
        "initiative": {
            "key": "AI-0001",
            "title": "Case support",
            "archetype": archetype,
            "owner": at("pam.manager"),
            "sponsor": at("bella.business"),
            "summary": "Proposes, the clerk decides.",
            "horizon": "H1",
            "scope": {
                "description": "Small cases",
                "categories": ["small cases"],
                "volume_share_limit": 0.1,
                "people_affected": 62,
                "audience": "customer",
                "personal_data": "customers",
                "everything_else_to": "The clerk's normal queue",
            },
            "decision_sought": "Extend to all teams",
            "planned_launch_on": "2026-03-30",
            "learning_question": "Do clerks use it?",
            "learning_ends_on": "2026-06-21",
        },
        "outcome_chain": chain(),
        "metrics": metrics(),
        "operating_model": operating_model(),
        "risk_posture": posture,
        "non_negotiables": non_negotiables,
        "deployments": [
            {
                "code": "leeds",
                "title": "Leeds team",
                "state": "live",
                "horizon": "H1",
                "mode": "advisory",
                "live_from": "2026-03-30",
                "categories": ["small cases"],
                "volume_share": 0.09,
                "model_version": "3.2",
            }
        ],
        "change_impact": change_impact(),
        "dependencies": [
            {"code": "decision-log", "needed_for": "Governance controls", "needed_by": "2026-03-30"}
        ],
        "bottleneck_demand": [
            {"bottleneck": "legal", "gate": "data_rights", "days_low": 8, "days_likely": 12, "days_high": 16}
        ],
        "trade_offs": [
            {
                "code": "log-first",
                "choose": "We build the log first",
                "accept": "that the release is five weeks later",
                "because": "nothing can be shown without it",
            }
        ],
    }


@cache
def dossier(archetype="ml_decisioning"):
    return msgspec.convert(document(archetype), Dossier)
