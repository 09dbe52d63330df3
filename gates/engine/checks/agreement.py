"""Executive alignment: a concluded review, stances on every trade-off, sealed, fresh, and nothing left open."""

from __future__ import annotations

import datetime as dt

import msgspec

from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.facts import Facts, Review, Stance
from gates.engine.policy import NoParams, Params
from gates.engine.stand_ins import with_somebody
from gates.engine.verdict import NextMove
from gates.engine.view import UTC, Case
from gates.engine.words import count, day, listing, percent, some

PAGE = "alignment/"
OPEN_REVIEW = "review:open"
CONCLUDE = "review:conclude"
ROLES = {
    "business": "business",
    "risk_legal": "risk and legal",
    "operations": "operations",
    "technology": "technology",
}
PARTS = {
    "part:outcome_chain": "the outcome chain",
    "part:operating_model": "the operating model",
    "part:change_load": "the change load",
}
SECTIONS = {
    "outcome_chain": "the outcome chain",
    "metrics": "the metrics",
    "risk_posture": "the risk posture",
    "non_negotiables": "the non-negotiables",
    "operating_model": "the operating model",
    "scope": "the scope",
    "horizon": "the horizon",
}


class Roles(Params, frozen=True):
    """Whose stance is required, in the light lane and in the others."""

    roles: tuple[str, ...]
    light_roles: tuple[str, ...]

    def of(self, case: Case) -> tuple[str, ...]:
        """The required roles of this dossier's lane."""
        return self.light_roles if case.view.lane[0] == "light" else self.roles


class Quorum(Roles, frozen=True):
    """How many of those invited must have taken part."""

    share: float


class Period(Params, frozen=True):
    """How many days an agreement holds before it has to be said again."""

    reaffirm_days: int = 180


def role_in_words(role: str) -> str:
    """A role in a review as people read it."""
    return ROLES.get(role, role.replace("_", " "))


def _section(name: str) -> str:
    last = name.rsplit(".", 1)[-1].rsplit("/", 1)[-1]
    return SECTIONS.get(last, last.replace("_", " "))


def agree(
    text: str, *, role: str = "owner", person: str = "", key: str = "", after: tuple[str, ...] = ()
) -> NextMove:
    """A deed of agreeing, at the page of the alignment review."""
    return deed(text, role=role, place=PAGE, kind="agree", person=person, key=key, after=after, days=5.0)


def no_review(ledger: Ledger, what: str) -> Outcome:
    """Nothing was opened, so nothing is shown."""
    move = agree("Open an alignment review with the executives", key=OPEN_REVIEW)
    ledger.lack("Alignment review", f"no alignment review has been opened, so {what}", move, unknown=True)
    return ledger.settle()


def _date(moment: dt.datetime) -> str:
    return day(moment.astimezone(UTC).date())


# -- a concluded review ---------------------------------------------------------------------------------------


@check("agreement.review_is_concluded", Quorum)
def review_is_concluded(case: Case, params: Quorum) -> Outcome:
    """Concluded as aligned, with every required role and enough of the participants."""
    ledger, review = Ledger(), case.facts.review
    if review is None:
        return no_review(ledger, "nothing was agreed")
    if review.state != "concluded":
        has_lapsed = review.state == "lapsed"
        state = "has lapsed" if has_lapsed else "is not concluded"
        conclude = agree(f"Conclude the alignment review {review.ref}", key=CONCLUDE)
        move = agree("Open a new alignment review", key=OPEN_REVIEW) if has_lapsed else conclude
        ledger.lack("Conclusion", f"the alignment review {review.ref} {state}", move, unknown=True)
    elif review.outcome != "aligned":
        when = f" on {_date(review.concluded_at)}" if review.concluded_at else ""
        move = agree("Settle what kept the executives apart, and open a new review", key=OPEN_REVIEW)
        ledger.lack("Conclusion", f"the alignment review {review.ref} ended{when} without alignment", move)
    else:
        when = f" on {_date(review.concluded_at)}" if review.concluded_at else ""
        ledger.note("Conclusion", f"the executives aligned in {review.ref}{when}")
    for role in params.of(case):
        _line_ofrole_in_words(case, review, role, ledger)
    _line_of_quorum(review, params, ledger)
    return ledger.settle()


def _line_ofrole_in_words(case: Case, review: Review, role: str, ledger: Ledger) -> None:
    invited = [email for email, as_ in sorted(review.participants.items()) if as_ == role]
    came = [case.view.name(email) for email in invited if email in review.present]
    label = role_in_words(role)
    if came:
        ledger.note(label, f"{some(came)} took part for {label}")
    elif invited:
        move = agree(
            f"Give a stance on every trade-off for {label}",
            role="executive",
            person=invited[0],
            key=f"stance:{role}",
        )
        names = some([case.view.name(email) for email in invited])
        ledger.lack(label, f"{names} gave no stance on every trade-off for {label}", move, unknown=True)
    else:
        move = agree(f"Invite somebody who answers for {label}", key=f"invite:{role}")
        ledger.lack(label, f"nobody took part for {label}", move, unknown=True)


