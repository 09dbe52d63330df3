import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alignment_portal.settings")

application = get_wsgi_application()


def warm_up() -> None:
    """Load the statistics beside the first requests, so that the first verdict does not wait for them."""
    import statsmodels.stats.api  # noqa: F401, PLC0415 — slow import


Thread(target=warm_up, name="warm-up", daemon=True).start()
