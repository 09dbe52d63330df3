"""The guards of what was agreed: words only grow, nothing is removed, the end is written once, changes are counted."""

from alignment_portal.audit.triggers import (
    Guard,
    append_only,
    postgres_refusal,
    postgres_trigger,
    register,
    sqlite_trigger,
)

# Each table's unique columns; on SQLite an INSERT OR REPLACE would delete through them.
GROWING = {
    "reviews_snapshot": (("id",), ("review_id", "digest")),
    "reviews_stance": (("id",), ("trade_off_id", "user_id", "version")),
    "reviews_condition": (("id",), ("ref",)),
    "reviews_settlement": (("id",), ("condition_id",)),
    "reviews_commitment": (("id",), ("ref",)),
    "reviews_fulfilment": (("id",), ("commitment_id",)),
    "reviews_gatequestion": (("id",),),
    "reviews_conclusion": (("id",), ("review_id",)),
    "reviews_signature": (("id",), ("review_id", "by_id")),
}
MUTABLE = ("reviews_review", "reviews_participant", "reviews_reviewtradeoff", "reviews_delegation")
COUNTED = (*GROWING, *MUTABLE)
CONCLUDED = "OLD.concluded_at IS NOT NULL"
FROZEN = (
    "concluded_at",
    "sent_at",
    "opened_at",
    "pre_read_at",
    "policy_version",
    "reaffirm_days",
    "quorum",
    "initiative_id",
    "cluster_id",
    "subject_kind",
)


def refuse(
    table: str, what: str, event: str, condition: dict[str, str], *, sentence: str, code: str
) -> Guard:
    name = f"guard_{table}_{what}"
    body = f"IF {condition['postgres']} THEN\n    {postgres_refusal(name)}\n  END IF;\n  RETURN NEW;"
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event=event, when=condition["sqlite"]),
        postgres_trigger(name, table, event=event, body=body),
        sentence=sentence,
        code=code,
    )


def kept(table: str) -> tuple[Guard, Guard]:
    name, truncate = f"guard_{table}_delete", f"guard_{table}_truncate"
    words = {"sentence": "What belongs to a review stays in the record.", "code": "review_kept"}
    return (
        Guard(
            name,
            table,
            sqlite_trigger(name, table, event="BEFORE DELETE"),
            postgres_trigger(name, table, event="BEFORE DELETE"),
            **words,
        ),
        Guard(
            truncate,
            table,
            "",
            postgres_trigger(truncate, table, event="BEFORE TRUNCATE", each="STATEMENT"),
            **words,
        ),
    )


def differs(columns: tuple[str, ...], operator: str) -> str:
    return " OR ".join(f"OLD.{column} {operator} NEW.{column}" for column in columns)


def same_on_both(condition: str) -> dict[str, str]:
    return {"sqlite": condition, "postgres": condition}


def counted(table: str, event: str) -> Guard:
    """Count the change on the initiatives the review is about: its own, or all of its cluster."""
    name = f"guard_{table}_counted_{event.lower()}"
    review = "NEW.id" if table == "reviews_review" else "NEW.review_id"
    update = (
        "UPDATE initiatives_initiative SET inputs_rev = inputs_rev + 1 WHERE id IN ("
        f"SELECT initiative_id FROM reviews_review WHERE id = {review} AND initiative_id IS NOT NULL)"
        " OR cluster_id IN ("
        f"SELECT cluster_id FROM reviews_review WHERE id = {review} AND cluster_id IS NOT NULL);"
    )
    return Guard(
        name,
        table,
        sqlite_trigger(name, table, event=f"AFTER {event}", body=update),
        postgres_trigger(name, table, event=f"AFTER {event}", body=f"{update}\n  RETURN NULL;"),
        sentence="A verdict that rests on this is no longer current.",
        code="inputs_guarded",
    )


for _table, _unique in GROWING.items():
    register(*append_only(_table, unique=_unique))
for _table in MUTABLE:
    register(*kept(_table))
