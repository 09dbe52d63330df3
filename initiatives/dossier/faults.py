"""One thing wrong with a document, and all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """``pointer`` (RFC 6901) says where, ``sentence`` what is wrong and what to do, ``code`` is stable."""

    pointer: str
    sentence: str
    code: str = "invalid"


class DossierFaults(ValueError):
    """A document cannot be a dossier; ``faults`` holds every reason at once, in the order of the document."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.sentence}" for fault in self.faults))
