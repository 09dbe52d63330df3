"""The words people read for every value, section and part of a dossier: one place for pages, forms and exports."""

from collections.abc import Iterable, Mapping

# One entry for each set of choices, called after its field, in the order in which people should read them.
CHOICES: Mapping[str, Mapping[str, str]] = {
    "archetype": {
        "genai_customer_facing": "Generative AI in front of customers",
        "ml_decisioning": "Machine learning in decisions",
        "agentic_automation": "Agentic automation",
        "internal_copilot": "Internal copilot",
        "forecasting": "Forecasting",
    },
    "horizon": {"H1": "H1: prove in a limited scope", "H2": "H2: expand coverage", "H3": "H3: full scale"},
    "lane": {"light": "Light", "standard": "Standard", "enhanced": "Enhanced"},
    "audience": {"internal": "People inside the organisation", "customer": "Customers"},
    "personal_data": {"none": "Nobody’s", "employees": "Employees’", "customers": "Customers’"},
    "classification": {
        "public": "Public",
        "internal": "Internal",
        "confidential": "Confidential",
        "restricted": "Restricted",
    },
    "state": {"planned": "Planned", "live": "Live", "paused": "Paused", "retired": "Retired"},
    "deployment_mode": {"advisory": "Advisory", "binding": "Binding"},
    "mode": {
        "information": "Information only",
        "advisory": "Advisory: a person decides",
        "default_with_override": "Default that a person may override",
        "binding": "Binding",
    },
    "kind": {
        "ai_output": "AI output",
        "change": "Changed decision, step or interaction",
        "operational_effect": "Operational effect",
        "outcome": "Business or risk outcome",
        "context": "Context outside the chain",
    },
    "subkind": {
        "decision": "A decision",
        "workflow_step": "A workflow step",
        "customer_interaction": "A customer interaction",
        "business": "A business outcome",
        "risk": "A risk outcome",
    },
    "sign": {"+": "More leads to more", "-": "More leads to less"},
    "strength": {
        "none": "No evidence yet",
        "expert": "Expert judgement",
        "prior_data": "Earlier data",
        "experiment": "An experiment",
    },
    "layer": {
        "outcome": "Outcome",
        "operational": "Operational",
        "counter": "Counter-metric",
        "model_health": "Model health",
    },
    "direction": {
        "higher_better": "Higher is better",
        "lower_better": "Lower is better",
        "within_band": "Within a band",
    },
    "method": {
        "ab_test": "A/B test",
        "before_after": "Before and after",
        "interrupted_time_series": "Interrupted time series",
        "matched_cohorts": "Matched cohorts",
        "stepped_wedge": "Stepped wedge",
    },
    "measure": {"proportion": "A share", "mean": "A mean", "count": "A count"},
    "tags": {
        "time_saved": "Time saved",
        "effort_elsewhere": "Effort elsewhere",
        "override_rate": "Override rate",
        "escalation_rate": "Escalation rate",
        "coverage": "Coverage",
        "evaluation": "Evaluation quality",
        "drift": "Drift",
        "decision_log_completeness": "Decision-log completeness",
        "reason_coverage": "Reason-code coverage",
        "exposure": "Exposure of the front line",
    },
    "responsibility": {
        "business_outcome": "Business outcome",
        "operation": "Operation",
        "on_call": "On-call",
        "incidents": "Incidents",
        "monitoring": "Monitoring",
        "model_health": "Model health",
        "data": "Data",
        "platform": "Platform",
        "risk": "Risk",
        "change": "Change",
    },
    "activity": {
        "monitoring": "Monitoring",
        "incidents": "Incidents",
        "updates_and_retraining": "Updates and retraining",
        "rollback": "Rollback",
        "override_policy": "Override policy",
    },
    "action": {"retrain": "Retrain", "roll_back": "Roll back", "restrict": "Restrict", "review": "Review"},
    "log_fields": {
        "case": "Case",
        "time": "Time",
        "model_version": "Model version",
        "inputs": "Inputs",
        "output": "Output",
        "actor": "Who acted",
        "final_decision": "Final decision",
        "override": "Override",
        "reason": "Reason",
    },
    "impact": {
        "decision_rights": "Decision rights",
        "workload": "Workload",
        "incentives": "Incentives",
        "obligations": "Obligations",
    },
    "extent": {"none": "None", "some": "Some", "large": "Large"},
    "resolution": {
        "open": "Still open",
        "kpi_changed": "The KPI is changed",
        "kpi_suspended": "The KPI is suspended",
        "counter_metric": "Tied to a counter-metric",
    },
    "obligation": {
        "monitoring": "Monitoring",
        "evaluation": "Evaluation",
        "retraining": "Retraining",
        "audit": "Audit",
        "incidents": "Incidents",
    },
    "lever": {"incentive": "Incentive", "usability": "Usability", "trust": "Trust", "training": "Training"},
    "dimension": {
        "decision_flow": "Decision flow",
        "accountability": "Accountability",
        "work_measurement": "How work is measured",
        "risk_management": "Risk management",
        "capacity_constraints": "Capacity and constraints",
    },
}
_BY_VALUES = {frozenset(words): words for words in CHOICES.values()}
# Values that stand in several sets read alike everywhere but here.
_ALONE = {"none": "None", "H1": "H1", "H2": "H2", "H3": "H3", "internal": "Internal"}

