import os
from threading import Thread

import django
from django.core.wsgi import get_wsgi_application

from alignment_portal.operations import tracing
from alignment_portal.warming import warm_up

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alignment_portal.settings")

django.setup()
tracing.start("portal-web")  # before the middleware is loaded, which it joins
application = get_wsgi_application()


# Beside the first requests, so that the first verdict does not wait for it.
Thread(target=warm_up, name="warm-up", daemon=True).start()
