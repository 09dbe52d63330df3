from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    PERSON_OPENED = "accounts.person.open", "account opened", "{actor} opened an account for {subject}"
    PERSON_CHANGED = "accounts.person.change", "account changed", "{actor} changed the account of {subject}"
    PERSON_DEACTIVATED = (
        "accounts.person.deactivate",
        "account deactivated",
        "{actor} deactivated the account of {subject}",
    )
    PERSON_REACTIVATED = (
        "accounts.person.reactivate",
        "account reactivated",
        "{actor} reactivated the account of {subject}",
    )
    PASSWORD_SET = (  # the name of a deed, not a password
        "accounts.password.set",
        "password set",
        "{actor} set a new password for {subject}",
    )
    ROLE_GRANTED = "accounts.role.grant", "role granted", "{actor} gave {subject} the role {role} {function}"
    ROLE_REVOKED = "accounts.role.revoke", "role revoked", "{actor} took the role {role} from {subject}"
    GROUP_JOINED = "accounts.group.join", "put into a group", "{actor} put {subject} into the group {group}"
    GROUP_LEFT = (
        "accounts.group.leave",
        "taken out of a group",
        "{actor} took {subject} out of the group {group}",
    )
    TOKEN_ISSUED = "accounts.token.issue", "token issued", "{actor} issued the token {token} for {subject}"
    SERVICE_OPENED = (
        "accounts.service.open",
        "service account opened",
        "{actor} opened the service account {subject}",
    )
    TOKEN_ROTATED = (  # the name of a deed, not a token
        "accounts.token.rotate",
        "token replaced",
        "{actor} replaced the token {token} of {subject} by {successor}",
    )
    TOKEN_REVOKED = "accounts.token.revoke", "token revoked", "{actor} revoked the token {token} of {subject}"
    SESSION_ENDED = "accounts.session.end", "session ended", "{actor} ended a session of {subject}"
    FACTOR_ADDED = (
        "accounts.factor.add",
        "second factor added",
        "{actor} added {factor} to the sign-in of {subject}",
    )
    FACTOR_REMOVED = (
        "accounts.factor.remove",
        "second factor removed",
        "{actor} removed {factor} from the sign-in of {subject}",
    )
    CODES_RENEWED = (
        "accounts.recovery_codes.renew",
        "recovery codes made anew",
        "{actor} made new recovery codes for {subject}",
    )
    IDENTITY_LINKED = (
        "accounts.identity.link",
        "sign-in linked",
        "{actor} linked the sign-in {provider} to {subject}",
    )
    CALENDAR_OPENED = (
        "accounts.calendar.open",
        "calendar address opened",
        "{actor} opened an address for the calendar of {subject}",
    )
    CALENDAR_CLOSED = (
        "accounts.calendar.close",
        "calendar address closed",
        "{actor} closed the address for the calendar of {subject}",
    )
