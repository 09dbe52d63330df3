"""The tables of the outcome chain, the operating model, the risk posture and the non-negotiables."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from initiatives.dossier.chain import NodeKind, Subkind
from initiatives.dossier.operating_model import Activity, Responsibility
from initiatives.dossier.scalars import DecisionMode
from initiatives.models.constraints import (
    above_zero,
    between,
    choice,
    code,
    count,
    day,
    filled,
    in_order,
    known,
    line,
    once,
    person,
    text,
)
from initiatives.models.initiative import Deployment, PartRow


class Node(PartRow):
    code = code()
    kind = choice()
    subkind = choice("")
    title = models.CharField(max_length=200)
    performer = line()
    difference = text()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_node_a_code"),
            known("kind", NodeKind, "node_kind_is_known"),
            known("subkind", Subkind, "node_subkind_is_known", empty=""),
            models.CheckConstraint(
                condition=Q(subkind="")
                | Q(kind="change", subkind__in=["decision", "workflow_step", "customer_interaction"])
                | Q(kind="outcome", subkind__in=["business", "risk"]),
                name="node_subkind_fits_its_kind",
            ),
            filled("title", "node_has_a_title"),
        ]


class Link(PartRow):
    start = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="links_out")
    end = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="links_in")
    mechanism = text()
    assumption = text()
    lag_days = models.PositiveIntegerField(default=0)
    sign = choice("+")
    strength = choice("none")

    class Meta:
        constraints: ClassVar = [
            once("start", "end", name="one_link_between_two_nodes"),
            models.CheckConstraint(condition=~Q(start=F("end")), name="link_leads_elsewhere"),
            models.CheckConstraint(condition=Q(sign__in=["+", "-"]), name="link_sign_is_known"),
            models.CheckConstraint(
                condition=Q(strength__in=["none", "expert", "prior_data", "experiment"]),
                name="link_strength_is_known",
            ),
        ]


class OperatingModel(PartRow):
    support_hours = line()
    support_route = line()
    rollback_procedure = text()
    fallback = text()
    max_latency_ms = count()

    class Meta:
        constraints: ClassVar = [once(name="one_operating_model")]


class Owner(PartRow):
    responsibility = choice()
    owner = person()
    deputy = person()
    accepted_on = day()

    class Meta:
        constraints: ClassVar = [
            once("responsibility", name="one_owner_a_responsibility"),
            known("responsibility", Responsibility, "owner_responsibility_is_known"),
        ]


class RaciEntry(PartRow):
    activity = choice()
    kind = choice()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            once("activity", "kind", "person", name="one_raci_entry_a_person"),
            known("activity", Activity, "raci_activity_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["accountable", "responsible", "consulted", "informed"]),
                name="raci_kind_is_known",
            ),
        ]


class Shift(PartRow):
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField()
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, null=True, related_name="shifts")

    class Meta:
        constraints: ClassVar = [
            once("person", "from_on", "deployment", name="one_shift_a_person_and_day"),
            # Without a deployment a shift is for all of them; a unique key does not see two of those as equal.
            models.UniqueConstraint(
                fields=["initiative", "person", "from_on"],
                condition=Q(deployment__isnull=True),
                name="one_shift_for_all_deployments",
            ),
            in_order("from_on", "to_on", "shift_dates_in_order"),
        ]


class Trigger(PartRow):
    code = code()
    metric = models.CharField(max_length=64, blank=True, default="")
    condition = text()
    threshold = line()
    action = choice("review")

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_trigger_a_code"),
            models.CheckConstraint(
                condition=Q(action__in=["retrain", "roll_back", "restrict", "review"]),
                name="trigger_action_is_known",
            ),
        ]


class DecisionRight(PartRow):
    code = code()
    decision = models.CharField(max_length=200)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, null=True, related_name="decision_rights")
    before = line()
    after = line()
    mode = choice("advisory")
    accountable = line()
    override_rule = text()
    override_reasons = models.JSONField(default=list)
    second_look = text()
    escalation_to = line()
    escalation_hours = models.FloatField(null=True)
    override_consequence = text()
    logged_in = line()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_decision_right_a_code"),
            known("mode", DecisionMode, "decision_right_mode_is_known"),
            filled("decision", "decision_right_names_its_decision"),
            above_zero("escalation_hours", "decision_right_escalates_in_time"),
        ]


class RiskPosture(PartRow):
    playbook = line()
    restrict_minutes = count()
    rollback_minutes = count()
    restricted_mode = text()

    class Meta:
        constraints: ClassVar = [once(name="one_risk_posture")]


class Harm(PartRow):
    code = code()
    description = models.TextField()
    detection = text()
    metric = models.CharField(max_length=64, blank=True, default="")
    limit = line()
    response = text()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_harm_a_code"),
            filled("description", "harm_is_described"),
        ]


class OversightRule(PartRow):
    code = code()
    rule = models.TextField()
    who = line()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_oversight_rule_a_code"),
            filled("rule", "oversight_rule_is_written"),
        ]


class Severity(PartRow):
    level = models.PositiveSmallIntegerField()
    description = text()
    notify = models.JSONField(default=list)
    within_minutes = count()

    class Meta:
        constraints: ClassVar = [
            once("level", name="one_severity_a_level"),
            between("level", "severity_level_is_known", 1, 4),
        ]


class AddedControl(PartRow):
    code = code()
    title = models.CharField(max_length=200)
    description = text()
    added_by = person()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_added_control_a_code"),
            filled("title", "added_control_has_a_title"),
        ]


class DeploymentControls(PartRow):
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="controls")
    log_system = line()
    log_fields = models.JSONField(default=list)
    log_retention_days = count()
    monitoring_owner = person()
    monitoring_deputy = person()
    incident_contact = line()
    covered_by_incident_process = models.BooleanField(default=False)
    rollback_procedure = text()

    class Meta:
        constraints: ClassVar = [once("deployment", name="one_set_of_controls_a_deployment")]
