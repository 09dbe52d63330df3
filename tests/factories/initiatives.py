"""Dossiers to start a test from: the smallest one, and one in which every part holds something."""

import copy

OWNER = "priya@example.org"
SPONSOR = "eleanor@example.org"
TEAM = "callum@example.org"
DEPUTY = "deputy@example.org"


def small_document(key="AI-0001", **initiative):
    """The smallest document that is a dossier."""
    return {
        "schema": "dossier/1",
        "initiative": {
            "key": key,
            "title": "Support assistant",
            "archetype": "genai_customer_facing",
            "owner": OWNER,
            **initiative,
        },
    }


def full_document(key="AI-0001", **initiative):
    """A document in which every list has at least one row."""
    document = copy.deepcopy(FULL)
    document["initiative"] |= {"key": key, **initiative}
    return document


METRIC = {
    "code": "handling-time",
    "title": "Handling time",
    "layer": "operational",
    "unit": "minutes per ticket",
    "direction": "lower_better",
    "node": "faster",
    "owner": TEAM,
    "cadence_days": 7,
    "monitored": True,
    "tags": ["time_saved"],
    "baseline": {
        "value": 11.8,
        "spread": 6.2,
        "sample_size": 8412,
        "period_start": "2026-01-05",
        "period_end": "2026-02-01",
        "extracted_by": TEAM,
        "extracted_on": "2026-02-02",
    },
    "target": {"effect": -1.3, "by_on": "2026-06-30", "path": ["edits", "faster"]},
    "comparison": {
        "method": "ab_test",
        "start_on": "2026-03-02",
        "end_on": "2026-04-12",
        "sample_per_arm": 8400,
    },
}
COUNTER = {
    "code": "repeat-contact",
    "title": "Repeat contact within 7 days",
    "layer": "counter",
    "unit": "share of tickets",
    "direction": "lower_better",
    "node": "faster",
    "limits": {"margin": 0.01, "limit": 0.14, "set_on": "2026-02-10"},
    "guards": [{"metric": "handling-time", "gaming": "Unfinished answers bring the customer back."}],
}
OPERATING_MODEL = {
    "owners": [{"responsibility": "on_call", "owner": TEAM, "deputy": DEPUTY, "accepted_on": "2026-02-01"}],
    "raci": [{"activity": "monitoring", "accountable": [TEAM], "responsible": [DEPUTY], "informed": [OWNER]}],
    "rota": [{"person": TEAM, "from_on": "2026-03-02", "to_on": "2026-03-08", "deployment": "leeds"}],
    "triggers": [{"code": "drifted", "metric": "handling-time", "threshold": "14", "action": "roll_back"}],
    "decision_rights": [
        {
            "code": "answer",
            "decision": "What the customer is told",
            "node": "edits",
            "before": "Agent",
            "after": "Agent",
            "override_reasons": ["wrong policy", "wrong tone"],
            "escalation_hours": 4,
        }
    ],
}
CHANGE_IMPACT = {
    "groups": [{"code": "agents", "name": "Agents", "headcount": 140, "frontline": True, "lead": DEPUTY}],
    "assessments": [{"impact": "workload", "extent": "some", "summary": "Less typing, more checking."}],
    "workload_shifts": [
        {
            "code": "typing",
            "group": "agents",
            "step": "Write the answer",
            "minutes_per_case": -1.5,
            "low_minutes": -2,
            "high_minutes": -0.5,
            "cases_per_week": 8400,
            "confirmed_by": DEPUTY,
        }
    ],
    "incentive_conflicts": [
        {
            "code": "speed",
            "group": "agents",
            "kpi": "Answers per hour",
            "rating": -2,
            "resolution": "counter_metric",
            "counter_metric": "repeat-contact",
            "owner": DEPUTY,
        }
    ],
    "obligations": [
        {"code": "watch", "kind": "monitoring", "owner": TEAM, "hours_per_month": 8, "budget": 0}
    ],
    "training": [{"code": "wave-1", "group": "agents", "hours_per_person": 2, "starts_on": "2026-02-23"}],
    "adoption_measures": [
        {"code": "shortcuts", "lever": "usability", "description": "One key sends a draft."}
    ],
    "before_after": [
        {"dimension": "decision_flow", "before": "Agent writes", "after": "Agent edits", "magnitude": 2}
    ],
    "bad_day": [{"group": "agents", "answer": "It finds the policy for me.", "answered_by": DEPUTY}],
}
FULL = {
    "schema": "dossier/1",
    "initiative": {
        "key": "AI-0001",
        "title": "Support assistant",
        "archetype": "genai_customer_facing",
        "owner": OWNER,
        "sponsor": SPONSOR,
        "team": [TEAM],
        "cluster": "contact-centre",
        "scope": {"categories": ["returns"], "volume_share_limit": 0.1, "people_affected": 140},
        "planned_launch_on": "2026-03-02",
    },
    "outcome_chain": {
        "nodes": [
            {"code": "draft", "kind": "ai_output", "title": "Drafted answer"},
            {
                "code": "edits",
                "kind": "change",
                "subkind": "customer_interaction",
                "title": "Agent edits and sends",
                "performer": "Agent",
                "difference": "Starts from the draft.",
            },
            {"code": "faster", "kind": "operational_effect", "title": "Shorter handling"},
            {"code": "cost", "kind": "outcome", "subkind": "business", "title": "Lower cost to serve"},
        ],
        "links": [
            {"from": "draft", "to": "edits", "mechanism": "Shown in the ticket."},
            {"from": "edits", "to": "faster", "mechanism": "Less typing."},
            {"from": "faster", "to": "cost", "mechanism": "Hours are cost.", "lag_days": 30},
        ],
    },
    "metrics": [METRIC, COUNTER],
    "operating_model": OPERATING_MODEL,
    "risk_posture": {
        "harms": [
            {"code": "wrong-promise", "description": "A promise we cannot keep.", "metric": "repeat-contact"}
        ],
        "oversight_rules": [{"code": "stop", "rule": "Any team lead may switch it off.", "who": "Team lead"}],
        "severities": [
            {"level": 1, "description": "Customer harmed", "notify": ["On call"], "within_minutes": 15}
        ],
        "restrict_minutes": 30,
        "rollback_minutes": 60,
    },
    "non_negotiables": {
        "added": [{"code": "red-team", "title": "Red-team exercise", "added_by": SPONSOR}],
        "per_deployment": [
            {
                "deployment": "leeds",
                "log_system": "Ticket log",
                "log_fields": ["case", "time", "output"],
                "monitoring_owner": TEAM,
                "monitoring_deputy": DEPUTY,
                "covered_by_incident_process": True,
            }
        ],
    },
    "deployments": [
        {"code": "leeds", "title": "Contact centre Leeds", "state": "live", "live_from": "2026-03-02"}
    ],
    "change_impact": CHANGE_IMPACT,
    "dependencies": [{"code": "decision-log", "needed_for": "governance", "needed_by": "2026-02-20"}],
    "bottleneck_demand": [
        {"bottleneck": "legal", "gate": "data_rights", "days_low": 4, "days_likely": 8, "days_high": 12}
    ],
    "trade_offs": [{"code": "log-first", "choose": "log first", "accept": "five weeks later"}],
}
PEOPLE = (OWNER, SPONSOR, TEAM, DEPUTY)
