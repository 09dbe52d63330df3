from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    REVIEW_OPENED = (
        "reviews.review.opened",
        "review opened",
        "{actor} opened the alignment review {subject}",
    )
    REVIEW_CHANGED = (
        "reviews.review.changed",
        "review changed",
        "{actor} changed the alignment review {subject}",
    )
    REVIEW_SENT = ("reviews.review.sent", "review sent", "{actor} sent {subject} to its participants")
    REVIEW_CONCLUDED = ("reviews.review.concluded", "review concluded", "{actor} concluded {subject}")
    REVIEW_LAPSED = ("reviews.review.lapsed", "review lapsed", "{actor} let {subject} lapse: {reason}")
    PARTICIPANT_INVITED = (
        "reviews.participant.invited",
        "participant invited",
        "{actor} invited somebody to {subject}",
    )
    PARTICIPANT_LEFT = ("reviews.participant.left", "participant left", "{actor} took somebody off {subject}")
    DEPUTY_NAMED = (
        "reviews.deputy.named",
        "deputy named",
        "{actor} named a deputy in {subject}: {reason}",
    )
    DEPUTY_WITHDRAWN = (
        "reviews.deputy.withdrawn",
        "deputy withdrawn",
        "{actor} answers for themselves again in {subject}",
    )
    TRADE_OFF_PROPOSED = (
        "reviews.trade_off.proposed",
        "trade-off proposed",
        "{actor} proposed a trade-off in {subject}",
    )
    TRADE_OFF_CHANGED = (
        "reviews.trade_off.changed",
        "trade-off changed",
        "{actor} reworded a trade-off in {subject}",
    )
    TRADE_OFF_WITHDRAWN = (
        "reviews.trade_off.withdrawn",
        "trade-off withdrawn",
        "{actor} withdrew a trade-off from {subject}: {reason}",
    )
    STANCE_GIVEN = ("reviews.stance.given", "stance given", "{actor} gave a stance in {subject}")
    STANCE_REAFFIRMED = (
        "reviews.stance.reaffirmed",
        "stances re-affirmed",
        "{actor} re-affirmed their stances in {subject}",
    )
    CONCLUSION_SIGNED = (
        "reviews.conclusion.signed",
        "conclusion signed",
        "{actor} signed the conclusion of {subject}",
    )
    CONDITION_SETTLED = (
        "reviews.condition.settled",
        "condition settled",
        "{actor} said that a condition in {subject} is met",
    )
    CONDITION_ASKED = (
        "reviews.condition.asked",
        "condition asked at a gate",
        "{actor} made a condition in {subject} a question of a gate",
    )
    CONDITION_TAKEN_BACK = (
        "reviews.condition.taken_back",
        "condition taken back from a gate",
        "{actor} took a condition in {subject} back from its gate",
    )
    COMMITMENT_MADE = (
        "reviews.commitment.made",
        "commitment made",
        "{actor} recorded a commitment in {subject}",
    )
    COMMITMENT_MET = (
        "reviews.commitment.met",
        "commitment kept",
        "{actor} recorded that a commitment was kept",
    )
