"""When somebody else was faster: what they changed, and whether both changes can stand."""

from typing import NoReturn

from alignment_portal.refusals import Stale
from initiatives.dossier.canonical import canonical_json, digest
from initiatives.dossier.differences import differences
from initiatives.dossier.document import decode
from initiatives.dossier.paths import value_at
from initiatives.models import DossierVersion, Initiative

_TOLD = 5  # changes named in the sentence; all of them come with it as data


def refuse_stale(
    initiative: Initiative, current: DossierVersion, expected: str, within: str = ""
) -> NoReturn:
    """Refuse a save that rests on an earlier version, and say what changed since, below ``within``."""
    known = _version_called(initiative, expected)
    found = differences(decode(known.document), decode(current.document)) if known is not None else ()
    changed = [change for change in found if f"{change.pointer}/".startswith(f"{within}/")]
    who = current.recorded_by.name if current.recorded_by else "The portal"
    what = "; ".join(change.words for change in changed[:_TOLD]) or "the dossier"
    raise Stale(
        f"{who} saved version {current.number} on {current.recorded_at:%-d %B at %H:%M} UTC."
        f" Changed since yours: {what}. Look at it, then save again.",
        blockers=[
            {"pointer": change.pointer, "before": change.before, "after": change.after, "words": change.words}
            for change in changed
        ],
    )


def _version_called(initiative: Initiative, expected: str) -> DossierVersion | None:
    """A version by its number, or by its fingerprint."""
    if expected.isdecimal():
        return initiative.versions.filter(number=min(int(expected), 2**31 - 1)).first()
    return initiative.versions.filter(fingerprint=expected).first()


def require_untouched(
    initiative: Initiative, current: DossierVersion, expected_version: int, pointer: str
) -> None:
    """Pass when the place at ``pointer`` is as it was in the version the caller knew."""
    known = _version_called(initiative, str(expected_version))
    if known is None or _digest_at(known, pointer) != _digest_at(current, pointer):
        refuse_stale(initiative, current, str(expected_version), pointer)


def _digest_at(version: DossierVersion, pointer: str) -> str:
    try:
        return digest(canonical_json(value_at(decode(version.document), pointer)))
    except LookupError:
        return ""
