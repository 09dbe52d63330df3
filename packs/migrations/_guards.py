"""The guards of this app: what a pack says, its file and its copies are kept as they were written."""

from alignment_portal.audit.triggers import append_only, register

PROGRESS = (
    "state", "step", "percent", "attempt", "errors", "losses", "next_at", "lease_until", "token", "holder",
    "error", "finished_at", "stale_since",
)  # fmt: skip

register(
    *append_only(
        "packs_packbuild",
        except_columns=PROGRESS,
        unique=(("id",), ("ref",), ("key",), ("subject", "number")),
    ),
    *append_only("packs_packfile", unique=(("id",), ("build_id",))),
    *append_only("packs_packcopy"),
    *append_only("packs_packmember", unique=(("id",), ("build_id", "initiative_id"))),
    *append_only(
        "packs_packreading", unique=(("id",), ("build_id", "user_id", "day")), gone_after=("day", 90)
    ),
)
