"""The one page that stands alone: decision, verdict, three answers, what blocks, who does what, exceptions."""

from __future__ import annotations

from gates.engine.facts import Waiver
from gates.engine.verdict import Finding, Severity
from gates.engine.words import NEEDED, spelled
from packs.content.conditions import is_open, waits_for
from packs.content.parts import BEFORE, Answer, Deed, Summary
from packs.content.source import Source
from packs.content.words import capital, count, counted, counted_in_words, day, number, sentence, title_of

MOST = 6  # of anything: a reader with ten minutes takes in no more
# Characters that a line holds at the sizes of static/css/pack_paper.css, and lines left to lists on the sheet.
FULL, HALF, THIRD, DEED, LARGE = 104, 48, 32, 58, 66
SHEET = 37
LONGEST = 210  # characters of a reason on the summary; the whole stands in the appendix
LONGEST_DECISION, LONGEST_VERDICT = 420, 320
LIMITING: tuple[Severity, ...] = ("blocker", "suspender", "limiter", "readiness")


def summary_of(source: Source, elsewhere: str = "in the appendix") -> Summary:
    """The front page, with as many lines as one sheet holds; what is left out is counted and stands further on."""
    decision = cut(_decision(source), LONGEST_DECISION)
    said = source.explanation
    fits = len(said.sentence) < LONGEST_VERDICT
    verdict = cut(sentence(said.sentence if fits else said.in_brief), LONGEST_VERDICT)
    answers = _answers(source)
    waivers = tuple(_waiver(source, waiver) for waiver in waivers_in_force(source))
    conditions = _conditions(source)
    forbidding = _forbidding(source)
    blocks = tuple(f"{finding.code} · {in_brief(finding.reason)}" for finding in forbidding)
    deeds = _deeds(source)
    taken = _lines(decision, FULL) + _lines(verdict, LARGE) + _lines(_why(source), FULL) - 1
    taken += max((_lines(answer.sentence, THIRD) for answer in answers), default=0)
    taken += max(sum(_lines(line, HALF) for line in side) for side in (waivers, conditions[:MOST]))
    shown, done = _that_fit(blocks, deeds, SHEET - taken)
    return Summary(
        decision=decision,
        level=source.verdict.level,
        verdict=verdict,
        why=_why(source),
        answers=answers,
        blocks=blocks[:shown],
        blocks_lead=_blocks_lead(source, forbidding, shown, elsewhere),
        deeds=deeds[:done],
        more_deeds=len(deeds) - done,
        waivers=waivers,
        conditions=conditions[:MOST],
        more_conditions=max(0, len(conditions) - MOST),
    )


def _why(source: Source) -> str:
    """The lane, and why it is suspended where it is."""
    lane = sentence(capital(source.verdict.lane_reason))
    if source.facts.status != "suspended":
        return lane
    reason = source.facts.moves[-1].reason if source.facts.moves else ""
    since = day(source.facts.status_since.date())
    return cut(f"{lane} {sentence(f'Suspended since {since}: {reason}'.rstrip(': '))}", LONGEST_VERDICT)


def _lines(text: str, wide: int) -> int:
    """How many lines a text takes, by a guess that rather says one too many."""
    return -(-len(text) // wide)


def _that_fit(blocks: tuple[str, ...], deeds: tuple[Deed, ...], room: int) -> tuple[int, int]:
    """How many of each fit, taken in turns; one of each is always shown."""
    shown = done = 0
    for place in range(MOST):
        for rows, wide in ((blocks, FULL), (tuple(deed.what for deed in deeds), DEED)):
            if place >= len(rows):
                continue
            room -= _lines(rows[place], wide)
            if room < 0 and place:
                return shown, done
            if rows is blocks:
                shown += 1
            else:
                done += 1
    return shown, done


def _decision(source: Source) -> str:
    sought = source.dossier.initiative.decision_sought
    return sentence(sought) if sought else source.missing("No decision is asked for yet")


def in_brief(reason: str) -> str:
    """What was found; what was needed beside it only where there is room for both."""
    found, needed, _ = reason.partition(f" ({NEEDED} ")
    return cut(sentence(found if needed and len(reason) > LONGEST else reason), LONGEST)


def cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[:longest].rsplit(' ', 1)[0].rstrip(' ,;:.')} …"


def _answers(source: Source) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            question=answer.question,
            state="yes" if answer.ok else "not_yet" if answer.sentence.startswith("Not yet") else "no",
            sentence=cut(sentence(answer.sentence), LONGEST),
        )
        for answer in source.explanation.answers
    )


def _forbidding(source: Source) -> tuple[Finding, ...]:
    """The failing findings that keep the verdict from the next better one, worst first."""
    failing = source.verdict.failing(*LIMITING)
    worst = next((severity for severity in LIMITING if any(f.severity == severity for f in failing)), "")
    same = {"blocker", "suspender"} if worst in {"blocker", "suspender"} else {worst}
    return tuple(finding for finding in failing if finding.severity in same)


def _blocks_lead(source: Source, forbidding: tuple[Finding, ...], shown: int, elsewhere: str) -> str:
    if not forbidding:
        return "Nothing stands in the way: every rule that decides is met or waived."
    one = len(forbidding) == 1
    held = f"{'holds' if one else 'hold'} it at {title_of(source.verdict.level).lower()}"
    what = ("blocks it" if one else "block it") if source.verdict.level == "blocked" else held
    lead = f"{counted(len(forbidding), 'rule')} {what}"
    named = spelled(shown) if counted_in_words(len(forbidding)) else number(shown)
    return (
        f"{lead}; {named} {'is' if shown == 1 else 'are'} named here, all of them {elsewhere}."
        if len(forbidding) > shown
        else f"{lead}."
    )


def _deeds(source: Source) -> tuple[Deed, ...]:
    return tuple(
        Deed(
            who=move.person_name or source.name(move.person) or _role(move.role),
            what=cut(sentence(capital(move.deed)), LONGEST),
            by=_when(source, move.days),
        )
        for move in source.explanation.moves
    )


def _role(role: str) -> str:
    return f"The {role.replace('_', ' ')}" if role else "To be named"


def _when(source: Source, days: float) -> str:
    """Before the planned launch while that lies ahead, and how long the deed takes."""
    about = f"about {count(max(1, round(days)), 'day')}"
    launch = source.dossier.initiative.planned_launch_on
    return f"{BEFORE}{day(launch)}; takes {about}" if launch and launch > source.today else about


def waivers_in_force(source: Source) -> tuple[Waiver, ...]:
    """Accepted, not withdrawn, not ended."""
    return tuple(
        waiver
        for waiver in source.facts.waivers
        if waiver.accepted_at is not None and waiver.withdrawn_at is None and waiver.until >= source.today
    )


def _waiver(source: Source, waiver: Waiver) -> str:
    renewed = f", renewed {count(waiver.renewals, 'time')}" if waiver.renewals else ""
    return (
        f"{waiver.rule} until {day(waiver.until)}{renewed}: {sentence(cut(waiver.reason, 90))} "
        f"Accepted by {source.name(waiver.accepted_by)} ({waiver.ref})."
    )


def _conditions(source: Source) -> tuple[str, ...]:
    review = source.facts.review
    if review is None or review.state != "concluded":
        return ()
    found = []
    for condition in review.conditions:
        if is_open(source, condition):
            owed = waits_for(source, condition)
            found.append(f"{cut(sentence(condition.text), 140)} ({condition.ref}, {owed})")
    return tuple(found)
