"""The guards of what is scarce: versions only grow, nothing in the register is removed, and changes are counted."""

from alignment_portal.audit.triggers import (
    Guard,
    append_only,
    postgres_refusal,
    postgres_trigger,
    register,
    sqlite_trigger,
)

KEPT = "What stands in the register stays; mark it dropped instead."


def kept(table: str) -> Guard:
    name = f"guard_{table}_delete"
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event="BEFORE DELETE"),
        postgres_trigger(name, table, event="BEFORE DELETE"),
        sentence=KEPT,
        code="register_kept",
    )


def counted(table: str, needing: str) -> Guard:
    """Count a change on every initiative that needs what was changed; `needing` selects them for the row NEW."""
    name = f"guard_{table}_counted"
    update = f"UPDATE initiatives_initiative SET inputs_rev = inputs_rev + 1 WHERE id IN ({needing});"
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event="AFTER INSERT", body=update),
        postgres_trigger(name, table, event="AFTER INSERT", body=f"{update}\n  RETURN NULL;"),
        sentence="A verdict that rests on this is no longer current.",
        code="inputs_guarded",
    )


# -- caps on work in flight ----------------------------------------------------------------------------------

ITEM, POOL = "portfolio_workitem", "portfolio_bottleneck"
CAP = "This function has as much in flight as its cap allows. Finish or put back something first."


def _counts(row: str) -> str:
    """Whether an item takes a place under the cap."""
    return f"({row}.state IN ('started', 'blocked') AND {row}.exception_id IS NULL)"


def _taken(pool: str, but: str = "") -> str:
    also = f" AND other.id <> {but}" if but else ""
    return (
        f"(SELECT count(*) FROM {ITEM} other WHERE other.bottleneck_id = {pool}{also} AND {_counts('other')})"
    )


def capped(event: str) -> Guard:
    """INVARIANT: whoever takes a place holds the bottleneck's row first, so that two cannot take the last one."""
    name = f"guard_{ITEM}_cap_{event.lower()}"
    enters = _counts("NEW") + (f" AND NOT {_counts('OLD')}" if event == "UPDATE" else "")
    taken = _taken("NEW.bottleneck_id", "NEW.id" if event == "UPDATE" else "")
    full = f"{taken} >= (SELECT cap FROM {POOL} WHERE id = NEW.bottleneck_id)"
    locked = (
        f"PERFORM 1 FROM {POOL} WHERE id = NEW.bottleneck_id FOR UPDATE;\n"
        f"  IF {full} THEN\n    {postgres_refusal(name)}\n  END IF;\n  RETURN NEW;"
    )
    return Guard(
        name,
        ITEM,
        sqlite_trigger(name, ITEM, event=f"BEFORE {event}", when=f"{enters} AND {full}"),
        postgres_trigger(name, ITEM, event=f"BEFORE {event}", when=enters, body=locked),
        sentence=CAP,
        code="cap_reached",
    )


def refused(what: str, table: str, event: str, when: str, sentence: str, code: str) -> Guard:  # noqa: PLR0917 — read as a table
    """A guard whose condition looks at other tables, which PostgreSQL allows in the body only."""
    name = f"guard_{table}_{what}"
    body = f"IF {when} THEN\n    {postgres_refusal(name)}\n  END IF;\n  RETURN NEW;"
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event=event, when=when),
        postgres_trigger(name, table, event=event, body=body),
        sentence=sentence,
        code=code,
    )


_NOT_ITS_OWN = (
    "NEW.exception_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM portfolio_capexception given"
    " WHERE given.id = NEW.exception_id AND given.item_id = NEW.id)"
)
_ANOTHER = (
    "NEW.initiative_id <> OLD.initiative_id OR NEW.bottleneck_id <> OLD.bottleneck_id OR NEW.gate <> OLD.gate"
)

_CHANGED = ("state", "percent", "attempts", "token", "lease_until", "error", "result", "finished_at")

register(
    *append_only("portfolio_worth", unique=(("id",), ("initiative_id", "number"))),
    *append_only("portfolio_simulation", except_columns=_CHANGED, unique=(("id",), ("ref",))),
    *append_only("portfolio_scenariochoice"),
    *append_only("portfolio_peoplegroup", unique=(("id",), ("code", "number"))),
    *append_only("portfolio_otherchange", except_columns=("withdrawn_at",)),
    capped("INSERT"),
    capped("UPDATE"),
    refused(
        "cap_lowered", POOL, "BEFORE UPDATE", f"NEW.cap < OLD.cap AND {_taken('NEW.id')} > NEW.cap",
        "More is in flight than the new cap allows. Finish or put back something first.", "cap_reached",
    ),
    refused(
        "exception", ITEM, "BEFORE UPDATE", _NOT_ITS_OWN,
        "An exception to the cap is for the item it was decided for.", "cap_reached",
    ),
    refused(
        "exception_insert", ITEM, "BEFORE INSERT", "NEW.exception_id IS NOT NULL",
        "An exception to the cap is for the item it was decided for.", "cap_reached",
    ),
    refused("kept", ITEM, "BEFORE UPDATE", _ANOTHER, "What a piece of work is about does not change.", "work_kept"),
    kept(ITEM),
    *append_only("portfolio_workmove", unique=(("id",), ("item_id", "number"))),
    *append_only("portfolio_capexception"),
)  # fmt: skip

register(
    *append_only("portfolio_dependencyversion", unique=(("id",), ("dependency_id", "number"))),
    *append_only("portfolio_bottleneckversion", unique=(("id",), ("bottleneck_id", "number"))),
    kept("portfolio_shareddependency"),
    kept("portfolio_bottleneck"),
    counted(
        "portfolio_dependencyversion",
        "SELECT needed.initiative_id FROM initiatives_dependency needed"
        " JOIN portfolio_shareddependency shared ON shared.code = needed.code WHERE shared.id = NEW.dependency_id",
    ),
    counted(
        "portfolio_bottleneckversion",
        "SELECT asked.initiative_id FROM initiatives_demand asked"
        " JOIN portfolio_bottleneck shared ON shared.code = asked.bottleneck WHERE shared.id = NEW.bottleneck_id",
    ),
)
