"""Results of an experiment platform as summary figures: variations with users, mean and deviation, or conversions.

The fields are those GrowthBook, Statsig and Eppo show of a metric; the first variation is the control unless named.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from alignment_portal.refusals import Fault, Invalid
from alignment_portal.shapes import shape_fault
from metrics.services.figures import Assigned, Cases, Code, Number, Part

PASSED_ON = ("read_on", "log_completeness", "other_changes")


class Variation(Part):
    """One arm as the platform counts it; `conversions` of `users`, or their `mean` and `stddev`."""

    variation: Annotated[str, Meta(min_length=1, max_length=200)]
    users: Annotated[int, Meta(ge=1, le=1_000_000_000)]
    conversions: Cases | None = None
    mean: Number | None = None
    stddev: Annotated[float, Meta(ge=0, le=1e15)] | None = None
    assigned: Cases | None = None  # randomised, when that is more than the users of this metric


class Guard(Part):
    """A counter-metric of the same experiment."""

    metric: Code
    variations: Annotated[tuple[Variation, ...], Meta(min_length=2, max_length=50)]


class Experiment(Part):
    """What is sent; `control` and `treatment` name variations, when there are more than two or in another order."""

    variations: Annotated[tuple[Variation, ...], Meta(min_length=2, max_length=50)]
    read_on: str
    control: str | None = None
    treatment: str | None = None
    guards: Annotated[tuple[Guard, ...], Meta(max_length=50)] = ()
    log_completeness: float | None = None
    other_changes: str = ""


def experiment_figures(sent: Any) -> dict[str, Any]:
    """As `record_result` takes them. Raises Invalid with the place of what is wrong."""
    experiment = _read(sent)
    control, treatment = _arms(experiment)
    figures: dict[str, Any] = {
        "figures": _figures(experiment.variations, control, treatment, "/variations"),
        "guards": [
            {
                "metric": guard.metric,
                "figures": _figures(guard.variations, control, treatment, f"/guards/{place}/variations"),
            }
            for place, guard in enumerate(experiment.guards)
        ],
        **{name: getattr(experiment, name) for name in PASSED_ON},
    }
    if experiment.log_completeness is None:
        del figures["log_completeness"]
    assigned = _assigned(experiment.variations, control, treatment)
    return figures | ({"assigned": msgspec.to_builtins(assigned)} if assigned else {})


def pointer_in_experiment(pointer: str) -> str:
    """Where in an experiment stands what these figures were made from: variations in place of figures."""
    whole, _, _ = pointer.partition("/figures")
    return f"{whole}/variations" if "/figures" in pointer else pointer


def _read(sent: Any) -> Experiment:
    try:
        return msgspec.convert(sent, Experiment)
    except msgspec.ValidationError as error:
        fault = shape_fault(error)
        raise Invalid(fault.sentence, pointer=fault.pointer, code=fault.code) from error


def _arms(experiment: Experiment) -> tuple[str, str]:
    names = [row.variation for row in experiment.variations]
    if len(set(names)) != len(names):
        raise Invalid("Two variations have the same name.", pointer="/variations", code="twice")
    for field in ("control", "treatment"):
        name = getattr(experiment, field)
        if name is not None and name not in names:
            raise Invalid(f"There is no variation “{name}”.", pointer=f"/{field}", code="unknown_variation")
    control = experiment.control or names[0]
    others = [name for name in names if name != control]
    if experiment.treatment is None and len(others) != 1:
        raise Invalid(
            "Say which variation is the change: there is more than one beside the control.",
            pointer="/treatment",
            code="required",
        )
    treatment = experiment.treatment or others[0]
    if control == treatment:
        raise Invalid("Control and treatment are two variations.", pointer="/treatment", code="same")
    return control, treatment


def _figures(rows: Sequence[Variation], control: str, treatment: str, place: str) -> dict[str, Any]:
    arms = {row.variation: row for row in rows}
    missing = [name for name in (control, treatment) if name not in arms]
    if missing:
        raise Invalid(
            f"The variation “{missing[0]}” has no figures here.", pointer=place, code="unknown_variation"
        )
    changed, comparison = arms[treatment], arms[control]
    if changed.conversions is not None and comparison.conversions is not None:
        return {"kind": "shares", "changed": _counted(changed), "comparison": _counted(comparison)}
    return {
        "kind": "means",
        "changed": _averaged(changed, place),
        "comparison": _averaged(comparison, place),
    }


def _counted(row: Variation) -> Mapping[str, object]:
    return {"events": row.conversions, "total": row.users}


def _averaged(row: Variation, place: str) -> Mapping[str, object]:
    faults = [
        Fault(place, f"“{row.variation}” needs {name}, or conversions in both variations.", "required")
        for name in ("mean", "stddev")
        if getattr(row, name) is None
    ]
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="required")
    return {"mean": row.mean, "sd": row.stddev, "n": row.users}


def _assigned(rows: Sequence[Variation], control: str, treatment: str) -> Assigned | None:
    arms = {row.variation: row.assigned for row in rows}
    changed, comparison = arms[treatment], arms[control]
    if changed is None or comparison is None:
        return None
    return Assigned(changed=changed, comparison=comparison)
