"""The main fields of initiatives from a file, for programs."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import ImportIn, ImportOut, imported
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from initiatives.services.importing import importer_of


@extend_schema(
    operation_id="initiatives_import", request={"multipart/form-data": ImportIn}, responses={200: ImportOut}
)
@api_view(["POST"])
@parser_classes([MultiPartParser])
def imports(request: Request) -> Response:
    """Bring the main fields of initiatives from a file: all of it, or 400 with the faults of every row."""
    return _import(request)


@idempotent
def _import(request: Request) -> Response:
    by = actor_of(request)
    require(by, Action.DOSSIER_IMPORT, own=True)
    return imported(request, importer_of(by))
