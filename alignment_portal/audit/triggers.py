"""The registry of database guards: triggers that hold a promise against every client, not only against us.

An app puts its guards into `<app>/migrations/_guards.py`, where they register on import. They come off before
a migration and go back on after it, so they need no migration of their own; `check_guards` compares them with
what the database holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import module_has_submodule

from alignment_portal.refusals import explain_guard
from alignment_portal.writing import writes_allowed


@dataclass(frozen=True)
class Guard:
    """One trigger, named `guard_<table>_<what>`; empty SQL where a database has no need of it.

    PostgreSQL: the function (of the guard's name) and the trigger, in one text. `sqlite_anew` is run before the trigger
    goes on: what it keeps in step was not kept while it was off.
    """

    name: str
    table: str
    sqlite_sql: str
    postgres_sql: str
    sentence: str = "This record is kept as it was written."
    code: str = "guarded"
    sqlite_anew: tuple[str, ...] = ()

    def sql_for(self, vendor: str) -> str:
        return self.sqlite_sql if vendor == "sqlite" else self.postgres_sql


_guards: dict[str, Guard] = {}


def register(*guards: Guard) -> None:
    for guard in guards:
        if _guards.get(guard.name, guard) != guard:
            message = f"Two different guards are called {guard.name}."
            raise ValueError(message)
        if len(guard.name) > 63:  # noqa: PLR2004 — PostgreSQL cuts longer names, and then cannot find them
            message = f"The guard name {guard.name} is longer than 63 characters."
            raise ValueError(message)
        _guards[guard.name] = guard
        explain_guard(guard.name, sentence=guard.sentence, code=guard.code)


def registered() -> tuple[Guard, ...]:
    return tuple(_guards[name] for name in sorted(_guards))


def discover() -> None:
    for config in apps.get_app_configs():
        migrations = f"{config.name}.migrations"
        if module_has_submodule(config.module, "migrations") and module_has_submodule(
            import_module(migrations), "_guards"
        ):
            import_module(f"{migrations}._guards")


# --- building guards ---------------------------------------------------------------------------------------


def sqlite_trigger(name: str, table: str, *, event: str, when: str = "", body: str = "") -> str:
    """A trigger that aborts under its own name, or runs `body` instead."""
    condition = f"\nWHEN {when}" if when else ""
    action = body or f"SELECT RAISE(ABORT, '{name}');"
    return f'CREATE TRIGGER {name}\n{event} ON "{table}"\nFOR EACH ROW{condition}\nBEGIN\n  {action}\nEND'


def postgres_trigger(
    name: str, table: str, *, event: str, when: str = "", body: str = "", declare: str = "", each: str = "ROW"
) -> str:
    """A function and trigger of that name. `body` runs first; without one the guard simply refuses."""
    condition = f"\nWHEN ({when})" if when else ""
    statements = body or postgres_refusal(name)
    declared = f"DECLARE\n  {declare}\n" if declare else ""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql\n"
        f"SET search_path = public, pg_temp AS $guard$\n{declared}BEGIN\n  {statements}\nEND\n$guard$;\n"
        f'DROP TRIGGER IF EXISTS {name} ON "{table}";\n'
        f'CREATE TRIGGER {name} {event} ON "{table}"\nFOR EACH {each}{condition}\nEXECUTE FUNCTION {name}();'
    )


def postgres_refusal(name: str) -> str:
    return f"RAISE EXCEPTION '{name}' USING ERRCODE = '23514', CONSTRAINT = '{name}';"


def _columns(table: str) -> list[str]:
    model = next(
        model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table
    )
    return [str(field.column) for field in model._meta.concrete_fields]


def _recent(day: str, days: int) -> tuple[str, str]:
    """Whether the day of a row is at most so many days ago, for SQLite and PostgreSQL."""
    return f"OLD.\"{day}\" >= date('now', '-{days} days')", f'OLD."{day}" >= current_date - {days}'


def append_only(
    table: str,
    *,
    except_columns: Sequence[str] = (),
    unique: Sequence[Sequence[str]] = (("id",),),
    sentence: str = "This record is kept as it was written: it can be neither changed nor removed.",
    code: str = "append_only",
    gone_after: tuple[str, int] | None = None,
) -> tuple[Guard, ...]:
    """Guards that let rows in and never let them change or go; `except_columns` may still change.

    With `gone_after`, a day and a number of days, rows whose day is longer ago than that may be cleared.
    `unique` names every unique set of columns: on SQLite, INSERT OR REPLACE would delete through them.
    """
    words: dict[str, Any] = {"sentence": sentence, "code": code}
    kept = [column for column in _columns(table) if column not in except_columns] if except_columns else []
    sqlite_when = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in kept)
    postgres_when = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in kept)
    taken = " OR ".join(
        "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in names) + ")" for names in unique
    )
    sqlite_recent, postgres_recent = _recent(*gone_after) if gone_after else ("", "")
    update, delete, truncate, replace = (
        f"guard_{table}_{what}" for what in ("update", "delete", "truncate", "replace")
    )
    return (
        Guard(
            update,
            table,
            sqlite_trigger(update, table, event="BEFORE UPDATE", when=sqlite_when),
            postgres_trigger(update, table, event="BEFORE UPDATE", when=postgres_when),
            **words,
        ),
        Guard(
            delete,
            table,
            sqlite_trigger(delete, table, event="BEFORE DELETE", when=sqlite_recent),
            postgres_trigger(delete, table, event="BEFORE DELETE", when=postgres_recent),
            **words,
        ),
        Guard(
            truncate,
            table,
            "",
            postgres_trigger(truncate, table, event="BEFORE TRUNCATE", each="STATEMENT"),
            **words,
        ),
        Guard(
            replace,
            table,
            sqlite_trigger(
                replace,
                table,
                event="BEFORE INSERT",
                when=f'EXISTS (SELECT 1 FROM "{table}" WHERE {taken})',  # noqa: S608 — names of our own tables
            ),
            "",
            **words,
        ),
    )


# --- installing and checking -------------------------------------------------------------------------------


def install_all(using: str = "default") -> None:
    """Put on every guard whose table is as its model has it; guards that are there already and right stay."""
    connection = connections[using]
    wrong = {name for name, _ in faults(using)}
    with writes_allowed(), connection.cursor() as cursor:
        tables = whole_tables(connection) if wrong else set()
        for guard in registered():
            if guard.table in tables and guard.name in wrong:
                _drop(connection, guard)
                for statement in guard.sqlite_anew if connection.vendor == "sqlite" else ():
                    cursor.execute(statement)
                cursor.execute(guard.sql_for(connection.vendor))


def whole_tables(connection: BaseDatabaseWrapper) -> set[str]:
    """Tables with every column of their model: part of the way through the migrations, guards fit no others."""
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    found = set()
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) & set(models):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608 — our own tables
            has = {column[0] for column in cursor.description}
            if {field.column for field in models[table]._meta.local_concrete_fields} <= has:
                found.add(table)
    return found


def remove_all(using: str = "default") -> None:
    """Take off every guard, registered or not, that carries our name: a migration is about to run."""
    connection = connections[using]
    with writes_allowed(), connection.cursor() as cursor:
        for name, table in _present(connection):
            cursor.execute(_drop_sql(connection, name, table))


def _drop(connection: BaseDatabaseWrapper, guard: Guard) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_drop_sql(connection, guard.name, guard.table))


def _drop_sql(connection: BaseDatabaseWrapper, name: str, table: str) -> str:
    if connection.vendor == "sqlite":
        return f"DROP TRIGGER IF EXISTS {name}"
    return f'DROP TRIGGER IF EXISTS {name} ON "{table}"; DROP FUNCTION IF EXISTS {name}()'


def _present(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    sqlite = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%' ESCAPE '\\'"
    postgres = (
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgname LIKE 'guard\\_%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else postgres)
        return [(str(name), str(table)) for name, table in cursor.fetchall()]


def faults(using: str = "default") -> list[tuple[str, str]]:
    """Every registered guard that is missing, switched off or different, with a sentence."""
    connection = connections[using]
    wanted = [guard for guard in registered() if guard.sql_for(connection.vendor)]
    found = (
        _sqlite_definitions(connection)
        if connection.vendor == "sqlite"
        else _postgres_definitions(connection)
    )
    report = []
    for guard in wanted:
        if guard.name not in found:
            report.append((guard.name, f"The guard {guard.name} is missing from the table {guard.table}."))
        elif found[guard.name] is None:
            report.append((guard.name, f"The guard {guard.name} on the table {guard.table} is switched off."))
        elif not _same(connection.vendor, guard, str(found[guard.name])):
            report.append(
                (guard.name, f"The guard {guard.name} on the table {guard.table} is not the one we wrote.")
            )
    return report


def _same(vendor: str, guard: Guard, definition: str) -> bool:
    if vendor == "sqlite":
        return definition.strip() == guard.sqlite_sql.strip()
    body, _, created = definition.partition("\x00")
    return body in guard.postgres_sql and f"EXECUTE FUNCTION {guard.name}()" in created.replace("public.", "")


def _sqlite_definitions(connection: BaseDatabaseWrapper) -> dict[str, str | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {str(name): str(sql) for name, sql in cursor.fetchall()}


def _postgres_definitions(connection: BaseDatabaseWrapper) -> dict[str, str | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, t.tgenabled, p.prosrc, pg_get_triggerdef(t.oid) FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
        )
        return {
            str(name): f"{source}\x00{created}" if str(enabled) in {"O", "A"} else None
            for name, enabled, source, created in cursor.fetchall()
        }
