from django.apps import AppConfig
from django.core.checks import register
from django.db import connections
from django.db.models.signals import post_migrate


class GatesConfig(AppConfig):
    name = "gates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gates.selectors import startup  # noqa: PLC0415 — app ready

        register(startup.policies_can_be_read)
        post_migrate.connect(adopt_first_policy, sender=self, dispatch_uid="first policy")


def adopt_first_policy(*, using: str, **_: object) -> None:
    """An empty portal begins under the newest policy that came with it."""
    from gates.models import PolicyVersion  # noqa: PLC0415 — app ready
    from gates.services.policies import adopt_shipped_policy  # noqa: PLC0415 — app ready

    connection = connections[using]
    if PolicyVersion._meta.db_table in connection.introspection.table_names():
        adopt_shipped_policy()
