"""A small policy, so that a test can bring an initiative to any verdict with a handful of evidence.

`DR-01` and `GC-01` are blockers of two endorsed gates, `ME-01` a limiter, `ME-12` readiness, `CO-01` a suspender.
"""

from gates.models import PolicyVersion
from gates.services.policies import adopt_policy, propose_policy
from tests.people import actor

HEAD = """
version = "{version}"
title = "A small policy"
effective_from = 2026-01-01
notice_days = [30, 14, 7, 1]

[lanes]
enhanced_archetypes = ["ml_decisioning"]
enhanced_modes = ["binding"]
light_audience = "internal"
light_modes = ["information", "advisory"]
light_people_at_most = 50

[[horizons]]
code = "H1"
title = "Prove"
volume_share_at_most = 0.10
modes = ["information", "advisory"]
clean_weeks = 8

[waivers]
days_at_most = 30
renewals_at_most = 1
never = ["GC-01"]

[learning]
weeks_at_most = 12

[[kinds]]
code = "document"
title = "Document"
demonstrates = true
"""
GATE = """
[[gates]]
code = "{code}"
title = "{title}"
question = "Is it so?"
answers = "run"
owner_role = "{owner_role}"
reviewer_function = "{reviewer}"
also_reviewed_by = ["data"]
endorser_function = "risk"
endorsed = {endorsed}
waivable = {waivable}
"""
RULE = """
[[rules]]
code = "{code}"
gate = "{gate}"
severity = "{severity}"
waiver = "{waiver}"
question = "Is it so?"
title = "It is so"
why = "Because it has to be."
remedy = "Submit what shows it."
good = "A document."
default_owner = "owner"
check = "evidence.accepted"
[rules.params]
kinds = ["document"]
fresh_days = {fresh_days}
"""
ENDORSED = """
[[rules]]
code = "G0-01"
gate = "endorsement"
severity = "blocker"
title = "Every gate is endorsed"
why = "Somebody has to stand behind it."
remedy = "Have an executive endorse {what}."
good = "Endorsed on 3 June."
default_owner = "sponsor"
check = "endorsement.gates_are_endorsed"
"""
GATES = (
    ("data_rights", "Data rights", "data", "legal", "true", "true"),
    ("governance", "Governance", "risk", "risk", "true", "false"),
    ("endorsement", "Endorsement", "sponsor", "risk", "false", "false"),
    ("measurement", "Measurement", "owner", "data", "false", "true"),
    ("operation", "Operation", "operation", "risk", "false", "false"),
)
RULES = (
    ("DR-01", "data_rights", "blocker", "h1_exec", 365),
    ("GC-01", "governance", "blocker", "none", 180),
    ("ME-01", "measurement", "limiter", "exec", 365),
    ("ME-12", "measurement", "readiness", "none", 180),
    ("CO-01", "operation", "suspender", "none", 90),
)


def text(version="9.1", fresh_days=None, rules=RULES):
    parts = [HEAD.format(version=version)]
    for code, title, owner_role, reviewer, endorsed, waivable in GATES:
        parts.append(
            GATE.format(
                code=code,
                title=title,
                owner_role=owner_role,
                reviewer=reviewer,
                endorsed=endorsed,
                waivable=waivable,
            )
        )
    for code, gate, severity, waiver, days in rules:
        parts.append(
            RULE.format(code=code, gate=gate, severity=severity, waiver=waiver, fresh_days=fresh_days or days)
        )
    return "".join([*parts, ENDORSED])


def adopt(version="9.1", **changes):
    """Put the small policy in force, as two administrators would."""
    propose_policy(by=actor("administrator"), text=text(version, **changes), reason="For this test.")
    return adopt_policy(by=actor("second_administrator"), version=version)


def current():
    return PolicyVersion.objects.get(is_current=True)
