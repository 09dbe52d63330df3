"""The one table of who may do what. Services ask it; pages and the API only show its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.roles import Role, Scope
from alignment_portal.refusals import Forbidden, ProofRequired


class Action(StrEnum):
    INITIATIVE_CREATE = "initiative.create"
    INITIATIVE_READ = "initiative.read"
    INITIATIVE_EDIT = "initiative.edit"
    INITIATIVE_READ_RESTRICTED = "initiative.read_restricted"
    DOSSIER_IMPORT = "dossier.import"
    EVIDENCE_SUBMIT = "evidence.submit"
    EVIDENCE_REVIEW = "evidence.review"
    EVIDENCE_WITHDRAW = "evidence.withdraw"
    GATE_ENDORSE = "gate.endorse"
    WAIVER_REQUEST = "waiver.request"
    WAIVER_ACCEPT = "waiver.accept"
    STATUS_SUBMIT = "status.submit"
    STATUS_MOVE = "status.move"
    STATUS_SUSPEND = "status.suspend"
    STATUS_RETIRE = "status.retire"
    STATUS_PROPOSE_REINSTATEMENT = "status.propose_reinstatement"
    INCIDENT_RECORD = "incident.record"
    DEPLOYMENT_RECORD = "deployment.record"
    OBSERVATION_RECORD = "observation.record"
    RESULT_RECORD = "result.record"
    REVIEW_OPEN = "review.open"
    REVIEW_STANCE = "review.stance"
    REVIEW_CONCLUDE = "review.conclude"
    REVIEW_SIGN = "review.sign"
    PACK_BUILD = "pack.build"
    PACK_READ = "pack.read"
    PORTFOLIO_READ = "portfolio.read"
    PORTFOLIO_EDIT = "portfolio.edit"
    WORK_MOVE = "work.move"
    CAP_EXCEPT = "cap.except"
    WORTH_STATE = "worth.state"
    SCENARIO_RUN = "scenario.run"
    HISTORY_READ = "history.read"
    PEOPLE_MANAGE = "people.manage"
    PEOPLE_PROVISION = "people.provision"
    POLICY_MANAGE = "policy.manage"
    OPERATIONS_MANAGE = "operations.manage"
    TOKEN_MANAGE = "token.manage"  # noqa: S105 — the name of an action
    TOKEN_MANAGE_OWN = "token.manage_own"  # noqa: S105 — the name of an action
    WEBHOOK_MANAGE = "webhook.manage"


class When(StrEnum):
    ANY = "any"
    OWN = "own"  # the actor belongs to the initiative's team
    OWN_FUNCTION = "own function"  # the gate belongs to a function the actor assures
    INVITED = "invited"  # the actor was asked to help with this initiative


@dataclass(frozen=True)
class Grant:
    role: Role
    when: When = When.ANY


MANAGER_OF_IT = Grant(Role.PROGRAMME_MANAGER, When.OWN)
MANAGER = Grant(Role.PROGRAMME_MANAGER)
INVITED_MANAGER = Grant(Role.PROGRAMME_MANAGER, When.INVITED)
TEAM_CONTRIBUTOR = Grant(Role.CONTRIBUTOR, When.OWN)
INVITED_CONTRIBUTOR = Grant(Role.CONTRIBUTOR, When.INVITED)
ASSURER = Grant(Role.ASSURER)
ASSURER_OF_IT = Grant(Role.ASSURER, When.OWN_FUNCTION)
EXECUTIVE = Grant(Role.EXECUTIVE)
AUDITOR = Grant(Role.AUDITOR)
ADMINISTRATOR = Grant(Role.ADMINISTRATOR)
SEES_ALL = (EXECUTIVE, AUDITOR, ADMINISTRATOR, ASSURER)
READERS = (*SEES_ALL, MANAGER_OF_IT, INVITED_MANAGER, TEAM_CONTRIBUTOR, INVITED_CONTRIBUTOR)
EVERYONE = tuple(Grant(role) for role in Role)

PERMISSIONS: Mapping[Action, tuple[Grant, ...]] = {
    Action.INITIATIVE_CREATE: (MANAGER,),
    Action.INITIATIVE_READ: READERS,
    Action.INITIATIVE_EDIT: (MANAGER_OF_IT,),
    Action.INITIATIVE_READ_RESTRICTED: (*SEES_ALL, MANAGER_OF_IT),
    Action.DOSSIER_IMPORT: (MANAGER_OF_IT,),
    Action.EVIDENCE_SUBMIT: (MANAGER_OF_IT, TEAM_CONTRIBUTOR, INVITED_CONTRIBUTOR),
    Action.EVIDENCE_REVIEW: (ASSURER_OF_IT,),
    Action.EVIDENCE_WITHDRAW: (MANAGER_OF_IT, TEAM_CONTRIBUTOR, INVITED_CONTRIBUTOR),
    Action.GATE_ENDORSE: (EXECUTIVE,),
    Action.WAIVER_REQUEST: (MANAGER_OF_IT,),
    Action.WAIVER_ACCEPT: (EXECUTIVE,),
    Action.STATUS_SUBMIT: (MANAGER_OF_IT,),
    Action.STATUS_MOVE: (EXECUTIVE,),
    Action.STATUS_SUSPEND: (EXECUTIVE,),
    Action.STATUS_RETIRE: (EXECUTIVE,),
    Action.STATUS_PROPOSE_REINSTATEMENT: (EXECUTIVE, ASSURER_OF_IT, MANAGER_OF_IT),
    Action.INCIDENT_RECORD: (MANAGER_OF_IT, TEAM_CONTRIBUTOR, INVITED_CONTRIBUTOR, ASSURER, EXECUTIVE),
    Action.DEPLOYMENT_RECORD: (MANAGER_OF_IT,),
    Action.OBSERVATION_RECORD: (MANAGER_OF_IT, TEAM_CONTRIBUTOR, INVITED_CONTRIBUTOR),
    Action.RESULT_RECORD: (MANAGER_OF_IT,),
    Action.REVIEW_OPEN: (MANAGER_OF_IT, EXECUTIVE),
    Action.REVIEW_STANCE: (EXECUTIVE,),
    Action.REVIEW_CONCLUDE: (EXECUTIVE,),
    Action.REVIEW_SIGN: (EXECUTIVE,),
    Action.PACK_BUILD: (MANAGER_OF_IT, EXECUTIVE),
    Action.PACK_READ: READERS,
    Action.PORTFOLIO_READ: (*SEES_ALL, MANAGER),
    Action.PORTFOLIO_EDIT: (EXECUTIVE, ADMINISTRATOR),
    Action.WORK_MOVE: (ASSURER, EXECUTIVE, ADMINISTRATOR),
    Action.CAP_EXCEPT: (EXECUTIVE,),
    Action.WORTH_STATE: (MANAGER_OF_IT, EXECUTIVE),
    Action.SCENARIO_RUN: (EXECUTIVE, MANAGER, ASSURER, ADMINISTRATOR),
    Action.HISTORY_READ: (AUDITOR, ADMINISTRATOR, EXECUTIVE),
    Action.PEOPLE_MANAGE: (ADMINISTRATOR,),
    Action.PEOPLE_PROVISION: (ADMINISTRATOR,),
    Action.POLICY_MANAGE: (ADMINISTRATOR,),
    Action.OPERATIONS_MANAGE: (ADMINISTRATOR,),
    Action.TOKEN_MANAGE: (ADMINISTRATOR,),
    Action.TOKEN_MANAGE_OWN: EVERYONE,
    Action.WEBHOOK_MANAGE: (ADMINISTRATOR,),
}

SCOPES: Mapping[Action, Scope] = {
    Action.INITIATIVE_CREATE: Scope.WRITE,
    Action.INITIATIVE_READ: Scope.READ,
    Action.INITIATIVE_EDIT: Scope.WRITE,
    Action.INITIATIVE_READ_RESTRICTED: Scope.READ,
    Action.DOSSIER_IMPORT: Scope.WRITE,
    Action.EVIDENCE_SUBMIT: Scope.EVIDENCE,
    Action.EVIDENCE_REVIEW: Scope.EVIDENCE,
    Action.EVIDENCE_WITHDRAW: Scope.EVIDENCE,
    Action.GATE_ENDORSE: Scope.ENDORSE,
    Action.WAIVER_REQUEST: Scope.WRITE,
    Action.WAIVER_ACCEPT: Scope.ENDORSE,
    Action.STATUS_SUBMIT: Scope.WRITE,
    Action.STATUS_MOVE: Scope.ENDORSE,
    Action.STATUS_SUSPEND: Scope.ENDORSE,
    Action.STATUS_RETIRE: Scope.ENDORSE,
    Action.STATUS_PROPOSE_REINSTATEMENT: Scope.WRITE,
    Action.INCIDENT_RECORD: Scope.WRITE,
    Action.DEPLOYMENT_RECORD: Scope.WRITE,
    Action.OBSERVATION_RECORD: Scope.OBSERVATIONS,
    Action.RESULT_RECORD: Scope.OBSERVATIONS,
    Action.REVIEW_OPEN: Scope.WRITE,
    Action.REVIEW_STANCE: Scope.ENDORSE,
    Action.REVIEW_CONCLUDE: Scope.ENDORSE,
    Action.REVIEW_SIGN: Scope.ENDORSE,
    Action.PACK_BUILD: Scope.WRITE,
    Action.PACK_READ: Scope.READ,
    Action.PORTFOLIO_READ: Scope.READ,
    Action.PORTFOLIO_EDIT: Scope.WRITE,
    Action.WORK_MOVE: Scope.WRITE,
    Action.CAP_EXCEPT: Scope.ENDORSE,
    Action.WORTH_STATE: Scope.WRITE,
    Action.SCENARIO_RUN: Scope.WRITE,
    Action.HISTORY_READ: Scope.READ,
    Action.PEOPLE_MANAGE: Scope.ADMIN,
    Action.PEOPLE_PROVISION: Scope.SCIM,
    Action.POLICY_MANAGE: Scope.ADMIN,
    Action.OPERATIONS_MANAGE: Scope.ADMIN,
    Action.TOKEN_MANAGE: Scope.ADMIN,
    Action.TOKEN_MANAGE_OWN: Scope.ADMIN,
    Action.WEBHOOK_MANAGE: Scope.ADMIN,
}

# A scope that is part of a wider one.
WIDER: Mapping[Scope, Scope] = {Scope.SCIM: Scope.ADMIN}

# A judgement needs a person: the portal itself never makes one.
PEOPLE_ONLY = frozenset(
    {
        Action.EVIDENCE_REVIEW,
        Action.GATE_ENDORSE,
        Action.WAIVER_ACCEPT,
        Action.CAP_EXCEPT,
        Action.REVIEW_STANCE,
        Action.REVIEW_CONCLUDE,
        Action.REVIEW_SIGN,
    }
)

# What a token judges with: it does so in the name of whoever owns it, who alone issues one.
JUDGING = frozenset(SCOPES[action] for action in PEOPLE_ONLY)

# Decisions that carry a name: whoever takes one on a page has shown lately that it is they (proof.py).
PROVEN_ONLY = frozenset(
    {
        Action.GATE_ENDORSE,
        Action.WAIVER_ACCEPT,
        Action.STATUS_MOVE,
        Action.STATUS_SUSPEND,
        Action.STATUS_RETIRE,
        Action.REVIEW_CONCLUDE,
        Action.REVIEW_SIGN,
        Action.POLICY_MANAGE,
    }
)


def has_scope(by: Actor, action: Action) -> bool:
    return by.scopes is None or SCOPES[action] in held(by.scopes)


def held(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes of a token, with those that are part of them."""
    return scopes.union(part for part, whole in WIDER.items() if whole in scopes)


