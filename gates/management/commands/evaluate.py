"""Judge initiatives and print the verdicts, now or as of a past moment. Records nothing."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from alignment_portal.refusals import Refusal
from gates.engine import Verdict
from gates.selectors.bodies import moment_of, verdict_body
from gates.selectors.facts import Case
from gates.selectors.judging import judged
from initiatives.models import Initiative

Row = tuple[Case, str, Verdict]


class Command(BaseCommand):
    help = "Judge initiatives by their keys, or all of them, and print the verdicts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("keys", nargs="*", metavar="KEY", help="such as AI-0007")
        parser.add_argument("--all", action="store_true", dest="everything", help="judge every initiative")
        parser.add_argument(
            "--at", metavar="TIME", help="as known at that time, such as 2026-06-30T00:00:00Z"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON with every finding"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keys: list[str] = options["keys"]
        if bool(keys) == options["everything"]:
            raise CommandError("Name the initiatives to judge, or say --all.")
        try:
            at = moment_of(options["at"]) if options["at"] else None
            rows = judged(None if options["everything"] else _known(keys, at), at)
            self._print_json(rows) if options["as_json"] else self._print_table(
                rows, with_findings=bool(keys)
            )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal

    def _print_json(self, rows: Iterator[Row]) -> None:
        """One list, written as it is judged, so that a whole portfolio needs no more memory than a part."""
        self.stdout.write("[", ending="")
        for number, (case, _, verdict) in enumerate(rows):
            body = orjson.dumps(verdict_body(case, verdict)).decode()
            self.stdout.write(f"{',' if number else ''}\n{body}", ending="")
        self.stdout.write("\n]")

    def _print_table(self, rows: Iterator[Row], *, with_findings: bool) -> None:
        for case, key, verdict in rows:
            failing = verdict.failing("suspender", "blocker", "limiter", "readiness")
            count = f"{len(failing)} to mend" if failing else "nothing to mend"
            self.stdout.write(f"{key:<10} {case.facts.status:<14} {verdict.level:<14} {count}")
            for finding in failing if with_findings else ():
                who = finding.next_mover_name or finding.next_role
                self.stdout.write(
                    f"    {finding.code:<6} {finding.severity:<10} {finding.reason} Next: {who}."
                )


def _known(keys: list[str], at: datetime | None) -> list[str]:
    """The keys once each; refused when one of them names nothing, or nothing that existed then."""
    found = Initiative.objects.filter(key__in=keys)
    if at is not None:
        found = found.filter(versions__recorded_at__lte=at)
    missing = sorted(set(keys) - set(found.values_list("key", flat=True)))
    if missing:
        then = " at that time" if at is not None else ""
        raise CommandError(f"There is no initiative {', '.join(missing)}{then}.")
    return list(dict.fromkeys(keys))
