"""The guards of the audit chain. A link must follow the head, and the head may only follow a link."""

from alignment_portal.audit.triggers import (
    Guard,
    append_only,
    postgres_refusal,
    postgres_trigger,
    register,
    sqlite_trigger,
)

WORDS = {
    "sentence": "The audit record only grows: nothing in it can be changed, removed or put out of order.",
    "code": "audit_guarded",
}
LINK, ADVANCE, HEAD, BEGIN, END, WIPE = (
    "guard_audit_entry_link",
    "guard_audit_entry_advance",
    "guard_audit_head_forward",
    "guard_audit_head_begin",
    "guard_audit_head_delete",
    "guard_audit_head_truncate",
)
ZEROS = "0" * 64

# INVARIANT: the same text as chain.fields_of; a test writes one entry of every kind through both.
_FIELDS = (
    "NEW.stream",
    "NEW.seq::text",
    "NEW.prev",
    "to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    "to_char(NEW.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    "coalesce(NEW.actor_id::text, '')",
    "NEW.actor_label",
    "NEW.via",
    "NEW.action",
    "NEW.initiative_key",
    "NEW.subject",
    "NEW.payload",
)
_PREIMAGE = "\n    || ".join(
    f"octet_length(convert_to({field}, 'UTF8'))::text || ':' || {field} || ','" for field in _FIELDS
)

register(
    *append_only("audit_entry", unique=(("id",), ("stream", "seq"), ("stream", "prev")), **WORDS),
    Guard(
        LINK,
        "audit_entry",
        sqlite_trigger(
            LINK,
            "audit_entry",
            event="BEFORE INSERT",
            when=(
                "NOT EXISTS (SELECT 1 FROM audit_head WHERE stream = NEW.stream AND seq = NEW.seq - 1"
                " AND hash = NEW.prev AND recorded_at <= NEW.recorded_at)"
                " OR length(NEW.hash) <> 64 OR NEW.hash = NEW.prev"
            ),
        ),
        postgres_trigger(
            LINK,
            "audit_entry",
            event="BEFORE INSERT",
            declare="head audit_head%ROWTYPE;",
            body=(
                "SELECT * INTO head FROM audit_head WHERE stream = NEW.stream FOR UPDATE;\n"
                "  IF head.stream IS NULL OR NEW.seq <> head.seq + 1 OR NEW.prev <> head.hash\n"
                "    OR NEW.recorded_at < head.recorded_at\n"
                f"    OR NEW.hash <> encode(sha256(convert_to({_PREIMAGE}, 'UTF8')), 'hex') THEN\n"
                f"    {postgres_refusal(LINK)}\n  END IF;\n  RETURN NEW;"
            ),
        ),
        **WORDS,
    ),
    Guard(
        ADVANCE,
        "audit_entry",
        sqlite_trigger(
            ADVANCE,
            "audit_entry",
            event="AFTER INSERT",
            body=(
                "UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash, recorded_at = NEW.recorded_at"
                " WHERE stream = NEW.stream;"
            ),
        ),
        postgres_trigger(
            ADVANCE,
            "audit_entry",
            event="AFTER INSERT",
            body=(
                "UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash, recorded_at = NEW.recorded_at\n"
                "    WHERE stream = NEW.stream;\n  RETURN NULL;"
            ),
        ),
        **WORDS,
    ),
    Guard(
        HEAD,
        "audit_head",
        sqlite_trigger(
            HEAD,
            "audit_head",
            event="BEFORE UPDATE",
            when=(
                "NEW.stream <> OLD.stream OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM audit_entry"
                " WHERE stream = OLD.stream AND seq = NEW.seq AND prev = OLD.hash AND hash = NEW.hash"
                " AND recorded_at = NEW.recorded_at)"
            ),
        ),
        postgres_trigger(
            HEAD,
            "audit_head",
            event="BEFORE UPDATE",
            body=(
                "IF NEW.stream <> OLD.stream OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM audit_entry\n"
                "    WHERE stream = OLD.stream AND seq = NEW.seq AND prev = OLD.hash AND hash = NEW.hash\n"
                "    AND recorded_at = NEW.recorded_at) THEN\n"
                f"    {postgres_refusal(HEAD)}\n  END IF;\n  RETURN NEW;"
            ),
        ),
        **WORDS,
    ),
    Guard(
        BEGIN,
        "audit_head",
        sqlite_trigger(
            BEGIN,
            "audit_head",
            event="BEFORE INSERT",
            when=(
                f"NEW.seq <> 0 OR NEW.hash <> '{ZEROS}' OR EXISTS (SELECT 1 FROM audit_head WHERE stream = NEW.stream)"
                " OR EXISTS (SELECT 1 FROM audit_entry WHERE stream = NEW.stream)"
            ),
        ),
        postgres_trigger(
            BEGIN,
            "audit_head",
            event="BEFORE INSERT",
            body=(
                f"IF NEW.seq <> 0 OR NEW.hash <> '{ZEROS}'\n"
                "    OR EXISTS (SELECT 1 FROM audit_entry WHERE stream = NEW.stream) THEN\n"
                f"    {postgres_refusal(BEGIN)}\n  END IF;\n  RETURN NEW;"
            ),
        ),
        **WORDS,
    ),
    Guard(
        END,
        "audit_head",
        sqlite_trigger(END, "audit_head", event="BEFORE DELETE"),
        postgres_trigger(END, "audit_head", event="BEFORE DELETE"),
        **WORDS,
    ),
    Guard(
        WIPE,
        "audit_head",
        "",
        postgres_trigger(WIPE, "audit_head", event="BEFORE TRUNCATE", each="STATEMENT"),
        **WORDS,
    ),
)
