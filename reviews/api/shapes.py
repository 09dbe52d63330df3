"""What the calls about alignment reviews take and answer."""

from typing import Any

from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer
from reviews.models import Answer, Outcome, Part

LONG = 4000


class ListQuery(StrictSerializer):
    subject = serializers.CharField(required=False, help_text="initiative:KEY, cluster:CODE or portfolio")
    running = serializers.BooleanField(required=False, help_text="Neither concluded nor lapsed")
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class PageQuery(StrictSerializer):
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class SeatIn(StrictSerializer):
    email = serializers.EmailField()
    role = serializers.RegexField(
        r"^[a-z][a-z_]{0,39}\Z", help_text="For example business, risk_legal, operations, technology"
    )


class ReviewChange(StrictSerializer):
    purpose = serializers.CharField(max_length=LONG, required=False)
    decision_sought = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    pre_read_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Stances are sealed till then"
    )
    meeting_at = serializers.DateTimeField(required=False, allow_null=True)
    send = serializers.BooleanField(required=False, default=False, help_text="Put it before its participants")


class ReviewIn(ReviewChange):
    subject = serializers.CharField(help_text="initiative:KEY, cluster:CODE or portfolio")
    purpose = serializers.CharField(max_length=LONG)
    participants = SeatIn(many=True, required=False)


class TradeOffChange(StrictSerializer):
    choose = serializers.CharField(max_length=LONG, required=False)
    accept = serializers.CharField(max_length=LONG, required=False)
    because = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    until = serializers.CharField(max_length=200, required=False, allow_blank=True)
    change_our_mind = serializers.CharField(max_length=LONG, required=False, allow_blank=True)


class TradeOffIn(TradeOffChange):
    code = serializers.RegexField(r"^[a-z0-9][a-z0-9._-]{0,63}\Z")
    choose = serializers.CharField(max_length=LONG)
    accept = serializers.CharField(max_length=LONG)


class StanceIn(StrictSerializer):
    trade_off = serializers.CharField(max_length=64, required=False, help_text="Its code; or name a part")
    part = serializers.ChoiceField(
        choices=Part.choices, required=False, help_text="What is rated beside the trade-offs"
    )
    rating = serializers.IntegerField(
        min_value=1, max_value=5, required=False, allow_null=True, help_text="Of a part; 5: before the board"
    )
    answer = serializers.ChoiceField(choices=Answer.choices)
    reason = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    conditions = serializers.ListField(
        child=serializers.CharField(max_length=LONG, allow_blank=True), required=False, max_length=20
    )
    commits = serializers.BooleanField(required=False, help_text="Disagrees, and will help to make it work")
    will_do = serializers.CharField(max_length=LONG, required=False, allow_blank=True)


class DeputyIn(StrictSerializer):
    email = serializers.EmailField()
    reason = serializers.CharField(max_length=LONG)


class CommitmentIn(StrictSerializer):
    text = serializers.CharField(max_length=LONG)
    owner = serializers.EmailField()
    due_on = serializers.DateField()
    condition = serializers.CharField(max_length=20, required=False, allow_null=True)
    unblocks = serializers.CharField(
        max_length=80,
        required=False,
        allow_blank=True,
        help_text="gate:CODE, dependency:CODE or bottleneck:CODE; or in words",
    )


class ConclusionIn(StrictSerializer):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    statement = serializers.CharField(max_length=LONG, required=False, allow_blank=True)


class ReasonIn(StrictSerializer):
    reason = serializers.CharField(max_length=LONG)


class RemovalIn(ReasonIn):
    email = serializers.EmailField()


class AtGateIn(StrictSerializer):
    gate = serializers.CharField(max_length=80, help_text="Code of a gate of the policy in force")


class NoteIn(StrictSerializer):
    note = serializers.CharField(max_length=LONG)


class NothingIn(StrictSerializer):
    """A call without a body."""


class ParticipantOut(serializers.Serializer[Any]):
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a name that the framework uses too
    answered = serializers.BooleanField(help_text="Every trade-off")
    rated = serializers.BooleanField(help_text="Each of the three parts")
    deputy = serializers.CharField(help_text="E-mail of whoever answers in their place; may be empty")


class TradeOffOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    choose = serializers.CharField()
    accept = serializers.CharField()
    because = serializers.CharField()
    until = serializers.CharField()
    change_our_mind = serializers.CharField()
    from_dossier = serializers.BooleanField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawal_reason = serializers.CharField()
    version = serializers.IntegerField()


class ConditionOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    text = serializers.CharField()
    gate = serializers.CharField(
        allow_null=True, help_text="The gate that asks it, to be answered by evidence"
    )


