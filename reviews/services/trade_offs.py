"""The trade-offs of a review: proposed, reworded while nobody answered, withdrawn."""

import re

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Fault, Invalid, NotFound, Stale
from reviews.actions import Actions
from reviews.models import Review, ReviewTradeOff
from reviews.services.locks import (
    announce_change,
    audit_key,
    initiatives_of,
    locked,
    require_editor,
    require_running,
)

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
WORDS = ("choose", "accept", "because", "until", "change_our_mind")
LONGEST = {"until": 200}
LONGEST_TEXT = 4000


def _checked(words: dict[str, str], *, code: str) -> dict[str, str]:
    found = {name: str(words.get(name, "")).strip() for name in WORDS}
    faults = [
        Fault(f"/{name}", f"Say what is {part}.", "required")
        for name, part in (("choose", "chosen"), ("accept", "accepted for it"))
        if not found[name]
    ]
    faults += [
        Fault(f"/{name}", f"This is longer than {LONGEST.get(name, LONGEST_TEXT)} characters.", "too_long")
        for name, text in found.items()
        if len(text) > LONGEST.get(name, LONGEST_TEXT)
    ]
    if not CODE.fullmatch(code):
        faults.append(
            Fault(
                "/code", "A code is a short name of lower-case letters, digits, dots, dashes or underscores."
            )
        )
    if faults:
        raise Invalid("The trade-off is not complete.", faults=faults)
    return found


@service
def propose_trade_off(
    *,
    by: Actor,
    review: Review,
    code: str,
    choose: str,
    accept: str,
    because: str = "",
    until: str = "",
    change_our_mind: str = "",
    from_dossier: bool = False,
) -> ReviewTradeOff:
    review = locked(review)
    require_editor(by, initiatives_of(review))
    require_running(review)
    given = dict(zip(WORDS, (choose, accept, because, until, change_our_mind), strict=True))
    words = _checked(given, code=code)
    if review.trade_offs.filter(code=code).exists():
        raise Conflict(
            f"{review.ref} has a trade-off called {code} already.", code="code_taken", pointer="/code"
        )
    trade_off = ReviewTradeOff.objects.create(
        review=review,
        code=code,
        from_dossier=from_dossier,
        proposed_by_id=by.user_id,
        proposed_at=clock.now(),
        **words,
    )
    _tell(by, Actions.TRADE_OFF_PROPOSED, trade_off, after={"code": code, **words})
    return trade_off


@service
def change_trade_off(
    *, by: Actor, review: Review, code: str, changes: dict[str, str], expected: int | None = None
) -> ReviewTradeOff:
    """Reword a trade-off; with `expected`, only the version the caller has seen.

    INVARIANT: not once somebody has answered it; then it is withdrawn and put anew.
    """
    review = locked(review)
    require_editor(by, initiatives_of(review))
    require_running(review)
    trade_off = active_trade_off(review, code)
    if expected is not None and expected != trade_off.version:
        raise Stale("Somebody reworded this after you opened it. Nothing was overwritten.", code="stale")
    if trade_off.stances.exists():
        raise Conflict(
            f"Somebody has answered {code}, so its words stand. Withdraw it and propose another.",
            code="answered",
        )
    before = {name: getattr(trade_off, name) for name in WORDS}
    after = _checked({**before, **changes}, code=code)
    if before == after:
        return trade_off
    for name, text in after.items():
        setattr(trade_off, name, text)
    trade_off.version += 1
    trade_off.save(update_fields=[*WORDS, "version"])
    _tell(by, Actions.TRADE_OFF_CHANGED, trade_off, before=before, after=after)
    return trade_off


@service
def withdraw_trade_off(*, by: Actor, review: Review, code: str, reason: str) -> ReviewTradeOff:
    review = locked(review)
    require_editor(by, initiatives_of(review))
    require_running(review)
    trade_off = active_trade_off(review, code)
    if not reason.strip():
        raise Invalid("Say why the trade-off is withdrawn.", pointer="/reason", code="required")
    trade_off.withdrawn_at, trade_off.withdrawn_by_id = clock.now(), by.user_id
    trade_off.withdrawal_reason = reason.strip()
    trade_off.version += 1
    trade_off.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason", "version"])
    _tell(by, Actions.TRADE_OFF_WITHDRAWN, trade_off, reason=reason.strip())
    return trade_off


def active_trade_off(review: Review, code: str) -> ReviewTradeOff:
    trade_off = review.trade_offs.filter(code=code).first()
    if trade_off is None:
        raise NotFound(f"{review.ref} has no trade-off called {code}.")
    if trade_off.withdrawn_at is not None:
        raise Conflict(f"The trade-off {code} was withdrawn.", code="trade_off_withdrawn")
    found: ReviewTradeOff = trade_off
    return found


def _tell(
    by: Actor,
    action: Actions,
    trade_off: ReviewTradeOff,
    *,
    before: object = None,
    after: object = None,
    reason: str = "",
) -> None:
    review = trade_off.review
    record(
        by=by,
        action=action,
        subject=review.ref,
        initiative=audit_key(review),
        before=before,
        after=after,
        reason=reason,
        trade_off=trade_off.code,
    )
    announce_change(review)
