"""What stands between a review and an aligned conclusion: the same list for the page, the API and the service."""

from collections.abc import Iterable, Iterator

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from reviews.models import Part, Review
from reviews.selectors.changes import Changes, changes_of
from reviews.selectors.standings import Given, Standing, standing_of

PART_WORDS = {part.point: f"the {part.label}" for part in Part}


class Blocker(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is missing, and whose move it is."""

    code: str
    sentence: str
    who: tuple[str, ...] = ()
    trade_off: str = ""


def blockers_of(review: Review, reader: Actor) -> tuple[Blocker, ...]:
    """What is missing, as this reader may know it."""
    standing = standing_of(review, clock.now())
    return tuple(find_blockers(review, standing, changes_of(review, standing), reader=reader.email))


def find_blockers(review: Review, standing: Standing, changes: Changes, *, reader: str) -> Iterator[Blocker]:
    """Name everything that is missing. While answers are sealed it is said who has not answered, never how anybody did."""
    seen = standing.seen_by(reader)
    if review.sent_at is None:
        yield Blocker(code="not_sent", sentence=f"{review.ref} has not been sent to its participants.")
    if not standing.trade_offs:
        yield Blocker(
            code="no_trade_off", sentence="No trade-off is recorded: agreement is about trade-offs."
        )
    yield from _missing_roles(review, standing)
    yield from _quorum(review, standing)
    yield from _missing_stances(review, standing)
    yield from _stale(standing, changes)
    if standing.is_open_to(reader):
        yield from _abstentions(review, standing)
        yield from _disagreements(standing, seen)
        return
    said = [*_abstentions(review, standing), *_disagreements(standing, standing.stances)]
    said = [blocker for blocker in said if blocker.trade_off in standing.trade_offs]
    if said and standing.is_complete():
        sentence = "Not every required answer is a yes; who said what is shown when the pre-read ends."
        yield Blocker(code="sealed", sentence=sentence)


def _holders(standing: Standing, role: str) -> tuple[str, ...]:
    return tuple(seat.email for seat in standing.seats if seat.role == role)


def _missing_roles(review: Review, standing: Standing) -> Iterator[Blocker]:
    for role in sorted(review.required_roles):
        if not _holders(standing, role):
            yield Blocker(
                code="role_missing", sentence=f"Nobody takes part for the required role {words(role)}."
            )


def _quorum(review: Review, standing: Standing) -> Iterator[Blocker]:
    present, invited = len(standing.present()), len(standing.seats)
    if invited and present < review.quorum * invited:
        yield Blocker(
            code="quorum",
            sentence=f"{present} of {invited} participants answered every trade-off; {review.quorum:.0%} are needed.",
            who=tuple(seat.email for seat in standing.seats if seat.email not in standing.present()),
        )


def _answers(review: Review, standing: Standing) -> Iterator[tuple[str, str, tuple[str, ...], list[Given]]]:
    for trade_off in standing.trade_offs:
        for role in sorted(review.required_roles):
            holders = _holders(standing, role)
            given = [s for s in standing.stances if s.trade_off == trade_off and s.email in holders]
            yield trade_off, role, holders, given


def _missing_stances(review: Review, standing: Standing) -> Iterator[Blocker]:
    for trade_off, role, holders, given in _answers(review, standing):
        if holders and not given:
            sentence = f"Nobody for {words(role)} has answered the trade-off {trade_off}."
            yield Blocker(code="stance_missing", sentence=sentence, who=holders, trade_off=trade_off)


def _abstentions(review: Review, standing: Standing) -> Iterator[Blocker]:
    """A required role needs somebody who answered and did not abstain."""
    for trade_off, role, _, given in _answers(review, standing):
        if given and all(stance.answer == "abstain" for stance in given):
            sentence = f"{words(role).capitalize()} abstains from the trade-off {trade_off}."
            who = tuple(stance.email for stance in given)
            yield Blocker(code="stance_abstained", sentence=sentence, who=who, trade_off=trade_off)


def _stale(standing: Standing, changes: Changes) -> Iterator[Blocker]:
    changed: dict[str, set[str]] = {}
    for stance in standing.stances:
        changed.setdefault(stance.email, set()).update(changes.all_sections(stance.packages))
    for email, names in sorted(changed.items()):
        if names:
            listed = ", ".join(words(name) for name in sorted(names))
            sentence = f"The package changed since {email} answered ({listed}): they have to answer again."
            yield Blocker(code="stance_stale", sentence=sentence, who=(email,))


def _disagreements(standing: Standing, seen: Iterable[Given]) -> Iterator[Blocker]:
    required = {seat.email for seat in standing.seats if seat.required}
    for stance in seen:
        if stance.email in required and _is_open_disagreement(stance):
            about = PART_WORDS.get(stance.trade_off) or f"the trade-off {stance.trade_off}"
            yield Blocker(
                code="disagreement_open",
                sentence=f"{stance.email} disagrees with {about}.",
                who=(stance.email,),
                trade_off=stance.trade_off,
            )


def has_hidden_dissent(standing: Standing, reader: str) -> bool:
    """Whether a required participant disagrees with something this reader may not see. For the conclusion alone."""
    seen = {stance.id for stance in standing.seen_by(reader)}
    hidden = [stance for stance in standing.stances if stance.id not in seen]
    return any(True for _ in _disagreements(standing, hidden))


def _is_open_disagreement(stance: Given) -> bool:
    return stance.answer == "disagree" and not stance.commits


def words(code: str) -> str:
    return code.replace("_", " ")