for _table in COUNTED:
    register(counted(_table, "INSERT"))
    if _table in MUTABLE:
        register(counted(_table, "UPDATE"))

register(
    refuse(
        "reviews_review",
        "concluded",
        "BEFORE UPDATE",
        {
            "sqlite": f"{CONCLUDED} AND ({differs(FROZEN, 'IS NOT')})",
            "postgres": f"{CONCLUDED} AND ({differs(FROZEN, 'IS DISTINCT FROM')})",
        },
        sentence="This review is concluded: what it agreed on stands. Open a new one to decide again.",
        code="review_concluded",
    ),
    refuse(
        "reviews_stance",
        "while_open",
        "BEFORE INSERT",
        same_on_both(
            "EXISTS (SELECT 1 FROM reviews_review r WHERE r.id = NEW.review_id AND (r.lapsed_at IS NOT NULL"
            " OR r.sent_at IS NULL OR (r.concluded_at IS NOT NULL AND NEW.origin_id IS NULL)))"
        ),
        sentence="This review takes no stances: it is not sent yet, or it has ended.",
        code="review_takes_no_stances",
    ),
    refuse(
        "reviews_stance",
        "by_invitation",
        "BEFORE INSERT",
        same_on_both(
            "NOT EXISTS (SELECT 1 FROM reviews_participant p WHERE p.review_id = NEW.review_id"
            " AND p.user_id = NEW.user_id AND p.left_at IS NULL)"
        ),
        sentence="Only somebody who takes part in a review gives a stance in it.",
        code="not_invited",
    ),
    refuse(
        "reviews_stance",
        "standing",
        "BEFORE INSERT",
        same_on_both(
            "NEW.trade_off_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reviews_reviewtradeoff t"
            " WHERE t.id = NEW.trade_off_id AND t.review_id = NEW.review_id AND t.withdrawn_at IS NULL)"
        ),
        sentence="This trade-off was withdrawn, or belongs to another review.",
        code="trade_off_withdrawn",
    ),
    # On SQLite an INSERT OR REPLACE would delete through the unique columns, which hold for parts alone.
    refuse(
        "reviews_stance",
        "replace_part",
        "BEFORE INSERT",
        same_on_both(
            "NEW.part <> '' AND EXISTS (SELECT 1 FROM reviews_stance s WHERE s.review_id = NEW.review_id"
            " AND s.part = NEW.part AND s.user_id = NEW.user_id AND s.version = NEW.version)"
        ),
        sentence="This record is kept as it was written: it can be neither changed nor removed.",
        code="append_only",
    ),
    refuse(
        "reviews_stance",
        "by_deputy",
        "BEFORE INSERT",
        same_on_both(
            "NEW.deputy_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reviews_delegation d"
            " JOIN reviews_participant p ON p.id = d.seat_id WHERE d.review_id = NEW.review_id"
            " AND p.user_id = NEW.user_id AND d.deputy_id = NEW.deputy_id AND d.withdrawn_at IS NULL)"
        ),
        sentence="Only the deputy whom a participant named answers in their place.",
        code="not_deputy",
    ),
    refuse(
        "reviews_signature",
        "of_a_conclusion",
        "BEFORE INSERT",
        same_on_both("NOT EXISTS (SELECT 1 FROM reviews_conclusion c WHERE c.review_id = NEW.review_id)"),
        sentence="Only a review that was concluded can be signed.",
        code="not_concluded",
    ),
    refuse(
        "reviews_reviewtradeoff",
        "answered",
        "BEFORE UPDATE",
        {
            database: "EXISTS (SELECT 1 FROM reviews_stance s WHERE s.trade_off_id = OLD.id) AND ("
            + differs(
                ("choose", "accept", "because", "until", "change_our_mind", "code", "review_id"), operator
            )
            + ")"
            for database, operator in (("sqlite", "IS NOT"), ("postgres", "IS DISTINCT FROM"))
        },
        sentence="Somebody has answered this trade-off, so its words stand. Withdraw it and propose another.",
        code="answered",
    ),
)
