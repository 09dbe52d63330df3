from django.apps import AppConfig


class HttpConfig(AppConfig):
    name = "alignment_portal.http"
    label = "http"
    verbose_name = "Web plumbing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from alignment_portal.http import openapi, sessions  # noqa: F401, PLC0415 — app ready
