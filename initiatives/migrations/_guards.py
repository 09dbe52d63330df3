"""The guards of what is claimed: versions and incidents only grow, a key stays, and every change of them is counted."""

from alignment_portal.audit.triggers import (
    Guard,
    append_only,
    postgres_refusal,
    postgres_trigger,
    register,
    sqlite_trigger,
)

INITIATIVE = "initiatives_initiative"
SEARCHED, INDEX = "initiatives_searchtext", "initiatives_searchindex"
CLOSING = ("closed_at", "closing_recorded_at", "closed_by_id", "cause")


def refuse(table: str, what: str, event: str, condition: str, *, sentence: str, code: str) -> Guard:
    """A guard that refuses the event while the condition holds; an empty condition always does."""
    name = f"guard_{table}_{what}"
    body = f"IF {condition} THEN\n    {postgres_refusal(name)}\n  END IF;\n  RETURN NEW;" if condition else ""
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event=event, when=condition),
        postgres_trigger(name, table, event=event, body=body),
        sentence=sentence,
        code=code,
    )


def counts_inputs(table: str, event: str) -> Guard:
    """A guard that counts a change of what an initiative is judged on, so that no older verdict stays current."""
    name = f"guard_{table}_counts_{event.lower()}"
    update = f"UPDATE {INITIATIVE} SET inputs_rev = inputs_rev + 1 WHERE id = NEW.initiative_id;"
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event=f"AFTER {event}", body=update),
        postgres_trigger(name, table, event=f"AFTER {event}", body=f"{update}\n  RETURN NULL;"),
        sentence="What an initiative is judged on is counted.",
        code="inputs_guarded",
    )


SEARCH_INDEX = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5("
    f"text, content='{SEARCHED}', content_rowid='id', tokenize='trigram')"
)
ENTER = f"INSERT INTO {INDEX} (rowid, text) VALUES (NEW.id, NEW.text);"
STRIKE = f"INSERT INTO {INDEX} ({INDEX}, rowid, text) VALUES ('delete', OLD.id, OLD.text);"


def indexed(event: str, body: str, *, anew: tuple[str, ...] = ()) -> Guard:
    """SQLite's index of parts of words, kept in step with the texts. PostgreSQL keeps its own."""
    name = f"guard_{SEARCHED}_indexed_{event.lower()}"
    return Guard(
        name,
        SEARCHED,
        sqlite_trigger(name, SEARCHED, event=f"AFTER {event}", body=body),
        "",
        sentence="What a search finds is kept in step with the texts.",
        code="search_indexed",
        sqlite_anew=anew,
    )


register(
    indexed("INSERT", ENTER, anew=(SEARCH_INDEX, f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')")),
    indexed("UPDATE", f"{STRIKE} {ENTER}"),
    indexed("DELETE", STRIKE),
    *append_only("initiatives_dossierversion", unique=(("id",), ("initiative_id", "number"))),
    *append_only("initiatives_incident", unique=(("id",), ("ref",)), except_columns=CLOSING),
    refuse(
        "initiatives_incident",
        "closed_once",
        "BEFORE UPDATE",
        "OLD.closed_at IS NOT NULL",
        sentence="This incident is closed. If it came back, record a new one.",
        code="incident_closed",
    ),
    counts_inputs("initiatives_dossierversion", "INSERT"),
    counts_inputs("initiatives_incident", "INSERT"),
    counts_inputs("initiatives_incident", "UPDATE"),
    refuse(
        INITIATIVE,
        "key",
        "BEFORE UPDATE",
        "NEW.key <> OLD.key OR NEW.id <> OLD.id OR NEW.created_at <> OLD.created_at",
        sentence="The key of an initiative never changes.",
        code="key_is_fixed",
    ),
    refuse(
        INITIATIVE,
        "forward",
        "BEFORE UPDATE",
        "NEW.inputs_rev < OLD.inputs_rev OR NEW.version < OLD.version OR NEW.package < OLD.package",
        sentence="Versions of an initiative are counted forwards only.",
        code="inputs_guarded",
    ),
    refuse(
        INITIATIVE,
        "delete",
        "BEFORE DELETE",
        "",
        sentence="An initiative is never removed; it can be retired.",
        code="initiative_kept",
    ),
    Guard(
        f"guard_{INITIATIVE}_truncate",
        INITIATIVE,
        "",
        postgres_trigger(
            f"guard_{INITIATIVE}_truncate", INITIATIVE, event="BEFORE TRUNCATE", each="STATEMENT"
        ),
        sentence="An initiative is never removed; it can be retired.",
        code="initiative_kept",
    ),
)
