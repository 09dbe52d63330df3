"""The Celery application: `celery -A alignment_portal worker`."""

import os

from celery import Celery
from celery.signals import worker_init, worker_process_init
from kombu.transport import TRANSPORT_ALIASES

# The queue of files, where no Redis is named: ours gets over a broken one.
TRANSPORT_ALIASES["filesystem"] = "alignment_portal.outbox.folder_queue:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alignment_portal.settings")

app = Celery("alignment_portal", task_cls="alignment_portal.outbox.jobs:JobTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks()


@worker_init.connect
def warm(**_: object) -> None:
    """Once, before the children are made: each of them, and each that follows it, has the statistics by then."""
    from alignment_portal.warming import warm_up  # noqa: PLC0415 — slow import

    warm_up()


@worker_process_init.connect
def trace(**_: object) -> None:
    from alignment_portal.operations import tracing  # noqa: PLC0415 — app ready

    tracing.start("portal-worker")
