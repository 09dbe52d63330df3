"""The pack of the portfolio that is built by the calendar, not because somebody asked."""

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.refusals import Conflict
from packs.models import PackBuild
from packs.selectors.subjects import PORTFOLIO
from packs.services.requests import request_pack


def request_monthly_pack() -> PackBuild | None:
    """Once a month, however often beat rings; nothing while the portfolio is empty."""
    month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    asked = PackBuild.objects.filter(subject=PORTFOLIO, requested_by=None, requested_at__gte=month)
    if asked.exists():
        return None
    try:
        return request_pack(by=SYSTEM, subject=PORTFOLIO).build
    except Conflict:
        return None
