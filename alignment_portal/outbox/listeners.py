from alignment_portal.outbox.events import announce


def announce_person(*, email: str = "", **_: object) -> None:
    if email:
        announce("accounts.person_changed", email=email)
