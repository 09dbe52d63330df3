import os
from threading import Thread

import django
from django.core.wsgi import get_wsgi_application

from alignment_portal.operations import tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alignment_portal.settings")

django.setup()
tracing.start("portal-web")  # before the middleware is loaded, which it joins
application = get_wsgi_application()


def warm_up() -> None:
    """Load the statistics beside the first requests, so that the first verdict does not wait for them."""
    import statsmodels.stats.api  # noqa: F401, PLC0415 — slow import


Thread(target=warm_up, name="warm-up", daemon=True).start()
