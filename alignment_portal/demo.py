"""The illustrative portfolio: a group of a bank, a retailer and a lender that does not exist.

Its story ends on ANCHOR; it is told through the same services as everything else, each event at its own moment,
shifted by whole days so that it ends today. Nothing here is reached by a portal that holds real initiatives.
"""

import csv
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from alignment_portal import clock, dispatch
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.roles import Role, Scope
from alignment_portal.accounts.services import grant_role, open_person
from alignment_portal.demo_integration import show_integration
from alignment_portal.refusals import Refusal
from gates.engine import gate_fingerprint
from gates.models import Evidence, Waiver
from gates.selectors.agreement import gate_titles, review_terms
from gates.selectors.facts import load_facts
from gates.selectors.policies import current_policy
from gates.services.endorsements import endorse_gate
from gates.services.evaluations import record_evaluation
from gates.services.evidence import review_evidence, submit_evidence
from gates.services.policies import adopt_shipped_policy
from gates.services.status import move_status
from gates.services.waivers import accept_waiver, request_waiver
from initiatives.models import Initiative
from initiatives.selectors import load_dossiers
from initiatives.services.dossiers import save_dossier
from initiatives.services.operations import record_incident
from metrics.services.observations import record_observations
from metrics.services.results import record_result
from portfolio.models import WorkItem
from portfolio.services.choosing import choose_scenario
from portfolio.services.people import record_group
from portfolio.services.register import register_bottleneck, register_dependency
from portfolio.services.simulating import request_simulation, run_simulation
from portfolio.services.work import move_work, take_up
from portfolio.services.worths import state_worth
from reviews.models import Review
from reviews.services.commitments import make_commitment
from reviews.services.conclusions import conclude_review
from reviews.services.opening import change_review, open_review
from reviews.services.stances import give_stance
from reviews.services.trade_offs import propose_trade_off

FOLDER = settings.BASE_DIR / "demo"
ANCHOR = dt.date(2026, 6, 15)
WHAT_IF_RUNS = 400
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:]+Z")


