from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "alignment_portal.outbox"
    label = "outbox"
    verbose_name = "Outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from alignment_portal.accounts.signals import account_changed  # noqa: PLC0415 — app ready
        from alignment_portal.outbox import listeners  # noqa: PLC0415 — app ready

        account_changed.connect(listeners.announce_person, dispatch_uid="outbox of accounts")
