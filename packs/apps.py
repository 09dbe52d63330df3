from django.apps import AppConfig
from django.core.checks import register


class PacksConfig(AppConfig):
    name = "packs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from packs.services.signing import certificate_can_sign, certificate_is_there  # noqa: PLC0415 — app ready

        register(certificate_is_there)
        register(certificate_can_sign, deploy=True)
