"""What the calls of the gates take and answer. Unknown fields are refused by name."""

from typing import Any

from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer, checked
from gates.models import Form, Status

MAX_LIMIT = 200


class AtQuery(StrictSerializer):
    at = serializers.CharField(required=False, help_text="As it was known at this moment, in ISO 8601")


class EvidenceQuery(StrictSerializer):
    question = serializers.CharField(required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT)


class PageQuery(StrictSerializer):
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT)


class ActorBody(serializers.Serializer[Any]):
    email = serializers.EmailField()
    name = serializers.CharField()


class FindingBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    gate = serializers.CharField()
    severity = serializers.CharField()
    outcome = serializers.CharField()
    reason = serializers.CharField()
    remedy = serializers.CharField()
    next_mover = serializers.CharField()
    link = serializers.CharField()
    title = serializers.CharField()
    why = serializers.CharField()
    next_role = serializers.CharField()
    next_mover_name = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    unknown = serializers.BooleanField()
    lapses_at = serializers.DateTimeField(allow_null=True)
    waiver = serializers.CharField()
    items = serializers.ListField(child=serializers.DictField())


class AnswerBody(serializers.Serializer[Any]):
    question = serializers.CharField()
    ok = serializers.BooleanField()
    sentence = serializers.CharField()


class MoveBody(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.CharField()
    deed = serializers.CharField()
    role = serializers.CharField()
    person = serializers.CharField()
    person_name = serializers.CharField()
    link = serializers.CharField()
    after = serializers.ListField(child=serializers.CharField())


class VerdictBody(serializers.Serializer[Any]):
    key = serializers.CharField()
    status = serializers.CharField()
    verdict = serializers.CharField()
    fingerprint = serializers.CharField()
    policy = serializers.CharField()
    findings = FindingBody(many=True)
    sentence = serializers.CharField()
    answers = AnswerBody(many=True)
    lane = serializers.CharField()
    lane_reason = serializers.CharField()
    judged_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    next_verdict = serializers.CharField(allow_null=True)
    next_moves = MoveBody(many=True)


class StatusIn(StrictSerializer):
    to = serializers.ChoiceField(choices=Status.choices)
    reason = serializers.CharField(max_length=4000, allow_blank=True)


class MoveOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    by = ActorBody(allow_null=True)
    at = serializers.DateTimeField()
    reason = serializers.CharField()
    evaluation = serializers.IntegerField(source="evaluation_id", allow_null=True)


class StatusBody(serializers.Serializer[Any]):
    key = serializers.CharField()
    status = serializers.CharField()
    status_since = serializers.DateTimeField()
    moved = serializers.BooleanField()


class ProposalIn(StrictSerializer):
    to = serializers.ChoiceField(choices=Status.choices)
    gate = serializers.CharField(max_length=40)
    root_cause = serializers.CharField(max_length=4000, allow_blank=True)
    remedy = serializers.CharField(max_length=4000, allow_blank=True)


class ProposalBody(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    to = serializers.CharField(source="to_status")
    gate = serializers.CharField()
    root_cause = serializers.CharField()
    remedy = serializers.CharField()
    proposed_by = ActorBody()
    proposed_at = serializers.DateTimeField()
    confirmed = serializers.SerializerMethodField()

    def get_confirmed(self, row: Any) -> bool:
        return hasattr(row, "move")


class GroundsIn(StrictSerializer):
    reason = serializers.CharField(max_length=4000, allow_blank=True)


class GateEndorsementBody(serializers.Serializer[Any]):
    ref = serializers.CharField()
    by = serializers.EmailField()
    at = serializers.DateTimeField()
    stands = serializers.BooleanField()


class AskedMeasureBody(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()


class GateQuestionBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    question = serializers.CharField()
    outcome = serializers.CharField()
    reason = serializers.CharField()
    remedy = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    fresh_days = serializers.IntegerField(allow_null=True)
    measures = AskedMeasureBody(many=True, help_text="The numbers an answer must state")
    each = serializers.ChoiceField(
        choices=["once", "deployment", "added_control"], help_text="Asked once, or of each of these"
    )
    evidence = serializers.ListField(child=serializers.DictField())
    waivable = serializers.BooleanField()


class GateBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    question = serializers.CharField()
    state = serializers.ChoiceField(choices=["open", "answered", "passed", "left_out"])
    endorsed = serializers.BooleanField(help_text="Whether executives endorse this gate")
    reviewers = serializers.ListField(child=serializers.CharField())
    seen = serializers.CharField(help_text="What an endorsement given now must name")
    open_questions = serializers.IntegerField()
    endorsements = GateEndorsementBody(many=True)
    questions = GateQuestionBody(many=True)


class GatesBody(serializers.Serializer[Any]):
    results = GateBody(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class EndorsementIn(StrictSerializer):
    seen = serializers.CharField(max_length=64)
    statement = serializers.CharField(max_length=4000, allow_blank=True)


class EndorsementBody(serializers.Serializer[Any]):
    ref = serializers.CharField()
    gate = serializers.CharField()
    statement = serializers.CharField()
    seen = serializers.CharField()
    by = ActorBody()
    at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(source="withdrawal.at", default=None, allow_null=True)


class EvidenceIn(StrictSerializer):
    question = serializers.CharField(max_length=20)
    form = serializers.ChoiceField(choices=Form.choices)
    kind = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=200, allow_blank=True)
    statement = serializers.CharField(max_length=4000, allow_blank=True)
    observed_on = serializers.DateField(help_text="When it was true")
    expires_on = serializers.DateField(required=False, allow_null=True)
    link = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    measures = serializers.JSONField(required=False, help_text='Named numbers, such as {"recall": 0.994}')
    deployment = serializers.CharField(required=False, allow_blank=True, max_length=64)
    control = serializers.CharField(required=False, allow_blank=True, max_length=64)
    supersedes = serializers.CharField(required=False, allow_blank=True, help_text="The item this replaces")
    file = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True, max_length=500),
        required=False,
        help_text="One or several files; each becomes an item of its own",
    )


class JudgementIn(StrictSerializer):
    accepted = serializers.BooleanField()
    reason = serializers.CharField(max_length=4000, allow_blank=True)


class JudgementBody(serializers.Serializer[Any]):
    accepted = serializers.BooleanField()
    reason = serializers.CharField()
    by = ActorBody()
    at = serializers.DateTimeField()


class WithdrawalBody(serializers.Serializer[Any]):
    reason = serializers.CharField()
    by = ActorBody()
    at = serializers.DateTimeField()


class EvidenceBody(serializers.Serializer[Any]):
    ref = serializers.CharField()
    question = serializers.CharField()
    form = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    statement = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()
    supersedes = serializers.CharField(allow_null=True)
    superseded_by = serializers.CharField(allow_null=True)
    link = serializers.CharField()
    filename = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    content_type = serializers.CharField(allow_null=True)
    measures = serializers.DictField(child=serializers.FloatField())
    deployment = serializers.CharField()
    control = serializers.CharField()
    observed_on = serializers.DateField()
    expires_on = serializers.DateField(allow_null=True)
    submitted_by = ActorBody()
    submitted_at = serializers.DateTimeField()
    review = JudgementBody(allow_null=True)
    withdrawal = WithdrawalBody(allow_null=True)


class SubmittedBody(serializers.Serializer[Any]):
    results = EvidenceBody(many=True)


class WaiverIn(StrictSerializer):
    rule = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=4000, allow_blank=True)
    compensating_control = serializers.CharField(max_length=4000, allow_blank=True)
    until = serializers.DateField()
    renews = serializers.CharField(
        required=False, allow_blank=True, help_text="The waiver this continues, once"
    )