def _line_of_quorum(review: Review, params: Quorum, ledger: Ledger) -> None:
    invited = len(review.participants)
    came = sum(email in review.present for email in review.participants)
    share = came / invited if invited else 0.0
    found = f"{came} of {count(invited, 'participant')} gave their stances ({percent(round(share, 3))})"
    if invited and share >= params.share:
        ledger.note("Participants", found)
    else:
        move = agree("Collect the stances that are missing", key="stance:quorum")
        ledger.lack("Participants", found, move, needed=f"at least {percent(params.share)}")


@review_is_concluded.mend
def mend_review_is_concluded(case: Case, params: Quorum) -> Facts:
    """Hold a review: everybody required takes part, gives a stance, and it is concluded as aligned."""
    return _held(case, params)


def _held(case: Case, params: Roles) -> Facts:
    """Facts in which a review was held and concluded as aligned."""
    facts, somebody = with_somebody(case.facts)
    review = facts.review or Review(ref="RV-MENDED", state="concluded", trade_offs=("mended",))
    trade_offs = review.trade_offs or ("mended",)
    participants = dict(review.participants)
    for role in params.of(case):
        if role not in participants.values():
            participants[f"{role}.{somebody}"] = role
    given = {(stance.person, stance.trade_off) for stance in review.stances}
    fresh = [
        Stance(person=email, role=role, trade_off=code, answer="agree", at=case.now, sealed=True)
        for email, role in participants.items()
        for code in trade_offs
        if (email, code) not in given
    ]
    held = msgspec.structs.replace(
        review,
        state="concluded",
        outcome="aligned",
        concluded_at=case.now if review.outcome != "aligned" else review.concluded_at,
        participants=participants,
        present=frozenset(participants),
        trade_offs=trade_offs,
        stances=(*review.stances, *fresh),
    )
    return msgspec.structs.replace(facts, review=held)


# -- a stance of every required role on each trade-off --------------------------------------------------------


@check("agreement.stances_are_complete", Roles)
def stances_are_complete(case: Case, params: Roles) -> Outcome:
    """At least one trade-off, and on each a stance of every required role that is not an abstention."""
    ledger, review = Ledger(), case.facts.review
    if review is None:
        return no_review(ledger, "no trade-off was weighed")
    if not review.trade_offs:
        move = agree("Write down what is chosen and what is accepted for it", key="trade-off")
        ledger.lack("Trade-offs", f"{review.ref} holds no trade-off", move, unknown=True)
    answered = {(one.trade_off, one.role) for one in review.stances if one.answer != "abstain"}
    for trade_off in review.trade_offs:
        missing = [role for role in params.of(case) if (trade_off, role) not in answered]
        if not missing:
            ledger.note(
                trade_off_in_words(case, trade_off),
                f"every required role took a stance on {trade_off_in_words(case, trade_off)}",
            )
            continue
        moves = [_stance_move(review, role) for role in missing]
        who = listing([role_in_words(role) for role in missing])
        found = f"{who} took no stance on {trade_off_in_words(case, trade_off)}"
        ledger.lack(trade_off_in_words(case, trade_off), found, *moves, unknown=True)
    return ledger.settle()


def trade_off_in_words(case: Case, trade_off: str) -> str:
    """What was chosen, or the part that was rated; else its code."""
    if trade_off in PARTS:
        return PARTS[trade_off]
    chosen = (one.choose.rstrip(".") for one in case.dossier.trade_offs if one.code == trade_off)
    return f"“{next(chosen, trade_off)}”"


def _stance_move(review: Review, role: str) -> NextMove:
    invited = sorted(email for email, as_ in review.participants.items() if as_ == role)
    if not invited:
        return agree(f"Invite somebody who answers for {role_in_words(role)}", key=f"invite:{role}")
    text = f"Give a stance on every trade-off for {role_in_words(role)}"
    return agree(text, role="executive", person=invited[0], key=f"stance:{role}")


@stances_are_complete.mend
def mend_stances_are_complete(case: Case, params: Roles) -> Facts:
    """Let the first of each required role say yes where the role is silent."""
    facts = _with_trade_off(case, params)
    review = facts.review
    if review is None:
        return facts
    stances = {(one.person, one.trade_off): one for one in review.stances}
    for code in review.trade_offs:
        for role in params.of(case):
            if any(
                s.trade_off == code and s.role == role and s.answer != "abstain" for s in stances.values()
            ):
                continue
            person = next(email for email, as_ in sorted(review.participants.items()) if as_ == role)
            stances[person, code] = Stance(
                person=person, role=role, trade_off=code, answer="agree", at=case.now, sealed=True
            )
    return msgspec.structs.replace(
        facts, review=msgspec.structs.replace(review, stances=tuple(stances.values()))
    )


def _with_trade_off(case: Case, params: Roles) -> Facts:
    """Facts whose review has a trade-off and somebody for every required role; its state is left as it is."""
    facts, somebody = with_somebody(case.facts)
    review = facts.review or Review(ref="RV-MENDED", state="meeting")
    participants = dict(review.participants)
    for role in params.of(case):
        if role not in participants.values():
            participants[f"{role}.{somebody}"] = role
    review = msgspec.structs.replace(
        review, participants=participants, trade_offs=review.trade_offs or ("mended",)
    )
    return msgspec.structs.replace(facts, review=review)


