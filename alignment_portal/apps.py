from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "alignment_portal"
    verbose_name = "Alignment portal"

    def ready(self) -> None:
        from alignment_portal import celery, checks, dispatch  # noqa: F401, PLC0415 — app ready
        from alignment_portal.outbox.signals import committed  # noqa: PLC0415 — app ready

        committed.connect(dispatch.on_committed, dispatch_uid="dispatch")
