"""The registers as files, for programs: taken away, and brought back after a dry run."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.bringing import ImportIn, ImportOut, imported
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from portfolio.services.importing import importer_of


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
    return imported(request, importer_of(kind, by))
