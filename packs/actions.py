"""The audit codes of this app."""

from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    REQUESTED = (
        "packs.build.request",
        "pack asked for",
        "{actor} asked for the pack {subject} of {initiative}",
    )
    READY = "packs.build.finish", "pack built", "{actor} built {subject} of {initiative}, {pages} pages"
    FAILED = "packs.build.fail", "pack failed", "{actor} could not build {subject} of {initiative}: {reason}"
    CANCELLED = "packs.build.cancel", "pack cancelled", "{actor} cancelled {subject} of {initiative}"
    RETRIED = "packs.build.retry", "pack tried again", "{actor} had {subject} of {initiative} built again"
    TAKEN = "packs.copy.take", "copy taken", "{actor} took a copy of {subject} of {initiative}"
