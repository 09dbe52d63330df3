"""What follows what: the whole asynchronous flow of the portal on one page.

Each task is sent the ids the event carries, by name, and must be safe to run twice.
"""

MAIL_INVITATIONS = "reviews.tasks.mail_invitations"
FOLLOW_PERSON = "reviews.tasks.follow_person"
EVALUATE = "gates.tasks.evaluate"
EVALUATE_MANY = "gates.tasks.evaluate_many"
EVALUATE_ALL = "gates.tasks.evaluate_all"
MARK_STALE = "packs.tasks.mark_stale"
WEIGH_PAPERS = "packs.tasks.weigh_papers"
TAKE_UP = "portfolio.tasks.follow_dossiers"
SIMULATE = "portfolio.tasks.simulate"
WRITE_PACK = "packs.tasks.write"
BUILD_PACK = "packs.tasks.build"
DELIVER = "alignment_portal.tasks.deliver"

REACTIONS: dict[str, tuple[str, ...]] = {
    "initiatives.dossier_changed": (EVALUATE, MARK_STALE, TAKE_UP),
    "initiatives.incident_changed": (EVALUATE,),
    "initiatives.portfolio_loaded": (EVALUATE_MANY, TAKE_UP),
    "initiatives.person_invited": (),
    "gates.evidence_changed": (EVALUATE, MARK_STALE),
    "gates.endorsement_changed": (EVALUATE, MARK_STALE),
    "gates.waiver_changed": (EVALUATE, MARK_STALE),
    "gates.status_moved": (MARK_STALE, TAKE_UP),
    "gates.evaluated": (),
    "gates.policy_activated": (EVALUATE_ALL,),
    "metrics.readings_recorded": (EVALUATE_MANY,),
    "metrics.result_recorded": (EVALUATE, MARK_STALE),
    "reviews.review_changed": (EVALUATE, MARK_STALE, MAIL_INVITATIONS),
    "portfolio.dependency_changed": (EVALUATE_MANY, TAKE_UP, WEIGH_PAPERS),
    "portfolio.change_load_changed": (EVALUATE_MANY, WEIGH_PAPERS),
    "portfolio.worth_stated": (WEIGH_PAPERS,),
    "portfolio.scenario_chosen": (WEIGH_PAPERS,),
    "portfolio.simulation_requested": (SIMULATE,),
    "accounts.person_changed": (EVALUATE_ALL, FOLLOW_PERSON),
    "packs.ordered": (WRITE_PACK,),
    "packs.build_requested": (BUILD_PACK,),
    "outbox.delivery_due": (DELIVER,),
}
