from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "alignment_portal.operations"
    label = "operations"
    verbose_name = "Operations"
