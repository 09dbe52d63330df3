"""Which tables a verdict rests on, and the guards that count every change to them on the initiative.

INVARIANT: a recorded verdict is current only while `inputs_rev` is what it was when it was judged. Facts that
belong to no single initiative (people, shared dependencies, bottlenecks, change load) are judged again by the
reactions and every hour instead.
"""

from collections.abc import Mapping

from alignment_portal.audit.triggers import Guard, register, sqlite_trigger

INITIATIVE = "initiatives_initiative"


def _through(table: str, column: str, key: str = "id") -> str:
    return f"(SELECT initiative_id FROM {table} WHERE {key} = {{row}}.{column})"


_EVIDENCE = _through("gates_evidence", "evidence_id")
_WAIVER = _through("gates_waiver", "waiver_id")
_ENDORSEMENT = _through("gates_endorsement", "endorsement_id")
_OWN = "{row}.initiative_id"

# Dossier versions, incidents, readings and reviews are counted by their own apps. Table: how a row of it leads to its initiative. `{row}` is the changed row.
INPUTS: Mapping[str, str] = {
    "gates_evidence": _OWN,
    "gates_evidencereview": _EVIDENCE,
    "gates_evidencewithdrawal": _EVIDENCE,
    "gates_endorsement": _OWN,
    "gates_endorsementwithdrawal": _ENDORSEMENT,
    "gates_waiver": _OWN,
    "gates_waiveranswer": _WAIVER,
    "gates_waiverwithdrawal": _WAIVER,
}


def _sqlite(name: str, table: str, event: str, row: str, leads: str) -> str:
    target = leads.format(row=row)
    return sqlite_trigger(
        name,
        table,
        event=f"AFTER {event}",
        body=f"UPDATE {INITIATIVE} SET inputs_rev = inputs_rev + 1 WHERE id = {target};",
    )


def _postgres(name: str, table: str, event: str, row: str, leads: str) -> str:
    """Once a statement, not once a row: ten thousand readings are one change of each initiative."""
    target = leads.format(row="changed")
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql\n"
        "SET search_path = public, pg_temp AS $guard$\nBEGIN\n"
        f"  UPDATE {INITIATIVE} SET inputs_rev = inputs_rev + 1\n"
        f"    WHERE id IN (SELECT {target} FROM changed);\n  RETURN NULL;\nEND\n$guard$;\n"
        f'DROP TRIGGER IF EXISTS {name} ON "{table}";\n'
        f'CREATE TRIGGER {name} AFTER {event} ON "{table}" REFERENCING {row} TABLE AS changed\n'
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
    )


for _table, _leads in INPUTS.items():
    for _event, _row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        _name = f"guard_{_table}_counted_{_event.lower()}"
        register(
            Guard(
                _name,
                _table,
                _sqlite(_name, _table, _event, _row, _leads),
                _postgres(_name, _table, _event, _row, _leads),
                sentence="A verdict that rests on this is no longer current.",
                code="inputs_guarded",
            )
        )
