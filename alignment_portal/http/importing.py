"""Importing a table: every row through the real service, all faults told at once, and all of it or nothing.

A preview does exactly what the import does and takes it back, so that it cannot promise what would be refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.core import signing
from django.db import IntegrityError, transaction

from alignment_portal.http.problems import faults_of, refusal_behind
from alignment_portal.http.sheets import Column, SheetRow, column_of, empty_cells, faults_at
from alignment_portal.refusals import Conflict, Fault, Refusal
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
    """One kind of table. ``keep`` does one row by the services of its app and raises their refusals.

    ``stand_ins`` are sound words for cells that are empty or wrong (nothing, where a column has none): beside them the
    rest of the row is judged, so that all of it is told at once. What was judged so is never kept.
    """

    kind: str
    columns: tuple[Column, ...]
    keep: Callable[[dict[str, str]], Done]
    key: str = "code"
    stand_ins: Mapping[str, str] = field(default_factory=dict)

    def run(self, rows: Sequence[SheetRow], *, commit: bool) -> Outcome:
        """Do every row; without ``commit``, or with a fault anywhere, take all of it back."""
        lines: list[Line] = []
        faults = _doubles(rows, self.key)
        with writes_allowed(), transaction.atomic():
            for row in rows:
                done, found = self._one(row)
                if done is not None:
                    lines.append(Line(row.number, done))
                faults += faults_at(row, found)
            kept = commit and not faults
            if not kept:
                transaction.set_rollback(True)
        return Outcome(tuple(lines), tuple(faults), committed=kept)

    def _one(self, row: SheetRow) -> tuple[Done | None, list[Fault]]:
        """What became of the row, or everything that is wrong with it."""
        if any(not fault.pointer for fault in row.faults):
            return None, list(row.faults)  # its cells may stand under the wrong heads
        faults = list(row.faults)
        seen = {column_of(fault) for fault in faults}
        faults += [fault for fault in empty_cells(row, self.columns) if column_of(fault) not in seen]
        while True:
            wrong = {column_of(fault) for fault in faults}
            values = {
                name: self.stand_ins.get(name, "") if name in wrong else text
                for name, text in row.values.items()
            }
            try:
                done = self._kept(values, stays=not faults)
            except Refusal as refusal:
                more = self._more(faults_of(refusal) or (Fault("", refusal.sentence, refusal.code),), wrong)
            else:
                return (None if faults else done), faults
            faults += more
            if not {column_of(fault) for fault in more} - {""}:
                return None, faults

    def _kept(self, values: dict[str, str], *, stays: bool) -> Done:
        try:
            with transaction.atomic():
                done = self.keep(values)
                if not stays:
                    transaction.set_rollback(True)
                return done
        except IntegrityError as error:
            raise refusal_behind(error) or Conflict("This contradicts what is recorded.") from error

    def _more(self, found: Sequence[Fault], wrong: set[str]) -> list[Fault]:
        """Of what was found beside stand-ins, that which does not come of them."""
        if not wrong:
            return list(found)
        known = {column.name for column in self.columns} - wrong
        # What points to no cell is about the whole row, and true when it is known which row that is.
        known |= {""} - wrong if self.key and self.key not in wrong else set()
        return [fault for fault in found if column_of(fault) in known]


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
