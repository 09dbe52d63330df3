"""Importing a table: every row through the real service, all faults told at once, and all of it or nothing.

A preview does exactly what the import does and takes it back, so that it cannot promise what would be refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.core import signing
from django.db import IntegrityError, transaction

from alignment_portal.http.problems import faults_of, refusal_behind
from alignment_portal.http.sheets import Column, SheetRow
from alignment_portal.refusals import Conflict, Fault, Invalid, Refusal
from alignment_portal.writing import writes_allowed

Deed = Literal["add", "change", "same"]
PREVIEW_SECONDS = 3600


@dataclass(frozen=True)
class Done:
    """What became of one row: its subject in a word, and for a change what differs (label, before, after)."""

    deed: Deed
    subject: str
    differences: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Line:
    number: int
    done: Done


@dataclass(frozen=True)
class Outcome:
    """What an import did, or would do. Nothing stands when there is a fault."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    committed: bool

    def of(self, deed: Deed) -> int:
        return sum(1 for line in self.lines if line.done.deed == deed)

    @property
    def counts(self) -> dict[str, int]:
        return {deed: self.of(deed) for deed in ("add", "change", "same")}


@dataclass(frozen=True)
class Importer:
    """One kind of table. ``keep`` does one row by the services of its app and raises their refusals."""

    kind: str
    columns: tuple[Column, ...]
    keep: Callable[[dict[str, str]], Done]
    key: str = "code"

    def run(self, rows: Sequence[SheetRow], *, commit: bool) -> Outcome:
        """Do every row; without ``commit``, or with a fault anywhere, take all of it back."""
        lines: list[Line] = []
        faults = _doubles(rows, self.key)
        with writes_allowed(), transaction.atomic():
            for row in rows:
                try:
                    lines.append(Line(row.number, self._one(row)))
                except Refusal as refusal:
                    faults += _of_row(row, refusal)
            kept = commit and not faults
            if not kept:
                transaction.set_rollback(True)
        return Outcome(tuple(lines), tuple(faults), committed=kept)

    def _one(self, row: SheetRow) -> Done:
        missing = [
            Fault(f"/{column.name}", f"“{column.head}” is empty.", "required")
            for column in self.columns
            if column.required and not row.values.get(column.name)
        ]
        if missing:
            raise Invalid(missing[0].sentence, faults=missing, code="required")
        try:
            with transaction.atomic():
                return self.keep(row.values)
        except IntegrityError as error:
            raise refusal_behind(error) or Conflict("This contradicts what is recorded.") from error


def _doubles(rows: Sequence[SheetRow], key: str) -> list[Fault]:
    """Each key once: the second row of one would silently win over the first."""
    seen: dict[str, int] = {}
    faults = []
    for row in rows:
        value = row.values.get(key, "").casefold()
        if value and value in seen:
            sentence = f"Row {row.number}: “{value}” stands in row {seen[value]} already."
            faults.append(Fault(f"/rows/{row.number}/{key}", sentence, "twice"))
        seen.setdefault(value, row.number)
    return faults


def _of_row(row: SheetRow, refusal: Refusal) -> list[Fault]:
    found = faults_of(refusal) or (Fault("", refusal.sentence, refusal.code),)
    return [
        Fault(f"/rows/{row.number}{fault.pointer}", f"Row {row.number}: {fault.sentence}", fault.code)
        for fault in found
    ]


# --- between preview and import ----------------------------------------------------------------------------


def sealed(kind: str, user: object, rows: Sequence[SheetRow]) -> str:
    """The rows that were previewed, signed, so that exactly these are imported and by nobody else."""
    body = {"user": str(user), "rows": [[row.number, row.values] for row in rows]}
    return signing.dumps(body, salt=f"import:{kind}", compress=True)


def unsealed(kind: str, user: object, text: str) -> list[SheetRow]:
    try:
        body = signing.loads(text, salt=f"import:{kind}", max_age=PREVIEW_SECONDS)
    except signing.BadSignature as error:
        raise Conflict(
            "This preview is over an hour old or not whole. Send the file again.", code="preview_over"
        ) from error
    if body["user"] != str(user):
        raise Conflict("This preview is somebody else’s. Send the file again.", code="preview_over")
    return [SheetRow(number, values) for number, values in body["rows"]]
