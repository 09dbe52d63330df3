from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    REGISTERED = "initiatives.dossier.create", "initiative registered", "{actor} registered {initiative}"
    DOSSIER_SAVED = (
        "initiatives.dossier.save",
        "dossier changed",
        "{actor} changed the dossier of {initiative}",
    )
    PACKAGE_STARTED = (
        "initiatives.package.start",
        "package started",
        "{actor} started a new package of {initiative} for its next horizon",
    )
    PORTFOLIO_LOADED = (
        "initiatives.portfolio.load",
        "portfolio loaded",
        "{actor} loaded {count} initiatives at once",
    )
    PERSON_INVITED = (
        "initiatives.person.invite",
        "person invited",
        "{actor} asked somebody to help with {initiative}",
    )
    INCIDENT_RECORDED = (
        "initiatives.incident.record",
        "incident recorded",
        "{actor} recorded the incident {subject}",
    )
    INCIDENT_CLOSED = (
        "initiatives.incident.close",
        "incident closed",
        "{actor} closed the incident {subject}",
    )
    VIEW_SAVED = "initiatives.view.save", "view saved", "{actor} saved a view of the list of initiatives"
    VIEW_REMOVED = (
        "initiatives.view.remove",
        "view removed",
        "{actor} removed a saved view of the list of initiatives",
    )
