from django.apps import AppConfig


class HttpConfig(AppConfig):
    name = "alignment_portal.http"
    label = "http"
    verbose_name = "Web plumbing"
    default_auto_field = "django.db.models.BigAutoField"
