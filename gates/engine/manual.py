"""The policy as a page for people: every gate, rule and number, written out from the policy itself."""

from __future__ import annotations

from collections.abc import Iterator

from gates.engine.answers import SHARE
from gates.engine.movers import in_words
from gates.engine.policy import Evidenced, Gate, Measure, Policy, Rule
from gates.engine.words import capital, count, day, listing, number, percent, span

SEVERITIES = {
    "blocker": "holds it at blocked",
    "suspender": "holds it at blocked, from the first live deployment on",
    "limiter": "holds it at learning-only",
    "readiness": "holds it at aligned",
    "advisory": "is shown and decides nothing",
}
WAIVERS = {
    "none": "never",
    "exec": "by an executive",
    "h1_exec": "by an executive, in H1 only, and never where customers' personal data is concerned",
}
NOTE = "<!-- Written by tools/write_policy_page.py from the policy file. Change the policy file and run it again. -->"


def policy_page(policy: Policy) -> str:
    """The whole page as Markdown."""
    lines = [
        f"# {policy.title} {policy.version}",
        "",
        NOTE,
        "",
        f"In force from {day(policy.effective_from)}. The policy file decides; this page repeats it in words.",
        "",
        *_severities(),
        *_lanes(policy),
        *_horizons(policy),
        *_waivers(policy),
        *_kinds(policy),
    ]
    for gate in policy.gates:
        lines += _gate(policy, gate)
    return "\n".join(lines).rstrip() + "\n"


def _severities() -> Iterator[str]:
    yield from ("## When a rule is not met", "", "| severity | what follows |", "| --- | --- |")
    yield from (f"| {name} | {words} |" for name, words in SEVERITIES.items())
    yield ""


def _lanes(policy: Policy) -> Iterator[str]:
    lanes = policy.lanes
    yield from ("## Lanes", "")
    kinds = listing([kind.replace("_", " ") for kind in lanes.enhanced_archetypes])
    yield f"- **Enhanced**: {kinds}; or a binding decision; or customers' personal data."
    yield (
        f"- **Light**: internal, advisory, without customers' personal data, "
        f"at most {count(lanes.light_people_at_most, 'person', 'people')} affected."
    )
    yield "- **Standard**: all others. A lane may be raised, never lowered."
    left_out = [rule.code for rule in policy.rules if "light" in rule.left_out_in]
    yield from ("", f"The light lane leaves out {listing(left_out)}.", "")


def _horizons(policy: Policy) -> Iterator[str]:
    yield from (
        "## Horizons",
        "",
        "| horizon | reach | output | clean weeks before the next |",
        "| --- | --- | --- | --- |",
    )
    for terms in policy.horizons:
        modes = listing([mode.replace("_", " ") for mode in terms.modes])
        weeks = str(terms.clean_weeks or "–")
        yield f"| {terms.code}: {terms.title} | {percent(terms.volume_share_at_most)} of the volume | {modes} | {weeks} |"
    yield ""


def _waivers(policy: Policy) -> Iterator[str]:
    terms = policy.waivers
    yield from ("## Waivers", "")
    yield (
        f"At most {count(terms.days_at_most, 'day')} and {count(terms.renewals_at_most, 'renewal')}, accepted by an "
        f"executive who neither asked for it nor submitted evidence for it. Never waived: {listing(list(terms.never))}."
    )
    yield ""


def _kinds(policy: Policy) -> Iterator[str]:
    yield from ("## Kinds of evidence", "", "| kind | shows that something works |", "| --- | --- |")
    yield from (
        f"| {kind.title} (`{kind.code}`) | {'yes' if kind.demonstrates else 'no'} |" for kind in policy.kinds
    )
    yield ""


def _gate(policy: Policy, gate: Gate) -> Iterator[str]:
    yield from (f"## {gate.title} (`{gate.code}`)", "", f"*{gate.question}*", "")
    reviewers = listing([in_words(f"assurer:{function}") for function in gate.reviewers])
    endorsed = f" Endorsed by the {in_words(f'executive:{gate.endorser_function}')}." if gate.endorsed else ""
    yield from (
        f"Worked by the {in_words(gate.owner_role)}; evidence is reviewed by the {reviewers}.{endorsed}",
        "",
    )
    for rule in policy.rules_of(gate.code):
        yield from _rule(policy, rule)


def _rule(policy: Policy, rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.code}: {rule.title}", "")
    yield f"**Why we ask.** {rule.why}"
    yield ""
    if rule.question:
        yield f"- Question: {rule.question}"
    yield f"- Severity: {rule.severity}, {SEVERITIES[rule.severity]}"
    yield f"- May be waived: {WAIVERS[rule.waiver]}"
    if rule.archetypes:
        yield f"- Asked of: {listing([kind.replace('_', ' ') for kind in rule.archetypes])}"
    if rule.left_out_in:
        yield f"- Left out in the {listing(list(rule.left_out_in))} lane"
    if rule.asks:
        yield from _asks(policy, rule.asks)
    yield f"- What to do: {rule.remedy.replace(': {what}', '').replace('{what}', 'what is missing')}"
    yield f"- Who: {in_words(rule.default_owner)}"
    yield f"- What good looks like: {rule.good}"
    yield f"- Judged by: `{rule.check}`"
    yield ""


def _asks(policy: Policy, asks: Evidenced) -> Iterator[str]:
    kinds = listing([policy.kind(code).title.lower() for code in asks.kinds])
    yield f"- Evidence: {kinds}, not older than {span(asks.fresh_days)}"
    if asks.demonstrated:
        yield "- It must be demonstrated; a document is not enough"
    if asks.recent_days is not None:
        yield f"- Observed at most {count(asks.recent_days, 'day')} before it is submitted"
    if asks.each != "once":
        yield f"- Asked for every {'deployment' if asks.each == 'deployment' else 'added control at every deployment'}"
    yield from (f"- {capital(_measure(measure))} (`{measure.name}`)" for measure in asks.measures)


def _measure(measure: Measure) -> str:
    def said(value: float) -> str:
        return percent(value) if measure.unit == SHARE else f"{number(value)} {measure.unit}".strip()

    bounds = []
    if measure.at_least is not None:
        bounds.append(f"at least {said(measure.at_least)}")
    if measure.at_most is not None:
        bounds.append(f"at most {said(measure.at_most)}")
    if measure.at_most_measure:
        bounds.append(f"at most the {measure.at_most_measure.replace('_', ' ')}")
    if measure.equals_measure:
        bounds.append(f"equal to the {measure.equals_measure.replace('_', ' ')}")
    if measure.at_most_stated:
        bounds.append("at most what the dossier states")
    return f"{measure.title}: {listing(bounds)}"
