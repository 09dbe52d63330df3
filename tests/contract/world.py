"""A portal with one of everything, so that generated calls find something to read and to change."""

from initiatives.services.operations import record_incident
from packs.services.requests import request_pack
from portfolio.services.register import register_bottleneck, register_dependency
from tests import people
from tests.factories.metrics import initiative
from tests.factories.reviews import TRADE_OFF, review
from tests.gates.scene import offered
from tests.people import actor, person

# The last word before a parameter tells what its value names.
DEPLOYMENT, METRIC, GATE = "leeds", "handling-time", "data_rights"


def filled():
    """What stands in an address for each parameter, by the word before it."""
    people.everybody()
    about = initiative()
    manager, executive = actor("programme_manager"), actor("executive")
    register_bottleneck(by=executive, code="legal", title="Legal", people=3, cap=4)
    register_dependency(by=executive, code="decision-log", title="Decision log", kind="platform")
    incident = record_incident(by=manager, initiative=about, severity=3, title="Wrong proposals shown")
    return {
        "initiatives": about.key,
        "reviews": review().ref,
        "trade-offs": TRADE_OFF,
        "packs": request_pack(by=executive, subject=f"initiative:{about.key}").build.ref,
        "evidence": offered(about).ref,
        "incidents": incident.ref,
        "deployments": DEPLOYMENT,
        "metrics": METRIC,
        "gates": GATE,
        "people": str(person("contributor").pk),
        "bottlenecks": "legal",
        "dependencies": "decision-log",
    }
