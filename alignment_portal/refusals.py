"""Every refusal the portal gives: a stable code for machines and a sentence for people.

A leaf: it imports nothing of ours, so that any storey may refuse in the same words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


class Refusal(Exception):
    """The portal will not do what was asked, and says why."""

    code: str = "refused"
    status: ClassVar[int] = 409

    def __init__(
        self,
        sentence: str,
        *,
        code: str | None = None,
        pointer: str = "",
        next_mover: str = "",
        blockers: Sequence[Mapping[str, object]] = (),
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.pointer = pointer
        self.next_mover = next_mover
        self.blockers = tuple(blockers)


class Forbidden(Refusal):
    code = "forbidden"
    status = 403


class ProofRequired(Exception):
    """What was asked is allowed, once the person has shown again that it is they who ask.

    Not a Refusal: a form that shows refusals beside its fields must let this one pass to the door.
    """

    code = "proof_required"
    sentence = "Confirm that it is you: this decision carries your name, and you signed in a while ago."


class NotFound(Refusal):
    code = "not_found"
    status = 404


class Conflict(Refusal):
    code = "conflict"
    status = 409


class Stale(Refusal):
    """The caller acted on a version that is no longer the current one."""

    code = "stale"
    status = 412
    current: Mapping[str, object] | None = None  # what is current, for whoever has to choose


class MatchRequired(Refusal):
    """A change was sent without saying which version it changes."""

    code = "if_match_required"
    status = 428


class Unprocessable(Refusal):
    code = "unprocessable"
    status = 422


class Unavailable(Refusal):
    """Something the portal stands on does not answer. Nothing was changed; later it may work."""

    code = "unavailable"
    status = 503
    retry_after = 30


class TooLarge(Refusal):
    code = "too_large"
    status = 413


class LengthRequired(Refusal):
    """A body whose length was not announced is not read."""

    code = "length_required"
    status = 411


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent; `pointer` is a JSON pointer into it."""

    pointer: str
    sentence: str
    code: str = "invalid"


class Invalid(Refusal):
    """What was sent is wrong in shape or in meaning; `faults` holds all of it at once."""

    code = "invalid"
    status = 400

    def __init__(
        self, sentence: str, *, faults: Sequence[Fault] = (), code: str | None = None, pointer: str = ""
    ) -> None:
        super().__init__(sentence, code=code, pointer=pointer)
        self.faults = tuple(faults) or (Fault(pointer, sentence, self.code),)


@dataclass(frozen=True)
class GuardWords:
    """What to tell a person when a database guard refused a write."""

    sentence: str
    code: str


_guard_words: dict[str, GuardWords] = {}


def explain_guard(name: str, *, sentence: str, code: str) -> None:
    _guard_words[name] = GuardWords(sentence, code)


def refusal_of_guard(error: BaseException) -> Refusal | None:
    """The refusal behind a database error that carries a guard's name, else None."""
    text = str(error)
    for name in sorted(_guard_words, key=len, reverse=True):
        if name in text:
            return Conflict(_guard_words[name].sentence, code=_guard_words[name].code)
    return None
