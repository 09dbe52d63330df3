"""The registers as files, for programs: taken away, and brought back after a dry run."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.importing import Outcome
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from alignment_portal.http.sheets import read_rows
from alignment_portal.refusals import Invalid
from portfolio.api import shapes
from portfolio.services.importing import COLUMNS, importer_of


class ImportIn(StrictSerializer):
    file = serializers.FileField(help_text="CSV in UTF-8 or XLSX, at most 5 MB and 2,000 rows")
    dry_run = serializers.BooleanField(default=False, help_text="Say what would change, and change nothing")


class DifferenceOut(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class LineOut(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Row of the file; its head is row 1")
    deed = serializers.ChoiceField(choices=["add", "change", "same"])
    code = serializers.CharField()
    differences = DifferenceOut(many=True)


class ImportOut(serializers.Serializer[Any]):
    committed = serializers.BooleanField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    lines = LineOut(many=True)


@extend_schema(
    operation_id="portfolio_import", request={"multipart/form-data": ImportIn}, responses={200: ImportOut}
)
@api_view(["POST"])
@parser_classes([MultiPartParser])
def imports(request: Request, kind: str) -> Response:
    """Bring bottlenecks, dependencies or groups from a file: all of it, or 400 with the faults of every row."""
    return _import(request, kind)


@idempotent
def _import(request: Request, kind: str) -> Response:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    importer = importer_of(kind, by)
    given = shapes.valid(ImportIn(data=request.data))
    outcome = importer.run(read_rows(given["file"], COLUMNS[kind]), commit=not given["dry_run"])
    if outcome.faults:
        raise Invalid(
            "Nothing was changed: rows of the file are wrong.", faults=outcome.faults, code="rows_wrong"
        )
    return Response(_body(outcome))


def _body(outcome: Outcome) -> dict[str, Any]:
    return {
        "committed": outcome.committed,
        "added": outcome.of("add"),
        "changed": outcome.of("change"),
        "same": outcome.of("same"),
        "lines": [
            {
                "row": line.number,
                "deed": line.done.deed,
                "code": line.done.subject,
                "differences": [
                    {"field": field, "before": before, "after": after}
                    for field, before, after in line.done.differences
                ],
            }
            for line in outcome.lines
        ],
    }
