from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.chain import record


def record_account_change(
    *,
    by: Actor,
    action: str,
    subject: str,
    before: object = None,
    after: object = None,
    reason: str = "",
    **_: object,
) -> None:
    record(by=by, action=action, subject=subject, before=before, after=after, reason=reason)
