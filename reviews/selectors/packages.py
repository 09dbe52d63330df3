"""What an agreement rests on: the material state of every initiative under review, or of what all of them share."""

from collections.abc import Mapping
from typing import Any

import msgspec

from initiatives.dossier.canonical import canonical_json, digest, material_section_fingerprints
from initiatives.models import Initiative
from initiatives.selectors import LoadedDossier, load_dossiers
from portfolio.selectors.register import bottlenecks_at, dependencies_at
from reviews.models import Review, SubjectKind
from reviews.selectors.standings import Packages

PORTFOLIO = "portfolio"


def subject_keys(review: Review) -> list[str]:
    """Keys of the initiatives a review is about; a review of the portfolio binds none of them."""
    if review.subject_kind == SubjectKind.INITIATIVE:
        return [review.initiative.key] if review.initiative else []
    if review.subject_kind == SubjectKind.CLUSTER:
        return list(
            Initiative.objects.filter(cluster=review.cluster_id).order_by("key").values_list("key", flat=True)
        )
    return []


def packages_of(dossiers: Mapping[str, LoadedDossier]) -> dict[str, dict[str, Any]]:
    """What an agreement rests on, by initiative: the material fingerprint, and one a section."""
    return {
        key: {
            "material": loaded.material_fingerprint,
            "sections": material_section_fingerprints(loaded.dossier),
        }
        for key, loaded in dossiers.items()
    }


def current_packages(
    review: Review, loaded: Mapping[str, LoadedDossier] | None = None
) -> dict[str, dict[str, Any]]:
    """The material fingerprints of everything the review is about, as it is now."""
    if review.subject_kind == SubjectKind.PORTFOLIO:
        return {PORTFOLIO: _shared()}
    if loaded is None:
        keys = subject_keys(review)
        loaded = load_dossiers(keys) if keys else {}
    return packages_of(loaded)


def _shared() -> dict[str, Any]:
    """What is scarce: the caps of shared functions, and who owns and funds what everybody waits for."""
    records = {
        "bottlenecks": {code: {"title": row.title, "cap": row.cap} for code, row in bottlenecks_at().items()},
        "dependencies": {
            code: {name: value for name, value in msgspec.to_builtins(row).items() if name != "code"}
            for code, row in dependencies_at().items()
        },
    }
    return {
        "material": digest(canonical_json(records)),
        "sections": {name: digest(canonical_json(part)) for name, part in records.items()},
        "records": records,
    }


def changed_sections(given: Packages, key: str, current: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the material sections of an initiative that differ from those a stance was given on."""
    then = given.get(key)
    if then is None and key == PORTFOLIO:
        return ()  # given before what is shared was frozen with it
    if then is not None and then["material"] == current["material"]:
        return ()
    sections: Mapping[str, str] = {} if then is None else then["sections"]
    return tuple(name for name, now in current["sections"].items() if sections.get(name) != now)
