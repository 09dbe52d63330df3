"""The tables of the change impact, of what an initiative needs from others, and of its trade-offs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from initiatives.dossier.change import Dimension, Impact
from initiatives.models.constraints import (
    LARGEST,
    between,
    choice,
    code,
    day,
    figure,
    filled,
    in_order,
    known,
    line,
    once,
    person,
    text,
)
from initiatives.models.initiative import PartRow


class ChangeImpact(PartRow):
    no_incentive_conflict_reason = text()

    class Meta:
        constraints: ClassVar = [once(name="one_change_impact")]


class Group(PartRow):
    code = code()
    name = models.CharField(max_length=200)
    headcount = models.PositiveIntegerField(default=0)
    site = line()
    frontline = models.BooleanField(default=False)
    lead = person()
    capacity_hours = figure(12.0)
    adoption_hours = figure(0.0)
    go_live_on = day()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_group_a_code"),
            filled("name", "group_has_a_name"),
            between("capacity_hours", "group_capacity_not_negative"),
            between("adoption_hours", "group_adoption_not_negative"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["code", "initiative"], name="groups_by_code"),
            # What initiatives say of a group, without a look into the table.
            models.Index(
                fields=["code", "name", "initiative", "headcount", "capacity_hours"], name="groups_as_stated"
            ),
        ]


class Assessment(PartRow):
    impact = choice()
    extent = choice()
    summary = text()

    class Meta:
        constraints: ClassVar = [
            once("impact", name="one_assessment_an_impact"),
            known("impact", Impact, "assessment_impact_is_known"),
            models.CheckConstraint(
                condition=Q(extent__in=["none", "some", "large"]), name="assessment_extent_is_known"
            ),
        ]


class WorkloadShift(PartRow):
    code = code()
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="workload_shifts")
    step = models.CharField(max_length=200)
    minutes_per_case = models.FloatField()
    cases_per_week = models.FloatField()
    exposed_share = figure(1.0)
    low_minutes = figure()
    high_minutes = figure()
    confirmed_by = person()
    confirmed_on = day()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_workload_shift_a_code"),
            filled("step", "workload_shift_names_its_step"),
            between("minutes_per_case", "workload_minutes_are_a_number", -LARGEST),
            between("cases_per_week", "workload_cases_not_negative"),
            between("exposed_share", "workload_exposure_is_a_share", 0, 1),
            in_order("low_minutes", "minutes_per_case", "workload_low_below_likely"),
            in_order("minutes_per_case", "high_minutes", "workload_likely_below_high"),
        ]


class IncentiveConflict(PartRow):
    code = code()
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="incentive_conflicts")
    kpi = models.CharField(max_length=200)
    behaviour = line()
    rating = models.SmallIntegerField(default=0)
    resolution = choice("open")
    counter_metric = models.CharField(max_length=64, blank=True, default="")
    owner = person()
    resolved_on = day()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_incentive_conflict_a_code"),
            filled("kpi", "incentive_conflict_names_its_kpi"),
            between("rating", "incentive_rating_is_known", -2, 2),
            models.CheckConstraint(
                condition=Q(resolution__in=["open", "kpi_changed", "kpi_suspended", "counter_metric"]),
                name="incentive_resolution_is_known",
            ),
        ]


class Obligation(PartRow):
    code = code()
    kind = choice()
    owner = person()
    hours_per_month = figure()
    budget = figure()
    currency = models.CharField(max_length=3, default="EUR")
    funded_until = day()
    note = text()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_obligation_a_code"),
            models.CheckConstraint(
                condition=Q(kind__in=["monitoring", "evaluation", "retraining", "audit", "incidents"]),
                name="obligation_kind_is_known",
            ),
            between("hours_per_month", "obligation_hours_not_negative"),
            between("budget", "obligation_budget_not_negative"),
        ]


class Training(PartRow):
    code = code()
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="training")
    hours_per_person = models.FloatField()
    starts_on = day()
    backfill = text()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_training_a_code"),
            between("hours_per_person", "training_hours_not_negative"),
        ]


class ChangeLoad(PartRow):
    """What the initiative asks of one person of a group in a month, worked out from its groups, training and new work.

    It is kept so that a page adds up the months of a few groups without reading every dossier.
    """

    group = code()
    month = models.DateField()
    millionths = (
        models.BigIntegerField()
    )  # of an hour: whole numbers, so that the database adds them up exactly

    class Meta:
        constraints: ClassVar = [
            once("group", "month", name="one_change_load_a_group_and_month"),
            models.CheckConstraint(condition=Q(millionths__gt=0), name="change_load_is_something"),
        ]
        # The sum of a month is read from the index alone, and who asks for most of it as well.
        indexes: ClassVar = [
            models.Index(fields=["group", "month", "millionths", "initiative"], name="change_load_by_group")
        ]


class AdoptionMeasure(PartRow):
    code = code()
    lever = choice()
    description = models.TextField()
    owner = person()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_adoption_measure_a_code"),
            models.CheckConstraint(
                condition=Q(lever__in=["incentive", "usability", "trust", "training"]),
                name="adoption_lever_is_known",
            ),
            filled("description", "adoption_measure_is_described"),
        ]


class BeforeAfter(PartRow):
    dimension = choice()
    before = text()
    after = text()
    magnitude = models.PositiveSmallIntegerField(default=0)
    confirmed_by = person()

    class Meta:
        constraints: ClassVar = [
            once("dimension", name="one_before_and_after_a_dimension"),
            known("dimension", Dimension, "before_after_dimension_is_known"),
            between("magnitude", "before_after_magnitude_is_known", 0, 4),
        ]


class BadDay(PartRow):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="bad_days")
    answer = text()
    answered_by = person()
    answered_on = day()

    class Meta:
        constraints: ClassVar = [once("group", name="one_bad_day_answer_a_group")]


class Dependency(PartRow):
    code = code()
    needed_for = line()
    needed_by = day()
    note = text()

    class Meta:
        constraints: ClassVar = [once("code", name="one_dependency_a_code")]
        indexes: ClassVar = [models.Index(fields=["code", "initiative"], name="dependencies_by_code")]


class Demand(PartRow):
    bottleneck = code()
    gate = line()
    days_low = figure(0.0)
    days_likely = figure(0.0)
    days_high = figure(0.0)
    needed_by = day()

    class Meta:
        constraints: ClassVar = [
            once("bottleneck", "gate", name="one_demand_a_bottleneck_and_gate"),
            between("days_low", "demand_days_not_negative"),
            in_order("days_low", "days_likely", "demand_low_below_likely"),
            in_order("days_likely", "days_high", "demand_likely_below_high"),
            between("days_high", "demand_days_are_a_number"),
        ]
        indexes: ClassVar = [models.Index(fields=["bottleneck", "initiative"], name="demand_by_bottleneck")]


class TradeOff(PartRow):
    code = code()
    choose = models.TextField()
    accept = models.TextField()
    because = text()
    until = line()
    change_our_mind = text()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_trade_off_a_code"),
            filled("choose", "trade_off_says_what_is_chosen"),
            filled("accept", "trade_off_says_what_is_accepted"),
        ]
