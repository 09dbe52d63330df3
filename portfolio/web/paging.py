"""Long tables a page at a time, so that a page stays quick and short whatever the size of the portfolio."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

A_PAGE = 50


def page_of(
    request: HttpRequest, rows: Sequence[Any] | QuerySet[Any, Any], size: int | None = None
) -> Page[Any]:
    """The rows of the page that was asked for (`?page=`), or the nearest there is."""
    return Paginator(rows, size or A_PAGE).get_page(request.GET.get("page"))


def paging(page: Page[Any]) -> dict[str, Any]:
    """What `parts/pagination.html` takes."""
    return {
        "previous": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next": f"?page={page.next_page_number()}" if page.has_next() else "",
        "total": page.paginator.count,
    }