# -- sealed ---------------------------------------------------------------------------------------------------


@check("agreement.stances_were_sealed", NoParams)
def stances_were_sealed(case: Case, _: NoParams) -> Outcome:
    """Everybody answered before seeing what others said."""
    ledger, review = Ledger(), case.facts.review
    if review is None:
        return no_review(ledger, "nobody has given a stance")
    if not review.stances:
        move = agree("Ask for stances, sealed until they are given", key="stance:quorum")
        ledger.lack("Stances", f"no stance of {review.ref} can be read yet", move, unknown=True)
    late = list(dict.fromkeys(one.person for one in review.stances if not one.sealed))
    for email in late:
        name = case.view.name(email)
        move = agree("Open a new review in which stances stay sealed", key=OPEN_REVIEW)
        ledger.lack(name, f"{name} answered after others' stances could be seen", move)
    if review.stances and not late:
        people = len({one.person for one in review.stances})
        given = f"{count(people, 'person gave a sealed stance', 'people gave sealed stances')}"
        ledger.note("Stances", f"{given} in {review.ref}")
    return ledger.settle()


@stances_were_sealed.mend
def mend_stances_were_sealed(case: Case, _: NoParams) -> Facts:
    """Ask again, sealed."""
    facts, somebody = with_somebody(case.facts)
    review = facts.review or Review(ref="RV-MENDED", state="meeting", trade_offs=("mended",))
    if not review.stances:
        code = review.trade_offs[0] if review.trade_offs else "mended"
        first = Stance(
            person=somebody, role="business", trade_off=code, answer="agree", at=case.now, sealed=True
        )
        review = msgspec.structs.replace(review, stances=(first,))
    return _with_stances(facts, review, sealed=True)


def _with_stances(facts: Facts, review: Review, **fields: object) -> Facts:
    stances = tuple(msgspec.structs.replace(stance, **fields) for stance in review.stances)
    return msgspec.structs.replace(facts, review=msgspec.structs.replace(review, stances=stances))


# -- fresh ----------------------------------------------------------------------------------------------------


@check("agreement.stances_are_fresh", Period)
def stances_are_fresh(case: Case, params: Period) -> Outcome:
    """Nothing material changed since the stances and their period is not over, unless they were re-affirmed."""
    ledger, review = Ledger(), case.facts.review
    if review is None:
        return no_review(ledger, "no stance can be about what stands here")
    changed = list(dict.fromkeys(_section(name) for name in review.stale))
    people = list(dict.fromkeys(one.person for one in review.stances if one.stale))
    if changed or people:
        what = f"{listing(changed)} changed" if changed else "the package changed"
        since = f" since {review.ref}" + (f" of {_date(review.concluded_at)}" if review.concluded_at else "")
        who = f", and {some([case.view.name(email) for email in people])} did not re-affirm" if people else ""
        moves = [_reaffirm(email) for email in people] or [_reaffirm("")]
        ledger.lack("Stances", f"{what}{since}{who}", *moves, needed="stances on the package as it stands")
    elif not review.stances:
        move = agree("Ask for stances, sealed until they are given", key="stance:quorum")
        ledger.lack("Stances", f"no stance of {review.ref} can be read yet", move, unknown=True)
    else:
        ledger.note("Stances", f"nothing material has changed since {review.ref}")
    _lines_of_period(case, review, params, ledger)
    return ledger.settle()


def _lines_of_period(case: Case, review: Review, params: Period, ledger: Ledger) -> None:
    """Who has to say again what they agreed on, because it was so long ago; else when somebody will have to."""
    until: dict[str, dt.datetime] = {}
    for one in review.stances:
        if one.affirmed_until is not None:
            until[one.person] = min(one.affirmed_until, until.get(one.person, one.affirmed_until))
    for email, moment in until.items():
        ledger.lapses(moment)
        if moment <= case.now:
            name = case.view.name(email)
            needed = f"a re-affirmation every {count(params.reaffirm_days, 'day')}"
            ledger.lack(name, f"{name} had to re-affirm by {_date(moment)}", _reaffirm(email), needed=needed)


def _reaffirm(email: str) -> NextMove:
    return agree(
        "Re-affirm the stance on what changed", role="executive", person=email, key=f"reaffirm:{email}"
    )


@stances_are_fresh.mend
def mend_stances_are_fresh(case: Case, _: Period) -> Facts:
    """Let everybody re-affirm."""
    sealed = mend_stances_were_sealed(case, NoParams()) if not _has_stances(case.facts) else case.facts
    review = sealed.review
    if review is None:
        return sealed
    fresh = msgspec.structs.replace(review, stale=(), fingerprint=case.facts.material_fingerprint)
    return _with_stances(sealed, fresh, stale=False, affirmed_until=None)


def _has_stances(facts: Facts) -> bool:
    return facts.review is not None and bool(facts.review.stances)