def may(by: Actor, action: Action, *, own: bool = False, function: str = "", invited: bool = False) -> bool:
    if by.is_system:
        return action not in PEOPLE_ONLY
    if by.is_service and action in PEOPLE_ONLY | PROVEN_ONLY:
        return False
    holds = {
        When.ANY: True,
        When.OWN: own,
        When.INVITED: invited or own,
        When.OWN_FUNCTION: bool(function) and function in by.functions,
    }
    granted = any(grant.role in by.roles and holds[grant.when] for grant in PERMISSIONS[action])
    return granted and has_scope(by, action)


def require(
    by: Actor, action: Action, *, own: bool = False, function: str = "", invited: bool = False
) -> None:
    """Return when the actor may; else refuse in a sentence that names the roles that may."""
    if may(by, action, own=own, function=function, invited=invited):
        if action in PROVEN_ONLY:
            require_proof(by)
        return
    if by.is_service and action in PEOPLE_ONLY | PROVEN_ONLY:
        raise Forbidden("A judgement needs a person: a service account makes none.", code="people_only")
    if not by.is_system and not has_scope(by, action):
        sentence = f"This token lacks the scope “{SCOPES[action].value}”. Issue one that has it."
        raise Forbidden(sentence, code="scope_missing")
    raise Forbidden(f"Only {who_may(action)} may do this.", next_mover=next_mover(action))


def require_proof(by: Actor) -> None:
    """Return when the person showed lately that it is they; else the door asks them to."""
    if not by.is_proven:
        raise ProofRequired(ProofRequired.sentence)


def next_mover(action: Action) -> str:
    return str(PERMISSIONS[action][0].role.value)


_PHRASES: Mapping[When, str] = {
    When.ANY: "{article} {role}",
    When.OWN: "{article} {role} of this initiative",
    When.OWN_FUNCTION: "{article} {role} of the gate’s function",
    When.INVITED: "an invited {role}",
}


def who_may(action: Action) -> str:
    """The roles that may, in words: `an executive or a programme manager of this initiative`."""
    words = [_phrase(grant) for grant in PERMISSIONS[action]]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _phrase(grant: Grant) -> str:
    role = str(grant.role.label)
    return _PHRASES[grant.when].format(article="an" if role[0] in "aeiou" else "a", role=role)


def sees_everything(by: Actor) -> bool:
    """Whether the actor sees every initiative, rather than only those they belong to."""
    return by.is_system or any(grant.role in by.roles for grant in SEES_ALL)
