"""What is said about a piece of evidence when it is submitted, and everything that can be wrong with it."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.refusals import Fault, Invalid
from gates.engine import Policy
from gates.models import Evidence, Form
from gates.selectors.judging import policy_asking
from initiatives.models import Initiative
from initiatives.selectors import load_dossiers

LONGEST_TITLE = 200
LONGEST_STATEMENT = 4000
LONGEST_LINK = 2000
MOST_MEASURES = 40
OLDEST_DAYS = 3660
LATEST = date(2199, 12, 31)
_MEASURE_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Offer:
    question: str
    form: str
    kind: str
    title: str
    statement: str
    observed_on: date
    expires_on: date | None = None
    link: str = ""
    measures: dict[str, float] = field(default_factory=dict)
    deployment: str = ""
    control: str = ""

    def columns(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def check_offer(
    offer: Offer, *, by: Actor, initiative: Initiative, n_files: int, replaces: Evidence | None
) -> Offer:
    """The offer without blanks around its words; raises Invalid with every fault at once."""
    offer = _trimmed(offer)
    faults = [
        *_question_faults(offer, policy_asking(initiative.key, offer.question), initiative),
        *faults_anywhere(offer, by=by, n_files=n_files),
        *_version_faults(offer, initiative, n_files, replaces),
    ]
    if faults:
        raise Invalid("This cannot be submitted as it is.", faults=faults)
    return offer


def faults_anywhere(offer: Offer, *, by: Actor, n_files: int = 0) -> list[Fault]:
    """What would be wrong with it whichever initiative and question it was for."""
    offer = _trimmed(offer)
    return [*_word_faults(offer), *_form_faults(offer, n_files), *_day_faults(offer, _today(by))]


def _trimmed(offer: Offer) -> Offer:
    return replace(
        offer, title=offer.title.strip(), statement=offer.statement.strip(), link=offer.link.strip()
    )


def earliest_day(by: Actor) -> date:
    """The first day on which something may have been true that is offered today."""
    return _today(by) - timedelta(days=OLDEST_DAYS)


def _today(by: Actor) -> date:
    """Today where the actor is."""
    zone = User.objects.filter(email=by.email).values_list("time_zone", flat=True).first() or "UTC"
    return clock.now().astimezone(ZoneInfo(zone)).date()


def _question_faults(offer: Offer, policy: Policy, initiative: Initiative) -> Iterator[Fault]:
    rule = policy.rules_by_code.get(offer.question)
    asks = None if rule is None else rule.asks
    if asks is None:
        yield Fault("/question", f"The policy has no question “{offer.question}” that asks for evidence.")
        return
    if offer.kind not in asks.kinds:
        titles = ", ".join(policy.kind(kind).title.lower() for kind in asks.kinds)
        yield Fault("/kind", f"For {offer.question} these are accepted: {titles} ({', '.join(asks.kinds)}).")
    yield from _place_faults(offer, asks.each, initiative)


def _place_faults(offer: Offer, each: str, initiative: Initiative) -> Iterator[Fault]:
    loaded = load_dossiers([initiative.key]).get(initiative.key)
    deployments = {deployment.code for deployment in loaded.dossier.deployments} if loaded else set()
    controls = {control.code for control in loaded.dossier.non_negotiables.added} if loaded else set()
    if offer.deployment and offer.deployment not in deployments:
        yield Fault("/deployment", f"The dossier has no deployment “{offer.deployment}”.")
    if offer.control and offer.control not in controls:
        yield Fault("/control", f"The dossier has no added non-negotiable “{offer.control}”.")
    if each != "once" and not offer.deployment and len(deployments) != 1:
        yield Fault(
            "/deployment", "Say for which deployment: this question is asked of each one.", "required"
        )
    if each == "added_control" and not offer.control:
        yield Fault(
            "/control", "Say for which non-negotiable: this question is asked of each one.", "required"
        )


def _word_faults(offer: Offer) -> Iterator[Fault]:
    if not offer.title:
        yield Fault("/title", "Give it a title people will recognise.", "required")
    if len(offer.title) > LONGEST_TITLE:
        yield Fault("/title", f"The title is longer than {LONGEST_TITLE} characters.", "too_long")
    if not offer.statement:
        yield Fault("/statement", "Say in a sentence what it shows.", "required")
    if len(offer.statement) > LONGEST_STATEMENT:
        yield Fault("/statement", f"The statement is longer than {LONGEST_STATEMENT} characters.", "too_long")
    if any("\x00" in words for words in (offer.title, offer.statement, offer.link)):
        yield Fault("/statement", "A NUL character has no place in text.")


def _form_faults(offer: Offer, n_files: int) -> Iterator[Fault]:
    if offer.form not in Form.values:
        yield Fault("/form", f"Choose one of: {', '.join(Form.values)}.")
    if (offer.form == Form.FILE) != bool(n_files):
        yield Fault(
            "/file", "Add the file." if offer.form == Form.FILE else "This form of evidence has no file."
        )
    if offer.form == Form.LINK and not is_link(offer.link):
        yield Fault("/link", "Write a whole address that begins with https:// or http://.")
    if offer.form != Form.LINK and offer.link:
        yield Fault("/link", "This form of evidence has no link.")
    if offer.form == Form.MEASUREMENT and not offer.measures:
        yield Fault("/measures", "State the measured values, each with its name.", "required")
    yield from _measure_faults(offer)


def is_link(link: str) -> bool:
    """Whether evidence may lead there: a whole address of the web, without a name or a password in it."""
    if len(link) > LONGEST_LINK or any(character.isspace() or ord(character) < 32 for character in link):  # noqa: PLR2004 — control characters
        return False
    try:
        parts = urlsplit(link)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and port_is_sound
    )


def _measure_faults(offer: Offer) -> Iterator[Fault]:
    if len(offer.measures) > MOST_MEASURES:
        yield Fault("/measures", f"{MOST_MEASURES} measured values are the most.")
    for name, value in offer.measures.items():
        if not _MEASURE_NAME.fullmatch(name):
            yield Fault(
                "/measures", f"“{name[:60]}” is no name for a value: use small letters, digits and _."
            )
        if not _is_number(value):
            yield Fault(f"/measures/{name[:60]}", "Write a number.")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= 1e15  # noqa: PLR2004 — as in the dossier


def _day_faults(offer: Offer, today: date) -> Iterator[Fault]:
    if offer.observed_on > today:
        yield Fault(
            "/observed_on", f"It cannot have been true later than today, {today:%-d %B %Y}.", "in_the_future"
        )
    if offer.observed_on < today - timedelta(days=OLDEST_DAYS):
        yield Fault("/observed_on", "This is more than ten years ago.")
    if offer.expires_on is not None and offer.expires_on <= offer.observed_on:
        yield Fault("/expires_on", "It must expire after the day on which it was true.", "order")
    if offer.expires_on is not None and offer.expires_on > LATEST:
        sentence = f"Write a day up to {LATEST.year}, or none where the evidence does not expire by itself."
        yield Fault("/expires_on", sentence, "range")


def _version_faults(
    offer: Offer, initiative: Initiative, n_files: int, replaces: Evidence | None
) -> Iterator[Fault]:
    if replaces is None:
        return
    if replaces.initiative_id != initiative.pk or replaces.question != offer.question:
        yield Fault("/supersedes", "A new version answers the same question of the same initiative.")
    if n_files > 1:
        yield Fault("/file", "One file replaces one item.")
