"""Frameworks of others over HTTP: their requirements, and how one initiative stands."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from gates.api import shapes
from gates.engine import Policy
from gates.selectors.frameworks import Framework, Support, framework_or_404, frameworks, rules_of, supports
from gates.selectors.judging import judged_case
from gates.selectors.policies import current_policy
from initiatives.selectors import initiative_or_404, visible_initiatives


class FrameworkQuery(StrictSerializer):
    initiative = serializers.CharField(
        required=False, max_length=40, help_text="Held against this initiative, by the policy it is judged by"
    )


class FrameworkOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    version = serializers.CharField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a declared field, not the option


class MissingOut(serializers.Serializer[Any]):
    rule = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    remedy = serializers.CharField(allow_blank=True)


class StandingOut(serializers.Serializer[Any]):
    met = serializers.BooleanField()
    applicable = serializers.BooleanField()
    evidence = serializers.ListField(child=serializers.CharField())
    missing = MissingOut(many=True)


class RequirementOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a declared field, not the property
    gates = serializers.ListField(child=serializers.CharField())
    rules = serializers.ListField(child=serializers.CharField())
    standing = StandingOut(required=False, help_text="Only when an initiative is asked for")


class WholeFrameworkOut(FrameworkOut):
    policy = serializers.CharField()
    requirements = RequirementOut(many=True)


def _head(framework: Framework) -> dict[str, str]:
    return {name: getattr(framework, name) for name in ("code", "title", "version", "source")}


@extend_schema(operation_id="frameworks_list", responses=FrameworkOut(many=True))
@api_view(["GET"])
def framework_list(request: Request) -> Response:
    """The frameworks that are held beside the policy, ours and your own."""
    visible_initiatives(actor_of(request))
    rows = [_head(framework) for framework in frameworks(current_policy())[0]]
    return Response({"results": rows, "next": None, "previous": None})


@extend_schema(operation_id="frameworks_read", parameters=[FrameworkQuery], responses=WholeFrameworkOut)
@api_view(["GET"])
def framework(request: Request, code: str) -> Response:
    """Each requirement with the rules that answer it; with `initiative`, what supports it and what is missing."""
    visible_initiatives(actor_of(request))
    asked = shapes.given(FrameworkQuery, request.query_params.dict())
    policy, held = current_policy(), list[Support]()
    if "initiative" in asked:
        case, verdict = judged_case(initiative_or_404(actor_of(request), asked["initiative"]).key)
        policy = case.policy
        held = supports(policy, framework_or_404(policy, code), verdict)
    found = framework_or_404(policy, code)
    rows = [_requirement(policy, found, place, held) for place in range(len(found.requirements))]
    return Response({**_head(found), "policy": policy.version, "requirements": rows})


def _requirement(policy: Policy, found: Framework, place: int, held: list[Support]) -> dict[str, Any]:
    row = found.requirements[place]
    rules = rules_of(policy, row)
    gates = sorted({rule.gate for rule in policy.rules if rule.code in rules})
    body = {"id": row.id, "label": row.label, "gates": gates, "rules": list(rules)}
    return {**body, "standing": _standing(held[place])} if held else body


def _standing(support: Support) -> dict[str, Any]:
    missing = [
        {"rule": finding.code, "reason": finding.reason, "remedy": finding.remedy}
        for finding in support.missing
    ]
    return {
        "met": support.is_met,
        "applicable": bool(support.counted),
        "evidence": list(support.evidence),
        "missing": missing,
    }
