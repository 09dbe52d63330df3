"""Feed the readings of a file week by week, and say in which week the portal raises what.

A dossier beside the file (`credit-limit-observations.csv` → `credit-limit-dossier.json`) is opened first when the
portal does not hold it yet, and so is everybody it names. Running it again changes nothing.
"""

import io
import json
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.accounts.services import open_person
from alignment_portal.http.sheets import read_rows
from alignment_portal.refusals import Refusal
from gates.engine.weeks import Week
from gates.engine.words import day
from gates.selectors.looking_back import last_week, review_before_launch
from initiatives.dossier.document import decode
from initiatives.dossier.references import people_named
from initiatives.models import Initiative
from initiatives.services.dossiers import save_dossier
from metrics.services.observations import record_observations
from metrics.services.readings import MOST_ROWS
from metrics.services.sheets import COLUMNS, require_whole, rows_of

Rows = list[dict[str, Any]]
TONES = {"unjudged": "not judged"}


class Command(BaseCommand):
    help = (
        "Feed a file of readings week by week, judge each week on the evening it ended, and say what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="demo/credit-limit-observations.csv")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the weeks as JSON")

    def handle(self, *, file: Path, as_json: bool, **_: Any) -> None:
        try:
            rows = rows_of(require_whole(read_rows(io.BytesIO(file.read_bytes()), COLUMNS, most=MOST_ROWS)))
            self._replay(rows, file, as_json=as_json)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            raise CommandError(_sentence(refusal)) from refusal

    def _replay(self, rows: Rows, file: Path, *, as_json: bool) -> None:
        weeks = _by_week(rows)
        keys = {row.get("initiative", "") for rows in weeks.values() for row in rows}
        if len(keys) != 1 or "" in keys:
            raise CommandError(
                "A replay is about one initiative; name it in the column initiative of every row."
            )
        key = keys.pop()
        _open(key, file)
        told: list[Week] = []
        for ends, read in sorted(weeks.items()):
            record_observations(by=SYSTEM, rows=read)
            told.append(last_week(key, ends, told[-1] if told else None))
            if not as_json:
                self._say(key, told)
        if as_json:
            self.stdout.write(json.dumps([_body(week) for week in told], indent=2))
        else:
            self.stdout.write(f"Look at it week by week: /initiatives/{key}/weeks/")

    def _say(self, key: str, told: list[Week]) -> None:
        week = told[-1]
        if week.since_launch is None and not week.fresh:
            return
        if week.since_launch == 1:
            self._say_review(key)
        name = f"week {week.since_launch}" if week.since_launch else "before launch"
        stop = "must stop" if week.stops else "may run"
        self.stdout.write(f"{day(week.ends)} ({name}): {stop}")
        for told_of in week.readings:
            side = "model" if told_of.is_model else "people"
            self.stdout.write(
                f"    {side:<7} {told_of.title}: {told_of.value or 'not read'} ({TONES.get(told_of.tone, told_of.tone)})"
            )
        for flag in week.fresh:
            self.stdout.write(f"  + {flag.kind:<11} {flag.sentence}")

    def _say_review(self, key: str) -> None:
        """What a review before launch would have been told."""
        review = review_before_launch(key)
        if review is not None:
            blockers = ", ".join(review.blockers)
            self.stdout.write(
                f"{day(review.on)} (alignment review): {review.level}: {blockers}. Next: {review.next_move}."
            )


def _by_week(rows: Rows) -> Mapping[date, Rows]:
    """Rows by the last day of their calendar week, so that what ends on one day is fed together."""
    weeks: dict[tuple[int, int], Rows] = defaultdict(list)
    for row in rows:
        try:
            ends = date.fromisoformat(str(row.get("period_end", "")))
        except ValueError as error:
            raise CommandError(f"“{row.get('period_end', '')}” is no day; write 2026-03-06.") from error
        weeks[ends.isocalendar()[:2]].append(row)
    return {max(date.fromisoformat(row["period_end"]) for row in rows): rows for rows in weeks.values()}


def _open(key: str, file: Path) -> None:
    """Open what the replay is about, when this portal does not hold it yet."""
    if Initiative.objects.filter(key=key).exists():
        return
    beside = file.with_name(f"{file.stem.removesuffix('-observations')}-dossier.json")
    if not beside.exists():
        raise CommandError(
            f"There is no initiative {key}, and no dossier {beside.name} beside the file to open it from."
        )
    content = beside.read_bytes()
    with transaction.atomic():
        named = {email for _pointer, email in people_named(decode(content))}
        for email in sorted(named - set(User.objects.values_list("email", flat=True))):
            open_person(by=SYSTEM, email=email, name=_names().get(email, email.partition("@")[0]))
        save_dossier(by=SYSTEM, document=content)


def _names() -> dict[str, str]:
    """Names of the invented people of the demo; they cannot sign in unless the demo is loaded."""
    path = settings.BASE_DIR / "demo" / "people.json"
    people = json.loads(path.read_text("utf-8")) if path.exists() else []
    return {person["email"]: person["name"] for person in people}


def _sentence(refusal: Refusal) -> str:
    faults = getattr(refusal, "faults", ())
    more = "; ".join(f"{fault.pointer or '/'}: {fault.sentence}" for fault in faults[:5])
    return f"{refusal.sentence} {more}".strip()


def _body(week: Week) -> dict[str, Any]:
    return {
        "ends": str(week.ends),
        "week": week.since_launch,
        "level": week.level,
        "stops": week.stops,
        "readings": [
            {"metric": one.metric, "value": one.value, "tone": one.tone, "model": one.is_model}
            for one in week.readings
        ],
        "flags": [
            {
                "kind": flag.kind,
                "rule": flag.code,
                "sentence": flag.sentence,
                "stops": flag.stops,
                "new": flag.is_new,
            }
            for flag in week.flags
        ],
    }
