"""Pages that hold still while rows are added: each begins after the last row of the one before."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from alignment_portal.refusals import Invalid


class CursorPage(CursorPagination):
    """A view says its own `ordering`, ending in a unique column, or sets `page_ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering: str | tuple[str, ...] = "-pk"

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """A cursor that somebody made up, or took from another list, is refused as such."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, OverflowError, DataError) as error:
            if self.cursor_query_param not in request.query_params:
                raise
            sentence = "This cursor does not belong to this list. Begin again without one."
            raise Invalid(sentence, pointer="/cursor", code="invalid_cursor") from error

    def get_paginated_response(self, data: Any) -> Response:
        links = {"next": self.get_next_link(), "prev": self.get_previous_link()}
        header = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items() if url)
        body = {"results": data, "next": links["next"], "previous": links["prev"]}
        return Response(body, headers={"Link": header} if header else None)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }


def paged(
    request: Any, rows: Any, serialize: Any, *, ordering: str | tuple[str, ...], view: Any = None
) -> Response:
    """One page of a queryset for a function view: `serialize` makes one row's body."""
    paginator = CursorPage()
    paginator.ordering = ordering
    page: list[Any] | None = paginator.paginate_queryset(rows, request, view=view)
    return paginator.get_paginated_response([serialize(row) for row in page or []])
