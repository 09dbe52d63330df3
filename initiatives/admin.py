"""The admin shows and never writes: every change goes through a service, whoever makes it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from initiatives.models import Cluster, DossierVersion, Incident, Initiative, Membership


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Initiative)
class InitiativeAdmin(ReadOnlyAdmin):
    list_display = ("key", "title", "status", "judged_level", "horizon", "owner", "version")
    list_filter = ("status", "judged_level", "horizon", "archetype")
    search_fields = ("key", "title")
    list_select_related = ("owner",)


@admin.register(DossierVersion)
class DossierVersionAdmin(ReadOnlyAdmin):
    list_display = ("initiative", "number", "package", "recorded_at", "recorded_by")
    list_select_related = ("initiative", "recorded_by")


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ("ref", "initiative", "severity", "title", "opened_at", "closed_at")
    list_select_related = ("initiative",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("initiative", "user", "kind", "since")
    list_select_related = ("initiative", "user")


@admin.register(Cluster)
class ClusterAdmin(ReadOnlyAdmin):
    list_display = ("code", "title")
