from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    DEPENDENCY_REGISTERED = (
        "portfolio.dependency.registered",
        "shared dependency registered",
        "{actor} registered the shared dependency {subject}",
    )
    DEPENDENCY_CHANGED = (
        "portfolio.dependency.changed",
        "shared dependency changed",
        "{actor} changed the shared dependency {subject}",
    )
    BOTTLENECK_REGISTERED = (
        "portfolio.bottleneck.registered",
        "bottleneck registered",
        "{actor} registered the bottleneck {subject}",
    )
    BOTTLENECK_CHANGED = (
        "portfolio.bottleneck.changed",
        "bottleneck changed",
        "{actor} changed the bottleneck {subject}",
    )
