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
    WORK_TAKEN_UP = (
        "portfolio.work.taken_up",
        "work taken up",
        "{actor} brought the queues in line with the dossiers of {subject}",
    )
    WORK_STARTED = ("portfolio.work.started", "work started", "{actor} started work at {subject}")
    WORK_BLOCKED = ("portfolio.work.blocked", "work blocked", "{actor} marked work at {subject} as blocked")
    WORK_DONE = ("portfolio.work.done", "work done", "{actor} finished work at {subject}")
    WORK_PUT_BACK = (
        "portfolio.work.put_back",
        "work put back",
        "{actor} put work at {subject} back into its queue",
    )
    CAP_EXCEPTED = (
        "portfolio.cap.excepted",
        "exception to a cap",
        "{actor} let work at {subject} go above the cap",
    )
    WORTH_STATED = (
        "portfolio.worth.stated",
        "value and cost stated",
        "{actor} stated what {subject} is hoped to bring and to cost",
    )
    SIMULATION_ASKED = ("portfolio.simulation.asked", "what-if asked", "{actor} asked the what-if {subject}")
    SIMULATION_DONE = (
        "portfolio.simulation.done",
        "what-if answered",
        "{actor} answered the what-if {subject}",
    )
    SIMULATION_FAILED = (
        "portfolio.simulation.failed",
        "what-if failed",
        "{actor} could not answer the what-if {subject}",
    )
    SIMULATION_CANCELLED = (
        "portfolio.simulation.cancelled",
        "what-if stopped",
        "{actor} stopped the what-if {subject}",
    )
    SIMULATION_SHOWN = (
        "portfolio.simulation.shown",
        "what-if chosen for the portfolio pack, or left out",
        "{actor} chose whether the portfolio pack shows the what-if {subject}",
    )
    GROUP_RECORDED = (
        "portfolio.group.recorded",
        "group of people recorded",
        "{actor} recorded the group of people {subject}",
    )
    OTHER_CHANGE_RECORDED = (
        "portfolio.other_change.recorded",
        "other change recorded",
        "{actor} recorded change from elsewhere for {subject}",
    )
    OTHER_CHANGE_WITHDRAWN = (
        "portfolio.other_change.withdrawn",
        "other change withdrawn",
        "{actor} withdrew change from elsewhere for {subject}",
    )
    CLOSURE_KEPT = ("portfolio.closure.kept", "closure recorded", "{actor} recorded when {subject} is closed")
