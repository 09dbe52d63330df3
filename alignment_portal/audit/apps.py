from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    name = "alignment_portal.audit"
    label = "audit"
    verbose_name = "Audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from alignment_portal.accounts.signals import account_changed  # noqa: PLC0415 — app ready
        from alignment_portal.audit import guard, listeners, triggers, words  # noqa: PLC0415 — app ready

        connection_created.connect(guard.watch_connection, dispatch_uid="write guard")
        account_changed.connect(listeners.record_account_change, dispatch_uid="audit of accounts")
        triggers.discover()
        words.discover()
        pre_migrate.connect(guard.before_migrating, sender=self, dispatch_uid="guards off")
        post_migrate.connect(guard.after_migrating, sender=self, dispatch_uid="guards on")