class StanceOut(serializers.Serializer[Any]):
    person = serializers.EmailField()
    name = serializers.CharField()
    trade_off = serializers.CharField(allow_null=True)
    part = serializers.CharField(allow_null=True)
    rating = serializers.IntegerField(allow_null=True)
    deputy = serializers.EmailField(allow_null=True, help_text="Whoever gave it in their place")
    version = serializers.IntegerField()
    answer = serializers.ChoiceField(choices=Answer.choices)
    reason = serializers.CharField()
    commits = serializers.BooleanField()
    will_do = serializers.CharField()
    sealed = serializers.BooleanField()
    reaffirms = serializers.BooleanField()
    conditions = ConditionOut(many=True)
    given_at = serializers.DateTimeField()


class StanceList(serializers.Serializer[Any]):
    results = StanceOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class CommitmentOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    text = serializers.CharField()
    owner = serializers.EmailField()
    due_on = serializers.DateField()
    condition = serializers.CharField(allow_null=True)
    unblocks = serializers.CharField()
    made_by = serializers.EmailField()
    made_at = serializers.DateTimeField()
    met_at = serializers.DateTimeField(allow_null=True)


class SignatureOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.CharField()
    at = serializers.DateTimeField()
    fingerprint = serializers.CharField(help_text="SHA-256 of everything that was concluded")
    holds = serializers.BooleanField(help_text="Whether it is of what the record says now")


class ReviewRow(serializers.Serializer[Any]):
    ref = serializers.CharField()
    subject = serializers.CharField()
    purpose = serializers.CharField()
    state = serializers.CharField(help_text="drafting, pre_read, meeting, concluded or lapsed")
    outcome = serializers.CharField()
    opened_by = serializers.EmailField()
    opened_at = serializers.DateTimeField()
    pre_read_at = serializers.DateTimeField(allow_null=True)
    meeting_at = serializers.DateTimeField(allow_null=True)
    concluded_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class ReviewOut(ReviewRow):
    decision_sought = serializers.CharField()
    required_roles = serializers.ListField(child=serializers.CharField())
    quorum = serializers.FloatField()
    policy = serializers.CharField()
    participants = ParticipantOut(many=True)
    trade_offs = TradeOffOut(many=True)
    stances_open = serializers.BooleanField(help_text="Whether you may see what others said")
    parts_open = serializers.BooleanField(help_text="The same for what they said on the three parts")
    blockers = serializers.ListField(child=serializers.DictField())
    statement = serializers.CharField()
    dissent = serializers.ListField(child=serializers.DictField())
    reaffirm_days = serializers.IntegerField(allow_null=True, help_text="How long an agreement holds")
    signatures = SignatureOut(many=True)


class AnswerCount(serializers.Serializer[Any]):
    answer = serializers.CharField()
    people = serializers.IntegerField()


class DivergenceOut(serializers.Serializer[Any]):
    point = serializers.CharField(help_text="Code of a trade-off, or part:outcome_chain and the like")
    place = serializers.IntegerField(help_text="On the agenda: 1 is to be discussed first")
    median = serializers.FloatField(allow_null=True)
    middle = serializers.FloatField(allow_null=True, help_text="Interquartile range")
    share = serializers.FloatField(allow_null=True, help_text="Of answers at 4 or above")
    consensus = serializers.FloatField(allow_null=True, help_text="Tastle–Wierman, 0 to 1")
    gap = serializers.FloatField(allow_null=True, help_text="Mean of the others less that of the front line")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="middle, share, range, gap")
    answers = AnswerCount(many=True)
    silent = serializers.ListField(child=serializers.EmailField())
    abstained = serializers.ListField(child=serializers.EmailField())


class MapCell(serializers.Serializer[Any]):
    person = serializers.EmailField()
    point = serializers.CharField()
    answer = serializers.CharField(allow_null=True)
    rating = serializers.IntegerField(allow_null=True)
    first_answer = serializers.CharField(allow_null=True, help_text="Where it was another")


class DivergenceMap(serializers.Serializer[Any]):
    review = serializers.CharField()
    stances_open = serializers.BooleanField()
    parts_open = serializers.BooleanField()
    agenda = DivergenceOut(many=True)
    map = MapCell(many=True)


class ChangeOut(serializers.Serializer[Any]):
    initiative = serializers.CharField()
    section = serializers.CharField()
    pointer = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    words = serializers.CharField()
    substance = serializers.BooleanField(help_text="Whether it makes stances stale")
    affected = serializers.ListField(
        child=serializers.EmailField(), help_text="Who answered before it changed"
    )


class ChangeList(serializers.Serializer[Any]):
    results = ChangeOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ProposalOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    choose = serializers.CharField()
    accept = serializers.CharField()
    because = serializers.CharField()
    until = serializers.CharField()
    initiative = serializers.CharField(help_text="Whose dossier implies it; empty for the portfolio")
    why = serializers.CharField(help_text="What in the package implies it")


class ProposalList(serializers.Serializer[Any]):
    results = ProposalOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
