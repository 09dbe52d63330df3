"""The face of the cluster paper: what its members share, where they differ, and one list of decisions."""

from __future__ import annotations

from collections.abc import Callable

from packs.content.agreed import is_draft
from packs.content.agreement import agreement_section
from packs.content.cluster.differences import differences_section
from packs.content.cluster.shared import controls_section, shared_section
from packs.content.decisions import EXECUTIVES, decisions_sought
from packs.content.gathered import Gathered, key_of, named
from packs.content.members import basis_section, counts_table, impact_of, members_of, standing_words, way_of
from packs.content.parts import Block, Cell, Column, Decision, Overview, PackContent, Section, Table, Words
from packs.content.source import Source
from packs.content.words import count, counted, listing, sentence

MOST_DECISIONS = 6


def cluster_content(gathered: Gathered) -> PackContent:
    """Everything the cluster paper says."""
    return PackContent(
        subject=f"cluster:{gathered.key}",
        key=gathered.key,
        title=gathered.title,
        subtitle=f"{counted(len(gathered.members), 'initiative')} that share one package: {listing([named(m) for m in _by_key(gathered)])}.",
        status="",
        level="",
        is_draft=any(is_draft(member.facts) for member in gathered.members),
        classification=gathered.classification,
        owner="",
        sponsor="",
        horizon="",
        policy=gathered.policy,
        dossier_fingerprint="",
        facts=(
            ("Holds", count(len(gathered.members), "initiative")),
            ("Purpose", "Decision on the shared package, then on each difference"),
        ),
        audience=gathered.audience,
        overview=_overview(gathered),
        sections=tuple(section for write in SECTIONS if (section := write(gathered)) is not None),
        members=members_of(gathered),
    )


def _by_key(gathered: Gathered) -> list[Source]:
    return sorted(gathered.members, key=key_of)


def decision_list(gathered: Gathered) -> tuple[Decision, ...]:
    """One list for the whole cluster: what was computed, then what each member asks for and is not in it yet."""
    found = decisions_sought(gathered)
    known = {decision.what for decision in found}
    own = [
        Decision(
            what=f"{key_of(m)}: {sentence(m.dossier.initiative.decision_sought)}",
            why=way_of(m),
            who=gathered.name(m.dossier.initiative.sponsor) or EXECUTIVES,
            about=(key_of(m),),
        )
        for m in gathered.members
        if m.dossier.initiative.decision_sought
    ]
    return (
        *found,
        *(one for one in own if one.what not in known and one.what.partition(": ")[2] not in known),
    )


def _overview(gathered: Gathered) -> Overview:
    sought = decision_list(gathered)
    unsettled = [need for need in gathered.needs() if not need.is_settled and len(need.waiting) > 1]
    return Overview(
        sentence=standing_words([m.verdict.level for m in gathered.members], "member"),
        decisions=sought[:MOST_DECISIONS],
        more_decisions=max(0, len(sought) - MOST_DECISIONS),
        counts=counts_table(gathered),
        glance=(
            (
                "Shared",
                f"Several wait for {listing([f'“{need.dependency.title}”' for need in unsettled])}."
                if unsettled
                else "No two members wait for the same outstanding dependency.",
            ),
            *((key_of(m), way_of(m)) for m in gathered.members[:MOST_DECISIONS]),
        ),
    )


def _members(gathered: Gathered) -> Section:
    table = Table(
        title="Members at a glance",
        columns=(
            Column(title="Initiative", width=27),
            Column(title="Verdict", width=14),
            Column(title="What stands in the way", width=35),
            Column(title="Impact", width=24),
        ),
        rows=tuple(
            (
                Cell(text=named(m), note=m.dossier.initiative.horizon),
                Cell(mark=m.verdict.level),
                Cell(text=way_of(m)),
                impact_of(m),
            )
            for m in gathered.members
        ),
    )
    return Section(
        code="initiatives",
        title="Members",
        lead=f"{counted(len(gathered.members), 'initiative')}, each with a page of its own at the end.",
        blocks=(table,),
    )


def _decisions(gathered: Gathered) -> Section:
    sought = decision_list(gathered)
    block: Block = (
        Table(
            title="Decisions sought",
            columns=(
                Column(title="Decision", width=44),
                Column(title="Why now", width=34),
                Column(title="Who decides", width=22),
            ),
            rows=tuple(
                (Cell(text=d.what, note=", ".join(d.about)), Cell(text=d.why), Cell(text=d.who))
                for d in sought
            ),
        )
        if sought
        else Words(text="No decision is asked for.")
    )
    return Section(
        code="decisions",
        title="One decision list",
        lead=f"{counted(len(sought), 'decision is', 'decisions are')} asked for.",
        blocks=(block,),
    )


def _agreement(gathered: Gathered) -> Section:
    """Each review once, under the initiatives it is about."""
    about: dict[str, list[str]] = {}
    said: dict[str, tuple[Block, ...]] = {}
    leads: dict[str, str] = {}
    for member in gathered.members:
        ref = member.facts.review.ref if member.facts.review else ""
        about.setdefault(ref, []).append(key_of(member))
        if ref not in said:
            section = agreement_section(member)
            said[ref], leads[ref] = section.blocks, section.lead
    blocks: list[Block] = []
    for ref, keys in about.items():
        if not ref:
            continue
        blocks.append(Words(title=f"Review {ref}: {listing(sorted(keys))}", text=leads[ref]))
        blocks.extend(said[ref])
    if "" in about:
        verb = "has" if len(about[""]) == 1 else "have"
        text = f"{listing(sorted(about['']))} {verb} no alignment review yet, so nobody's stance on them is known."
        blocks.append(Words(title="Not reviewed yet", text=text))
    reviewed = sum(len(keys) for ref, keys in about.items() if ref)
    return Section(
        code="alignment",
        title="Trade-offs, stances and commitments",
        lead=f"{counted(reviewed, 'member')} of {len(gathered.members)} {'stands' if reviewed == 1 else 'stand'} under an alignment review.",
        blocks=tuple(blocks),
    )


SECTIONS: tuple[Callable[[Gathered], Section | None], ...] = (
    _decisions,
    _members,
    shared_section,
    controls_section,
    differences_section,
    _agreement,
    basis_section,
)
