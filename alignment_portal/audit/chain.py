"""The hash chain: what is hashed, how an entry joins it, and how the whole of it is verified."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.models import GENESIS, Entry, Head

STREAM = "portal"
_KEPT = ("before", "after", "reason")


@dataclass(frozen=True)
class ChainReport:
    ok: bool
    entries: int
    faults: tuple[tuple[int, str], ...]
    head_hash: str
    head_seq: int


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | Decimal | date):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    message = f"{type(value).__name__} cannot be written to the audit record."
    raise TypeError(message)


def canonical_json(value: object) -> str:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )


def fields_of(entry: Entry) -> tuple[str, ...]:
    """Every recorded field as text, in the order in which it is hashed (the PostgreSQL guard repeats it)."""
    return (
        entry.stream,
        str(entry.seq),
        entry.prev,
        moment_text(entry.at),
        moment_text(entry.recorded_at),
        "" if entry.actor_id is None else str(entry.actor_id),
        entry.actor_label,
        entry.via,
        entry.action,
        entry.initiative_key,
        entry.subject,
        entry.payload,
    )


def hash_of(entry: Entry) -> str:
    """SHA-256 over the fields, each preceded by its length in bytes, so that no two records read the same."""
    digest = hashlib.sha256()
    for text in fields_of(entry):
        raw = text.encode()
        digest.update(b"%d:%s," % (len(raw), raw))
    return digest.hexdigest()


def _locked_head() -> Head:
    Head.objects.get_or_create(
        stream=STREAM, defaults={"seq": 0, "hash": GENESIS, "recorded_at": datetime(1970, 1, 1, tzinfo=UTC)}
    )
    return Head.objects.select_for_update().get(stream=STREAM)


@dataclass(frozen=True)
class Anchor:
    """The place and hash of the newest entry: what packs and receipts print."""

    seq: int
    hash: str


def head() -> Anchor:
    found = Head.objects.filter(stream=STREAM).first()
    return Anchor(0, GENESIS) if found is None else Anchor(found.seq, found.hash)


def record(
    *,
    by: Actor,
    action: str,
    subject: str,
    initiative: str = "",
    before: object = None,
    after: object = None,
    reason: str = "",
    **more: object,
) -> Entry:
    """Append one entry to the chain, in the caller's transaction. A NUL has no place in text, so it is refused."""
    kept = dict(zip(_KEPT, (before, after, reason), strict=True))
    payload = canonical_json(
        {**more, **{name: value for name, value in kept.items() if value not in (None, "")}}
    )
    last = _locked_head()
    # The clock of this machine may step back; the chain's own time may not.
    recorded_at = max(clock.wall(), last.recorded_at)
    entry = Entry(
        stream=STREAM,
        seq=last.seq + 1,
        prev=last.hash,
        at=min(clock.now(), recorded_at),
        recorded_at=recorded_at,
        actor_id=by.user_id,
        actor_label=",".join(sorted(by.roles)) or by.via,
        via=by.via,
        action=str(action),
        initiative_key=initiative,
        subject=subject,
        payload=payload,
    )
    entry.hash = hash_of(entry)
    entry.save(force_insert=True)
    return entry


def verify_chain() -> ChainReport:
    """Walk the chain from its first entry and say what is wrong with it, and where."""
    walk = _Walk()
    entries = Entry.objects.filter(stream=STREAM).order_by("seq").iterator(chunk_size=2000)
    walk.over(entries)
    walk.end(Head.objects.filter(stream=STREAM).first())
    return ChainReport(not walk.faults, walk.count, tuple(walk.faults), walk.hash, walk.seq)


class _Walk:
    def __init__(self) -> None:
        self.seq, self.hash, self.count = 0, GENESIS, 0
        self.faults: list[tuple[int, str]] = []

    def over(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._step(entry)

    def _step(self, entry: Entry) -> None:
        if entry.seq != self.seq + 1:
            self._fault(
                self.seq + 1, f"Entry {self.seq + 1} is missing: entry {entry.seq} follows entry {self.seq}."
            )
        elif entry.prev != self.hash:
            self._fault(entry.seq, f"Entry {entry.seq} does not name the hash of the entry before it.")
        if entry.hash != hash_of(entry):
            self._fault(entry.seq, f"Entry {entry.seq} was changed after it was recorded.")
        self.seq, self.hash = entry.seq, entry.hash
        self.count += 1

    def end(self, head: Head | None) -> None:
        seq, hash_ = (0, GENESIS) if head is None else (head.seq, head.hash)
        if (seq, hash_) != (self.seq, self.hash):
            self._fault(self.seq, f"The head names entry {seq}, but the last entry is {self.seq}.")

    def _fault(self, seq: int, sentence: str) -> None:
        self.faults.append((seq, sentence))


def anchor_fault(seq: int, hash_: str) -> str:
    """What is wrong when the chain is held against a sequence and hash kept elsewhere; empty when it holds."""
    entry = Entry.objects.filter(stream=STREAM, seq=seq).first()
    if entry is None:
        return f"Entry {seq}, which was kept as an anchor, is no longer in the record: its end was cut off."
    if entry.hash != hash_:
        return f"Entry {seq} no longer has the hash that was kept as an anchor: the record was rewritten."
    return ""


def read_anchor(text: str) -> tuple[int, str]:
    """An anchor as `audit_head` prints it; raises ValueError with a sentence."""
    seq, _, hash_ = text.partition(":")
    if not seq.isdigit() or not hash_:
        raise ValueError(f"“{text}” is not an anchor. Write SEQ:HASH, such as 120:9f8e….")
    return int(seq), hash_
