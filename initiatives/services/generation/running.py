"""How a made-up initiative is run: its owners, its risks, its controls, its deployment."""

import datetime as dt
from typing import Any

from initiatives.services.generation.draw import Draw

RESPONSIBILITIES = (
    "business_outcome",
    "operation",
    "on_call",
    "incidents",
    "monitoring",
    "model_health",
    "data",
    "platform",
    "risk",
    "change",
)
ACTIVITIES = ("monitoring", "incidents", "updates_and_retraining", "rollback", "override_policy")
LOG_FIELDS = (
    "case",
    "time",
    "model_version",
    "inputs",
    "output",
    "actor",
    "final_decision",
    "override",
    "reason",
)


def operating_model(draw: Draw) -> dict[str, Any]:
    first, second = draw.doers[0], draw.doers[1]
    owners = [
        {
            "responsibility": name,
            "owner": first,
            "deputy": second if draw.has() else None,
            "accepted_on": draw.day(-3),
        }
        for name in RESPONSIBILITIES
    ]
    rota = [
        {"person": draw.doers[week % 2], "from_on": draw.day(week), "to_on": shift_end(draw, week)}
        for week in range(draw.random.choice((0, 4, 8)))
    ]
    decision = {
        "code": "main",
        "decision": f"What is done with {draw.unit}",
        "node": "use",
        "before": draw.performer,
        "after": draw.performer,
        "mode": "advisory",
        "accountable": draw.performer,
        "override_rule": "Whenever the case asks for it, with a reason.",
        "override_reasons": ["wrong facts", "special case"],
        "escalation_to": "Team lead",
        "escalation_hours": 4,
        "logged_in": "Case system",
    }
    return {
        "owners": draw.kept(owners),
        "raci": draw.kept(
            [{"activity": name, "accountable": [first], "responsible": [second]} for name in ACTIVITIES]
        ),
        "rota": rota,
        "rollback_procedure": "Switch suggestions off in the case system." if draw.has() else "",
        "fallback": "People work as before.",
        "triggers": draw.kept(
            [
                {
                    "code": "quality",
                    "condition": "Quality below its mark twice",
                    "threshold": "0.9",
                    "action": "retrain",
                }
            ]
        ),
        "decision_rights": draw.kept([decision]),
    }


def shift_end(draw: Draw, week: int) -> str:
    return (draw.launch + dt.timedelta(weeks=week, days=6)).isoformat()


def risk_posture(draw: Draw) -> dict[str, Any]:
    harm = {
        "code": "unfair",
        "description": "People are treated unfairly.",
        "detection": "Complaints and a monthly sample",
        "limit": "One confirmed case",
        "response": "Restrict at once, then find the cause.",
    }
    severities = [
        {
            "level": level,
            "description": f"Severity {level}",
            "notify": ["On call"],
            "within_minutes": 30 * level,
        }
        for level in (1, 2, 3)
    ]
    return {
        "harms": draw.kept([harm]),
        "oversight_rules": draw.kept(
            [{"code": "stop", "rule": "Any team lead may switch it off.", "who": "Team lead"}]
        ),
        "severities": severities if draw.has() else [],
        "playbook": "Incident playbook, page 2" if draw.has() else "",
        "restrict_minutes": 30,
        "rollback_minutes": 60 if draw.has() else None,
    }


def non_negotiables(draw: Draw) -> dict[str, Any]:
    controls = {
        "deployment": "first",
        "log_system": "Decision log",
        "log_fields": list(LOG_FIELDS if draw.has() else LOG_FIELDS[:4]),
        "log_retention_days": 730,
        "monitoring_owner": draw.doers[0],
        "monitoring_deputy": draw.doers[1] if draw.has() else None,
        "covered_by_incident_process": draw.has(),
        "rollback_procedure": "Switch it off.",
    }
    return {"per_deployment": draw.kept([controls])}


def deployments(draw: Draw) -> list[dict[str, Any]]:
    state = draw.random.choice(("planned", "planned", "live", "live", "paused"))
    return [
        {
            "code": "first",
            "title": f"{draw.site}, first team",
            "state": state,
            "horizon": draw.horizon,
            "live_from": draw.day(0) if state != "planned" else None,
            "categories": ["standard"],
            "volume_share": round(draw.random.uniform(0.01, 0.2), 3),
            "model_version": "1.0",
        }
    ]
