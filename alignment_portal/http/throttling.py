"""How often each caller may ask; the headers say how much is left."""

import math
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from alignment_portal.http.requests import address_of


class CallerThrottle(SimpleRateThrottle):
    """A fairness tool, not a wall: counts are kept in the cache and may be a little off."""

    scope = "caller"
    num_requests: int
    duration: int
    now: float

    def get_rate(self) -> str:
        return f"{settings.API_RATE}/min"

    def allow_request(self, request: Request, view: Any) -> bool:
        """A token may say how often itself."""
        actor = getattr(request, "actor", None)
        self.num_requests = getattr(actor, "rate", None) or self.num_requests
        allowed = super().allow_request(request, view)
        request._request.rate = self._state()  # type: ignore[attr-defined]  # noqa: SLF001 — read by the middleware
        return allowed

    def get_cache_key(self, request: Request, view: Any) -> str:
        actor = getattr(request, "actor", None)
        if actor is None:
            return f"throttle:address:{address_of(request._request)}"  # noqa: SLF001 — DRF's name for the inner request
        return f"throttle:{actor.token_id or ''}:{actor.user_id}"

    def wait(self) -> float:
        """Whole seconds until a refused caller may ask again: what `RateLimit-Reset` says, `Retry-After` says too."""
        return self._seconds_left()

    def _seconds_left(self) -> int:
        """Until the oldest call is forgotten that stands in the way; rounded up, as one second less is too early.

        Where the rate was lowered meanwhile, more calls than it allows are remembered, the newest first.
        """
        history: list[float] = getattr(self, "history", [])
        if not history:
            return self.duration
        oldest = history[min(len(history), self.num_requests) - 1]
        return max(0, math.ceil(self.duration - (self.now - oldest)))

    def _state(self) -> dict[str, str]:
        history: list[float] = getattr(self, "history", [])
        limit = self.num_requests
        return {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - len(history))),
            "RateLimit-Reset": str(self._seconds_left()),
        }
