"""Reactions of the portfolio: each takes ids, calls one service, and may run twice."""

from collections.abc import Sequence

from celery import shared_task

from portfolio.services.work import take_up


@shared_task
def follow_dossiers(*, key: str = "", keys: Sequence[str] = (), **_: object) -> int:
    """Queue what dossiers ask of shared functions, and withdraw what they ask no longer."""
    return take_up(keys=[key] if key else list(keys))
