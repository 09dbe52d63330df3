"""Readings from a table, for programs: first what it would do where one likes, then all of it or nothing."""

from dataclasses import asdict, replace

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer, refuse_trial_in_address
from alignment_portal.http.sheets import read_rows
from metrics.api import shapes
from metrics.services.readings import MOST_ROWS
from metrics.services.sheets import COLUMNS, record_table

# No page says here which initiative is meant.
HERE = (replace(COLUMNS[0], required=True, help=""), *COLUMNS[1:])


class ReadingsFileIn(StrictSerializer):
    file = serializers.FileField(help_text="CSV in UTF-8 or XLSX, at most 5 MB and 10,000 rows")
    dry_run = serializers.BooleanField(default=False, help_text="Say what would change, and change nothing")


class ImportedReadingsOut(shapes.RecordedOut):
    committed = serializers.BooleanField()


@extend_schema(
    operation_id="observations_import",
    request={"multipart/form-data": ReadingsFileIn},
    responses={200: ImportedReadingsOut},
)
@api_view(["POST"])
@parser_classes([MultiPartParser])
@idempotent
def imports(request: Request) -> Response:
    """Readings of any initiatives from a CSV or XLSX file: all rows or none, every fault with its row."""
    refuse_trial_in_address(request)
    given = shapes.valid(ReadingsFileIn(data=request.data))
    rows = read_rows(given["file"], HERE, most=MOST_ROWS)
    with transaction.atomic():
        done = record_table(by=actor_of(request), rows=rows, columns=HERE)
        if given["dry_run"]:
            transaction.set_rollback(True)
    return Response({**asdict(done), "committed": not given["dry_run"]})
