"""Long tables a page at a time, so that a page stays quick and short whatever the size of the portfolio."""

from typing import Any, Protocol, cast

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

A_PAGE = 50


class Rows(Protocol):
    """What has a length and is read by the slice: a list, a query, or a table that asks for what is shown."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> Any: ...


def page_of(request: HttpRequest, rows: Rows, size: int | None = None) -> Page[Any]:
    """The rows of the page that was asked for (`?page=`), or the nearest there is."""
    paginator: Paginator[Any] = Paginator(cast("Any", rows), size or A_PAGE)
    return paginator.get_page(request.GET.get("page"))


def paging(page: Page[Any]) -> dict[str, Any]:
    """What `parts/pagination.html` takes."""
    return {
        "previous": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next": f"?page={page.next_page_number()}" if page.has_next() else "",
        "total": page.paginator.count,
    }
