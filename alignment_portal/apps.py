from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "alignment_portal"
    verbose_name = "Alignment portal"
