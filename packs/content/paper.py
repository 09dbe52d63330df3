"""The face of the content: one initiative's facts and judgement as everything its pack says."""

from __future__ import annotations

from gates.engine.explanation import Explanation
from gates.engine.facts import Facts
from gates.engine.policy import Policy
from gates.engine.verdict import Verdict
from packs.content.agreed import is_draft
from packs.content.agreement import agreement_section
from packs.content.appendix import appendix_section
from packs.content.chain import chain_section
from packs.content.change import change_section
from packs.content.gates import gates_section
from packs.content.limits import limits_section
from packs.content.measurement import measurement_section
from packs.content.operating import operating_section
from packs.content.parts import PackContent
from packs.content.risk import risk_section
from packs.content.source import Meta, Source
from packs.content.summary import summary_of
from packs.content.words import joined, sentence, title_of

SECTIONS = (
    chain_section,
    measurement_section,
    gates_section,
    risk_section,
    operating_section,
    change_section,
    agreement_section,
    limits_section,
    appendix_section,
)


def pack_content(
    facts: Facts, verdict: Verdict, explanation: Explanation, policy: Policy, meta: Meta
) -> PackContent:
    """Everything the pack says. Says nothing of the moment it is asked for, so that equal facts give equal content."""
    source = Source(facts=facts, verdict=verdict, explanation=explanation, policy=policy, meta=meta)
    initiative = facts.dossier.initiative
    return PackContent(
        subject=f"initiative:{initiative.key}",
        key=initiative.key,
        title=initiative.title,
        subtitle=initiative.summary,
        status=facts.status,
        level=verdict.level,
        is_draft=is_draft(facts),
        classification=initiative.classification,
        owner=source.name(initiative.owner),
        sponsor=source.name(initiative.sponsor),
        horizon=initiative.horizon,
        policy=policy.version,
        dossier_fingerprint=facts.fingerprint,
        facts=_cover(source),
        audience=meta.audience,
        summary=summary_of(source),
        sections=tuple(section(source) for section in SECTIONS),
    )


def _cover(source: Source) -> tuple[tuple[str, str], ...]:
    initiative = source.dossier.initiative
    scope = initiative.scope
    learning = initiative.learning_question if source.is_learning else ""
    rows = (
        ("Kind of AI", title_of(initiative.archetype)),
        ("Horizon", title_of(initiative.horizon)),
        (
            "Scope",
            joined((sentence(scope.description), sentence(", ".join(scope.categories).capitalize())), " "),
        ),
        ("Learning question", learning),
        ("Owner", source.name(initiative.owner)),
        ("Sponsor", source.name(initiative.sponsor) or "Not named"),
    )
    return tuple((label, value) for label, value in rows if value)
