"""What changed in a package since somebody gave their stance on it, field by field, and whether it is of substance."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.db.models import Exists, F, OuterRef

from initiatives.dossier.document import decode
from initiatives.dossier.materiality import Change, material_changes
from initiatives.models import DossierVersion
from initiatives.selectors import LoadedDossier, load_dossiers
from reviews.models import Review
from reviews.selectors.packages import PORTFOLIO, changed_sections, current_packages, subject_keys
from reviews.selectors.standings import Given, Packages, Standing, standing_of

Earlier = Mapping[tuple[str, str], str]


def earlier_documents(given: Iterable[Packages]) -> Earlier:
    """The dossiers that stances were given on and that changed since, by key and material fingerprint. One query.

    INVARIANT: what still stands is left out, so that of a large portfolio only what changed is read.
    """
    fingerprints = {then["material"] for packages in given for then in packages.values()}
    if not fingerprints:
        return {}
    still = DossierVersion.objects.filter(
        initiative=OuterRef("initiative"),
        number=OuterRef("initiative__version"),
        material_fingerprint=OuterRef("material_fingerprint"),
    )
    rows = DossierVersion.objects.filter(
        ~Exists(still), material_fingerprint__in=fingerprints, number__lt=F("initiative__version")
    )
    named = rows.order_by("number").values_list("initiative__key", "material_fingerprint", "document")
    return {(key, material): document for key, material, document in named}


class Changes:
    """What changed between the packages that stances were given on and those that stand now."""

    def __init__(
        self, earlier: Earlier, current: Mapping[str, Any], loaded: Mapping[str, LoadedDossier]
    ) -> None:
        self._earlier, self._current, self._loaded = earlier, current, loaded
        self._found: dict[tuple[str, str], tuple[Change, ...] | None] = {}

    def of(self, packages: Packages, key: str) -> tuple[Change, ...] | None:
        """Every change of one initiative since; None where the older package is not known field by field."""
        then = packages.get(key)
        material = "" if then is None else then["material"]
        if (key, material) not in self._found:
            document = self._earlier.get((key, material))
            found = (
                None
                if document is None or key not in self._loaded
                else material_changes(decode(document), self._loaded[key].dossier)
            )
            self._found[key, material] = found
        return self._found[key, material]

    def sections(self, packages: Packages, key: str) -> tuple[str, ...]:
        """Names of the material sections of one initiative that changed in substance."""
        if key not in self._current:
            return ()
        names = changed_sections(packages, key, self._current[key])
        if not names:
            return ()
        changes = self.of(packages, key)
        if changes is None:
            return names
        touched = {change.section for change in changes if change.substance}
        return tuple(name for name in names if name in touched)

    def all_sections(self, packages: Packages) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for key in self._current for name in self.sections(packages, key)))

    def differs(self, packages: Packages) -> bool:
        """Whether anything differs at all, of substance or not."""
        return any(changed_sections(packages, key, now) for key, now in self._current.items())


def changes_of(review: Review, standing: Standing) -> Changes:
    """What changed since each stance of one review."""
    keys = subject_keys(review)
    loaded = load_dossiers(keys) if keys else {}
    earlier = earlier_documents(stance.packages for stance in standing.stances)
    return Changes(earlier, current_packages(review, loaded), loaded)


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field that changed since somebody answered, and who did before it changed."""

    initiative: str
    section: str
    pointer: str
    before: Any
    after: Any
    words: str
    substance: bool
    affected: tuple[str, ...]  # e-mails


def field_changes(
    review: Review, standing: Standing | None = None, changes: Changes | None = None
) -> tuple[FieldChange, ...]:
    """Every field that changed since anybody answered, in the order of the document, with whom it concerns."""
    standing = standing or standing_of(review)
    changes = changes or changes_of(review, standing)
    found: dict[tuple[str, str, str], FieldChange] = {}
    for stance in standing.stances:
        for one in _listed(changes, stance, review):
            known = found.get((one.initiative, one.pointer, one.words), one)
            people = (*known.affected, stance.email) if one.substance else known.affected
            found[one.initiative, one.pointer, one.words] = msgspec.structs.replace(
                known, affected=tuple(dict.fromkeys(people))
            )
    return tuple(found.values())


def _listed(changes: Changes, stance: Given, review: Review) -> Iterable[FieldChange]:
    for key in subject_keys(review) or [PORTFOLIO]:
        detailed = changes.of(stance.packages, key)
        if key == PORTFOLIO:
            yield from _registers(stance.packages.get(key, {}), current_packages(review)[key])
        elif detailed is None:
            for name in changes.sections(stance.packages, key):
                yield _field(key, name, f"/{name}", f"{name.replace('_', ' ').capitalize()} changed")
        for change in detailed or ():
            said = change.difference
            yield _field(
                key,
                change.section,
                said.pointer,
                said.words,
                before=said.before,
                after=said.after,
                substance=change.substance,
            )


def _registers(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[FieldChange]:
    """What changed in the registers of what is shared, as they were frozen with a stance and as they are."""
    for section, rows in now["records"].items() if "records" in then else ():
        before = then["records"][section]
        for code in {**before, **rows}:
            old, new = before.get(code, {}), rows.get(code, {})
            for name in {**old, **new}:
                if old.get(name) != new.get(name):
                    shown = [str(row.get(name) or "nothing").replace("_", " ") for row in (old, new)]
                    words = f"{code.replace('_', ' ').capitalize()}, {name.replace('_', ' ')}: {shown[0]} → {shown[1]}"
                    pointer = f"/{section}/{code}/{name}"
                    yield _field(
                        PORTFOLIO, section, pointer, words, before=old.get(name), after=new.get(name)
                    )


def _field(
    key: str,
    section: str,
    pointer: str,
    words: str,
    *,
    before: Any = None,
    after: Any = None,
    substance: bool = True,
) -> FieldChange:
    return FieldChange(
        initiative="" if key == PORTFOLIO else key,
        section=section,
        pointer=pointer,
        before=before,
        after=after,
        words=words,
        substance=substance,
        affected=(),
    )
