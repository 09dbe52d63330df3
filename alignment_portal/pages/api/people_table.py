"""People and their roles from a file, for programs."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.bringing import ImportIn, ImportOut, imported
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from alignment_portal.operations.people_table import importer_of


@extend_schema(
    operation_id="people_import", request={"multipart/form-data": ImportIn}, responses={200: ImportOut}
)
@api_view(["POST"])
@parser_classes([MultiPartParser])
def imports(request: Request) -> Response:
    """Open and change accounts and give roles from a file: all of it, or 400 with the faults of every row."""
    return _import(request)


@idempotent
def _import(request: Request) -> Response:
    return imported(request, importer_of(actor_of(request)))
