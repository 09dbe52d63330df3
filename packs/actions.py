"""The audit codes of this app."""

from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    REQUESTED = (
        "packs.build.request",
        "pack asked for",
        "{actor} asked for the pack {subject} of {initiative}{about}",
    )
    READY = (
        "packs.build.finish",
        "pack built",
        "{actor} built {subject} of {initiative}{about}, {pages} pages",
    )
    FAILED = (
        "packs.build.fail",
        "pack failed",
        "{actor} could not build {subject} of {initiative}{about}: {reason}",
    )
    CANCELLED = "packs.build.cancel", "pack cancelled", "{actor} cancelled {subject} of {initiative}{about}"
    RETRIED = (
        "packs.build.retry",
        "pack tried again",
        "{actor} had {subject} of {initiative}{about} built again",
    )
    TAKEN = "packs.copy.take", "copy taken", "{actor} took a copy of {subject} of {initiative}{about}"