class AnswerIn(StrictSerializer):
    accepted = serializers.BooleanField(required=False, default=True)
    reason = serializers.CharField(max_length=4000, allow_blank=True)


class WaiverBody(serializers.Serializer[Any]):
    ref = serializers.CharField()
    rule = serializers.CharField()
    reason = serializers.CharField()
    compensating_control = serializers.CharField()
    horizon = serializers.CharField()
    until = serializers.DateField()
    renewals = serializers.IntegerField()
    state = serializers.CharField()
    requested_by = ActorBody()
    requested_at = serializers.DateTimeField()
    answer = JudgementBody(allow_null=True)
    withdrawal = WithdrawalBody(allow_null=True)


def given(shape: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """The values of a request body or query; raises with every fault."""
    return checked(shape, data)


class SignalQuery(PageQuery):
    initiative = serializers.CharField(required=False, help_text="Of this one only")
    state = serializers.ChoiceField(choices=["open", "acknowledged"], required=False)


class SignalBody(serializers.Serializer[Any]):
    initiative = serializers.CharField()
    metric = serializers.CharField()
    rule = serializers.CharField(help_text="The rule it fails")
    title = serializers.CharField()
    sentence = serializers.CharField()
    period_end = serializers.DateField(help_text="Last day of the reading that shows it")
    suspends = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["open", "acknowledged"])
    due = serializers.DateField(allow_null=True, help_text="By when a control chart’s signal wants its cause")
    cause = serializers.CharField()
    acknowledged_by = serializers.CharField()


class AcknowledgementIn(StrictSerializer):
    metric = serializers.CharField(max_length=64)
    rule = serializers.CharField(max_length=20)
    period_end = serializers.DateField()
    cause = serializers.CharField(max_length=4000)


class AcknowledgementBody(AcknowledgementIn):
    initiative = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.EmailField()