SECTIONS: Mapping[str, tuple[str, str]] = {
    "initiative": ("The initiative", "Who wants what, how far it may reach, and who carries it."),
    "outcome_chain": (
        "Outcome chain",
        "From AI output to changed work, to operational effect, to outcome.",
    ),
    "metrics": (
        "Metrics",
        "What is measured, from which baseline, and how an effect will be told from noise.",
    ),
    "operating_model": (
        "Operating model",
        "Who owns the running system, who decides, and how one gets back.",
    ),
    "risk_posture": ("Risk posture", "The harms we do not accept, and how fast we can stop."),
    "non_negotiables": ("Non-negotiables", "The controls that travel with every deployment."),
    "deployments": ("Deployments", "Each place where the AI runs for real."),
    "change_impact": ("Change impact", "What people must absorb, made visible before it becomes resistance."),
    "dependencies": ("Shared dependencies", "What this initiative waits for together with others."),
    "bottleneck_demand": ("Demand on shared functions", "Work that a shared function must do for it."),
    "trade_offs": ("Trade-offs", "We do this, and accept that, because of something, until something."),
}
# Where a section is read: the initiative's tab and the place on it.
SECTION_TABS: Mapping[str, str] = {
    "initiative": "",
    "outcome_chain": "chain/",
    "metrics": "measurement/",
    "operating_model": "operating-model/",
    "risk_posture": "risk/",
    "non_negotiables": "risk/#non-negotiables",
    "deployments": "risk/#deployments",
    "change_impact": "change/",
    "dependencies": "#dependencies",
    "bottleneck_demand": "#demand",
    "trade_offs": "alignment/",
}
PARTS: Mapping[str, str] = {
    "scope": "Scope",
    "nodes": "Steps of the chain",
    "links": "Links between steps",
    "owners": "Owners",
    "raci": "RACI",
    "rota": "On-call rota",
    "triggers": "Triggers for retraining and rollback",
    "decision_rights": "Decision rights",
    "harms": "Unacceptable harms",
    "oversight_rules": "Oversight rules",
    "severities": "Severities of incidents",
    "added": "Controls that executives added",
    "per_deployment": "Controls at each deployment",
    "groups": "Affected groups",
    "assessments": "The four impacts",
    "workload_shifts": "Workload by group and step",
    "incentive_conflicts": "Conflicts of incentive",
    "obligations": "New obligations",
    "training": "Training",
    "adoption_measures": "Adoption measures",
    "before_after": "Before and after",
    "bad_day": "Bad-day answers",
    "source": "Source of the number",
    "capture": "Capture in the workflow",
    "baseline": "Baseline",
    "target": "Claim",
    "limits": "Limits",
    "guards": "Claims it guards",
    "comparison": "Comparison plan",
    "leading": "Leading indicator",
}
GATES: Mapping[str, str] = {
    "outcome_chain": "Outcome chain",
    "measurement": "Measurement",
    "data_rights": "Data rights",
    "instrumentation": "Workflow instrumentation",
    "integration": "Integration",
    "governance": "Governance controls",
    "ownership": "Operational ownership",
    "endorsement": "Endorsement",
    "risk": "Risk and non-negotiables",
    "archetype": "Kind of AI",
    "change": "Change impact",
    "alignment": "Executive alignment",
    "portfolio": "Portfolio",
    "operation": "Continuous operation",
}


def choices_for(values: Iterable[str]) -> list[tuple[str, str]]:
    """The choices of one question with their words, in reading order."""
    wanted = list(values)
    known = _BY_VALUES.get(frozenset(wanted))
    return list(known.items()) if known is not None else [(value, plain(value)) for value in wanted]


def plain(value: str) -> str:
    """A value nobody wrote words for: better read than shown raw."""
    return value.replace("_", " ").replace("-", " ").strip().capitalize()


def word(value: object, kind: str = "") -> str:
    """The words of one value; `kind` names the set it belongs to, where several know it."""
    text = str(value)
    if text in CHOICES.get(kind, {}):
        return CHOICES[kind][text]
    if text in _ALONE:
        return _ALONE[text]
    return next((words[text] for words in CHOICES.values() if text in words), plain(text))


def gate_word(code: str) -> str:
    return GATES.get(code, plain(code))


def section_word(name: str) -> str:
    return SECTIONS[name][0] if name in SECTIONS else PARTS.get(name, plain(name))
