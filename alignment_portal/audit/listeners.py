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
    **more: object,
) -> None:
    # The e-mail goes to the outbox only: the chain cannot forget, so it names people by their id.
    kept = {name: value for name, value in more.items() if name not in {"signal", "sender", "email"}}
    record(by=by, action=action, subject=subject, before=before, after=after, reason=reason, **kept)  # type: ignore[arg-type]  # mypy takes **kept for the initiative
