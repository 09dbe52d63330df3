"""The dossier: everything programme managers record about one initiative, as one document.

Evidence, endorsements, stances and observations are records about the dossier, not part of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from initiatives.dossier.chain import OutcomeChain
from initiatives.dossier.change import ChangeImpact
from initiatives.dossier.initiative import Deployment, Initiative
from initiatives.dossier.metrics import Metric
from initiatives.dossier.operating_model import OperatingModel
from initiatives.dossier.risk import NonNegotiables, RiskPosture
from initiatives.dossier.scalars import Code, Day, Line, NotNegative, Part, Text, ask

SCHEMA = "dossier/1"


class Dependency(Part):
    """A shared dependency this initiative waits for; the portfolio register holds its owner and funding."""

    code: Annotated[Code, ask("Which shared dependency?")]
    needed_for: Annotated[Line, ask("Which gate or step waits for it?")] = ""
    needed_by: Annotated[Day | None, ask("Needed by?")] = None
    note: Annotated[Text, ask("Note")] = ""


class Demand(Part):
    """Work that a shared function must do for this initiative."""

    bottleneck: Annotated[Code, ask("Which function?")]
    gate: Annotated[Line, ask("For which gate?")] = ""
    days_low: Annotated[NotNegative, ask("At least", unit="work days")] = 0.0
    days_likely: Annotated[NotNegative, ask("Most likely", unit="work days")] = 0.0
    days_high: Annotated[NotNegative, ask("At most", unit="work days")] = 0.0
    needed_by: Annotated[Day | None, ask("Needed by?")] = None


class TradeOff(Part):
    """We do A, and accept B, because C, until D."""

    code: Code
    choose: Annotated[Text, ask("We do", min_length=1)]
    accept: Annotated[Text, ask("and accept", min_length=1)]
    because: Annotated[Text, ask("because")] = ""
    until: Annotated[Line, ask("until")] = ""
    change_our_mind: Annotated[Text, ask("We would change our mind if")] = ""


class Dossier(Part):
    """The whole document, in the order people read it."""

    schema: Literal["dossier/1"]
    initiative: Initiative
    outcome_chain: OutcomeChain = OutcomeChain()
    metrics: tuple[Metric, ...] = ()
    operating_model: OperatingModel = OperatingModel()
    risk_posture: RiskPosture = RiskPosture()
    non_negotiables: NonNegotiables = NonNegotiables()
    deployments: tuple[Deployment, ...] = ()
    change_impact: ChangeImpact = ChangeImpact()
    dependencies: tuple[Dependency, ...] = ()
    bottleneck_demand: tuple[Demand, ...] = ()
    trade_offs: tuple[TradeOff, ...] = ()


SECTIONS: tuple[str, ...] = tuple(field for field in Dossier.__struct_fields__ if field != "schema")

decode = msgspec.json.Decoder(Dossier).decode


class Asks(msgspec.Struct, frozen=True):
    """What a dossier asks of shared functions and of people; the rest of the document is passed over unread."""

    change_impact: ChangeImpact = ChangeImpact()
    dependencies: tuple[Dependency, ...] = ()
    bottleneck_demand: tuple[Demand, ...] = ()


decode_asks = msgspec.json.Decoder(Asks).decode
