"""The face of the portfolio paper.

To add a section: (1) put what it needs into a frozen field with a default of ``packs.content.gathered.Gathered``;
(2) fill that field in ``packs.selectors.gathering.gather``; (3) write ``<noun>_section(gathered) -> Section | None``
in a module of this folder, None where it has nothing to say; (4) add it to SECTIONS in the place it is read.
The page, the PDF, its bookmarks and contents, REST and “what changed since” take it from there.
"""

from __future__ import annotations

from collections.abc import Callable

from packs.content.gathered import Gathered
from packs.content.members import basis_section, members_of, table_section
from packs.content.parts import PackContent, Section
from packs.content.portfolio.agreement import agreement_section
from packs.content.portfolio.flow import flow_section
from packs.content.portfolio.frameworks import frameworks_section
from packs.content.portfolio.load import load_section
from packs.content.portfolio.operation import operation_section
from packs.content.portfolio.overview import overview_of
from packs.content.portfolio.scenarios import scenarios_section
from packs.content.words import count, counted

SECTIONS: tuple[Callable[[Gathered], Section | None], ...] = (
    table_section,
    flow_section,
    scenarios_section,
    load_section,
    operation_section,
    agreement_section,
    frameworks_section,
    basis_section,
)


def portfolio_content(gathered: Gathered) -> PackContent:
    """Everything the portfolio paper says."""
    return PackContent(
        subject="portfolio",
        key="Portfolio",
        title=gathered.title,
        subtitle=f"{counted(len(gathered.members), 'AI initiative')}: what is decided, what is blocked, what everybody waits for, and who absorbs the change.",
        status="",
        level="",
        is_draft=False,
        classification=gathered.classification,
        owner="",
        sponsor="",
        horizon="",
        policy=gathered.policy,
        dossier_fingerprint="",
        facts=_cover(gathered),
        audience=gathered.audience,
        overview=overview_of(gathered),
        sections=tuple(section for write in SECTIONS if (section := write(gathered)) is not None),
        members=members_of(gathered),
    )


def _cover(gathered: Gathered) -> tuple[tuple[str, str], ...]:
    live = sum(any(place.state == "live" for place in m.dossier.deployments) for m in gathered.members)
    return (
        (
            "Holds",
            f"{count(len(gathered.members), 'initiative')}, {live} of them live; retired ones are left out",
        ),
        ("Purpose", "Decision and discussion"),
    )
