"""The guards of what is scarce: versions only grow, nothing in the register is removed, and changes are counted."""

from alignment_portal.audit.triggers import Guard, append_only, postgres_trigger, register, sqlite_trigger

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
