"""The guards of what is measured: readings, results and acknowledgements only grow, and each counts as an input."""

from alignment_portal.audit.triggers import Guard, append_only, register, sqlite_trigger

INITIATIVE = "initiatives_initiative"
KEPT = {
    "metrics_observation": (
        ("id",),
        ("metric_id", "segment", "deployment", "period_start", "period_end", "revision"),
    ),
    "metrics_driftreading": (("id",), ("metric_id", "deployment", "period_start", "period_end", "revision")),
    "metrics_metricresult": (("id",),),
    "metrics_acknowledgement": (("id",),),
}


def counted(table: str) -> Guard:
    """Count an insert on the initiative it belongs to.

    On PostgreSQL once a statement, not once a row: ten thousand readings are one change of each initiative.
    """
    name = f"guard_{table}_counted"
    update = f"UPDATE {INITIATIVE} SET inputs_rev = inputs_rev + 1 WHERE id"
    return Guard(
        name,
        table,
        sqlite_trigger(
            name,
            table,
            event="AFTER INSERT",
            body=f"{update} = (SELECT initiative_id FROM metrics_metric WHERE id = NEW.metric_id);",
        ),
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql\n"
        "SET search_path = public, pg_temp AS $guard$\nBEGIN\n"
        f"  {update} IN (SELECT m.initiative_id FROM metrics_metric m JOIN added a ON a.metric_id = m.id);\n"
        "  RETURN NULL;\nEND\n$guard$;\n"
        f'DROP TRIGGER IF EXISTS {name} ON "{table}";\n'
        f'CREATE TRIGGER {name} AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS added\n'
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}();",
        sentence="A verdict that rests on this is no longer current.",
        code="inputs_guarded",
    )


for _table, _unique in KEPT.items():
    register(*append_only(_table, unique=_unique), counted(_table))
