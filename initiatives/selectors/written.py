"""A page of the list as JSON that the database writes itself, where it writes what the API would."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, F, Func, TextField
from django.db.models.functions import JSONObject

from alignment_portal.accounts.actors import Actor
from alignment_portal.prepared import Prepared
from initiatives.models import Initiative
from initiatives.selectors import (
    InitiativeFilter,
    InitiativePage,
    ListRow,
    is_whole_portfolio,
    require_reading,
)

Body = Callable[[ListRow], Mapping[str, Any]]


class _Moment(Func):
    """SQLite keeps moments in UTC as `2026-06-30 12:00:00.000001`, and whole seconds without the fraction."""

    template = "REPLACE(%(expressions)s, ' ', 'T') || 'Z'"
    output_field = TextField()


class _Object(JSONObject):
    """Its text; the ORM would read it and make a dictionary of it."""

    output_field = TextField()  # type: ignore[assignment]  # the library's is what the ORM would read it as


def written_page(
    by: Actor,
    body: Body,
    wanted: InitiativeFilter,
    *,
    order: str,
    limit: int,
    after: tuple[str, str] | None = None,
    before: tuple[str, str] | None = None,
) -> InitiativePage[str] | None:
    """The page that `initiative_table` gives, each row as the JSON of its `body`; nothing where it has to be made here.

    PostgreSQL puts spaces into its JSON and writes moments otherwise, so that only SQLite is asked.
    """
    if connection.vendor != "sqlite" or not is_whole_portfolio(by, wanted, order=order, before=before):
        return None
    require_reading(by)
    beyond = _all_by_key(body, limit + 1).rows(after[1] if after else "")
    rows = beyond[:limit]
    return InitiativePage(
        [text for _, text in rows],
        next=(rows[-1][0], rows[-1][0]) if len(beyond) > limit else None,
        previous=(rows[0][0], rows[0][0]) if rows and after else None,
    )


@cache
def _all_by_key(body: Body, limit: int) -> Prepared:
    # The names of the columns, where the values of a row come: so that there is one declaration of what is answered.
    shape = body(ListRow._make(ListRow._fields))
    return Prepared(
        lambda key: (
            Initiative.objects.filter(key__gt=key).order_by("key").values_list("key", _written(shape))[:limit]
        )
    )


def _written(shape: Mapping[str, Any]) -> Func:
    return _Object(
        **{
            name: _written(part) if isinstance(part, Mapping) else _column(part)
            for name, part in shape.items()
        }
    )


def _column(name: str) -> F | Func:
    field = Initiative._meta.get_field(name.partition("__")[0])
    return _Moment(F(name)) if isinstance(field, DateTimeField) else F(name)