class Teller:
    """Tells the story once, in the order of time."""

    def __init__(self, today: dt.date, say: Callable[[str], None]) -> None:
        self.shift = today - ANCHOR
        self.say = say
        self.evidence: dict[tuple[str, str], Evidence] = {}
        self.waivers: dict[tuple[str, str], Waiver] = {}
        self.reviews: dict[str, Review] = {}

    def tell(self) -> int:
        """Load everything; answers how many events were told."""
        beginning = dt.datetime.combine(dt.date(2025, 11, 30) + self.shift, dt.time(8), dt.UTC)
        with clock.at_moment(beginning):
            self.open_people()
            self.open_portfolio()
        told = 0
        for moment, key, event in sorted(self.events(), key=lambda told: (told[0], told[1])):
            with clock.at_moment(min(moment, clock.wall())):
                self.carry_out(key, event)
            told += 1
        return told

    # ------------------------------------------------------------ reading

    def read(self, path: str) -> Any:
        return self.moved(json.loads((FOLDER / path).read_text("utf-8")))

    def moved(self, value: Any) -> Any:
        """The same value with every day and moment in it shifted to this year's story."""
        if isinstance(value, dict):
            return {name: self.moved(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.moved(item) for item in value]
        if isinstance(value, str) and _DAY.fullmatch(value):
            return str(dt.date.fromisoformat(value) + self.shift)
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            return (dt.datetime.fromisoformat(value) + self.shift).isoformat()
        return value

    def events(self) -> Iterator[tuple[dt.datetime, str, dict[str, Any]]]:
        for path in sorted((FOLDER / "records").glob("*.json")):
            told = self.read(f"records/{path.name}")
            for event in told["events"]:
                yield dt.datetime.fromisoformat(event["at"]), told["initiative"], event
            yield from self.readings(told["initiative"], told["readings_by"], told["events"][0]["at"])

    def readings(self, key: str, by: str, opened: str) -> Iterator[tuple[dt.datetime, str, dict[str, Any]]]:
        """The readings of each week together, recorded the morning after, or once the dossier was there."""
        path = FOLDER / "readings" / f"{key}.csv"
        if not path.exists():
            return
        weeks: dict[dt.date, list[dict[str, Any]]] = {}
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                reading = self.reading(key, row)
                weeks.setdefault(dt.date.fromisoformat(reading["period_end"]), []).append(reading)
        earliest = dt.datetime.fromisoformat(opened) + dt.timedelta(hours=1)
        for end, rows in weeks.items():
            moment = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(0, 5), dt.UTC)
            yield max(moment, earliest), key, {"do": "readings", "as": by, "rows": rows}

    def reading(self, key: str, row: dict[str, str]) -> dict[str, Any]:
        reading: dict[str, Any] = {"initiative": key, "metric": row["metric"], "source": "demo portfolio"}
        for name in ("period_start", "period_end"):
            reading[name] = str(dt.date.fromisoformat(row[name]) + self.shift)
        for name in ("value", "numerator", "denominator"):
            if row[name]:
                reading[name] = float(row[name])
        if row["sample_size"]:
            reading["sample_size"] = int(row["sample_size"])
        if row["expected"]:
            bins = {name: [float(cases) for cases in row[name].split()] for name in ("expected", "actual")}
            reading["histogram"] = bins
        return reading

    # ------------------------------------------------------------ telling

    def open_people(self) -> None:
        for person in self.read("people.json"):
            user = open_person(
                by=SYSTEM,
                email=person["email"],
                name=person["name"],
                title=person["title"],
                function=person["function"],
                password=settings.DEMO_PASSWORD,
            )
            for role in person["roles"]:
                grant_role(by=SYSTEM, person=user, role=role["role"], function=role["function"])

    def open_portfolio(self) -> None:
        register = self.read("portfolio.json")
        adopt_shipped_policy()
        for dependency in register["dependencies"]:
            due = dependency.pop("due_on")
            register_dependency(by=SYSTEM, due_on=dt.date.fromisoformat(due) if due else None, **dependency)
        for bottleneck in register["bottlenecks"]:
            register_bottleneck(by=SYSTEM, **bottleneck)
        for group in register["groups"]:
            record_group(by=SYSTEM, **group)

    def ask_what_ifs(self) -> None:
        """Asked of the portfolio as the story leaves it, and answered at once; executives choose some for the pack."""
        for told in self.read("portfolio.json")["what_ifs"]:
            by = actor_called(told["as"])
            row = request_simulation(by=by, title=told["title"], levers=told["levers"], runs=WHAT_IF_RUNS)
            run_simulation(row.pk)
            if told["in_pack"]:
                choose_scenario(by=by, simulation=row, shown=True)

    def show_integration(self) -> None:
        administrator, auditor = person_with(Role.ADMINISTRATOR), person_with(Role.AUDITOR)
        if administrator is not None and auditor is not None:
            show_integration(by=Actor.of(administrator, via="command"), owner=auditor)

    def carry_out(self, key: str, event: dict[str, Any]) -> None:
        by = actor_called(event["as"])
        told = getattr(self, f"tell_{event['do']}")
        try:
            told(by, key, event)
        except Refusal as refusal:
            faults = "; ".join(
                f"{fault.pointer} {fault.sentence}" for fault in getattr(refusal, "faults", ())
            )
            message = f"{key}, {event['do']} at {clock.now():%d %B %H:%M}: {refusal} {faults}"
            raise ValueError(message) from refusal

    def tell_dossier(self, by: Actor, key: str, _event: dict[str, Any]) -> None:
        self.say(f"  {key}")
        save_dossier(by=by, document=self.read(f"dossiers/{key}.json"), expected=None, create=True)

    def tell_worth(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        told = {name: event[name] for name in ("value", "cost", "owner", "basis")}
        state_worth(by=by, initiative=initiative_called(key), **told)

    def tell_status(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        initiative = initiative_called(key)
        record_evaluation(initiative=initiative)
        move_status(by=by, initiative=initiative_called(key), to=event["to"], reason=event["reason"])
        take_up(keys=[key])

    def tell_evidence(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        with ExitStack() as stack:
            file = None
            if "file" in event:
                file = File(
                    stack.enter_context((FOLDER / event["file"]).open("rb")), Path(event["file"]).name
                )
            self.evidence[key, event["id"]] = submit_evidence(
                by=by,
                initiative=initiative_called(key),
                question=event["question"],
                form=event["form"],
                kind=event["kind"],
                title=event["title"],
                statement=event["statement"],
                observed_on=dt.date.fromisoformat(event["observed_on"]),
                file=file,
                link=event.get("link", ""),
                measures=event.get("measures"),
                deployment=event.get("deployment", ""),
                control=event.get("control", ""),
            )

    def tell_review(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        evidence = self.evidence[key, event["of"]]
        review_evidence(by=by, evidence=evidence, accepted=event["accepted"], reason=event["reason"])

    def tell_endorse(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        seen = fingerprint_of(key, event["gate"])
        endorse_gate(
            by=by,
            initiative=initiative_called(key),
            gate=event["gate"],
            statement=event["statement"],
            seen=seen,
        )

    def tell_waiver(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        self.waivers[key, event["id"]] = request_waiver(
            by=by,
            initiative=initiative_called(key),
            rule=event["rule"],
            reason=event["reason"],
            compensating_control=event["compensating_control"],
            until=dt.date.fromisoformat(event["until"]),
        )

    def tell_accept_waiver(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        accept_waiver(by=by, waiver=self.waivers[key, event["of"]], reason=event["reason"])

    def tell_work(self, by: Actor, _key: str, event: dict[str, Any]) -> None:
        item = WorkItem.objects.get(bottleneck__code=event["bottleneck"], initiative__key=event["of"])
        move_work(by=by, item=item, to=event["to"])

    def tell_readings(self, by: Actor, _key: str, event: dict[str, Any]) -> None:
        record_observations(by=by, rows=event["rows"])

    def tell_result(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        record_result(
            by=by, initiative=initiative_called(key), metric=event["metric"], figures=event["figures"]
        )

    def tell_incident(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        record_incident(
            by=by,
            initiative=initiative_called(key),
            severity=event["severity"],
            title=event["title"],
            deployment=event.get("deployment", ""),
        )

    def tell_open_review(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        """Of the initiative whose story it is; of the whole portfolio where it is nobody's."""
        terms = review_terms([load_dossiers([key])[key].dossier] if key else [])
        now = clock.now()
        review = open_review(
            by=by,
            subject=initiative_called(key) if key else None,
            purpose=event["purpose"],
            decision_sought=event["decision_sought"],
            required_roles=terms.required_roles,
            quorum=terms.quorum,
            reaffirm_days=terms.reaffirm_days,
            policy_version=terms.policy_version,
            pre_read_at=now + dt.timedelta(days=event["pre_read_days"]),
            meeting_at=now + dt.timedelta(days=event["meeting_days"]),
            participants=[(email, role) for email, role in event["participants"]],
        )
        for words in event.get("trade_offs", ()):
            propose_trade_off(by=by, review=review, **words)
        self.reviews[key] = change_review(by=by, review=review, send=True)

    def tell_stance(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        kept = ("trade_off", "part", "rating", "commits", "will_do")
        give_stance(
            by=by,
            review=self.reviews[key],
            answer=event["answer"],
            reason=event.get("reason", ""),
            conditions=event.get("conditions", ()),
            **{name: event[name] for name in kept if name in event},
        )

    def tell_commit(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        """A promise, as the answer to the condition that `answers` set."""
        review = self.reviews[key]
        condition = review.conditions.filter(stance__user__email=event.get("answers", "")).first()
        make_commitment(
            by=by,
            review=review,
            text=event["text"],
            owner=event["owner"],
            due_on=dt.date.fromisoformat(event["due_on"]),
            condition=condition.ref if condition else None,
            unblocks=event.get("unblocks", ""),
            gates=gate_titles(),
        )

    def tell_conclude(self, by: Actor, key: str, event: dict[str, Any]) -> None:
        conclude_review(
            by=by, review=self.reviews[key], outcome=event["outcome"], statement=event["statement"]
        )


def people() -> list[User]:
    """The illustrative people this portal holds, in the order of the story."""
    told = [person["email"] for person in json.loads((FOLDER / "people.json").read_text("utf-8"))]
    found = {person.email: person for person in User.objects.filter(email__in=told, is_active=True)}
    return [found[email] for email in told if email in found]


def person_with(role: str, email: str = "") -> User | None:
    """The first illustrative person with a role, or the one of that e-mail."""
    able = (person for person in people() if any(grant.role == role for grant in person.current_grants()))
    return next((person for person in able if email in ("", person.email)), None)


def scopes_for(role: str) -> list[str]:
    """Every scope that a person of this role can use."""
    return sorted(scope for scope in Scope.values if scope != Scope.ADMIN or role == Role.ADMINISTRATOR)


def fingerprint_of(key: str, gate: str) -> str:
    """What an executive sees who opens the gate now."""
    return gate_fingerprint(load_facts([key])[key], current_policy(), gate, clock.now())


def actor_called(email: str) -> Actor:
    return Actor.of(User.objects.get(email=email), via="command")


def initiative_called(key: str) -> Initiative:
    return Initiative.objects.get(key=key)


def load(today: dt.date, say: Callable[[str], None]) -> int:
    """Tell the whole story, or nothing of it, and judge what it left; the reactions on the way are left out."""
    with dispatch.held_back(), transaction.atomic():
        teller = Teller(today, say)
        told = teller.tell()
        for initiative in Initiative.objects.order_by("key"):
            record_evaluation(initiative=initiative)
        take_up(keys=list(Initiative.objects.values_list("key", flat=True)))
        teller.ask_what_ifs()
        teller.show_integration()
        dispatch.forget_due()  # the verdicts above already rest on all of it
    return told
