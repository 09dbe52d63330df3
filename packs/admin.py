"""Packs in the admin: to look at, never to change."""

from django.contrib import admin
from django.http import HttpRequest

from packs.models import PackBuild, PackCopy, PackReading


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in its stubs
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(PackBuild)
class PackBuildAdmin(ReadOnly):
    list_display = ("ref", "subject", "number", "state", "attempt", "requested_at", "finished_at")
    list_filter = ("state",)


@admin.register(PackCopy)
class PackCopyAdmin(ReadOnly):
    list_display = ("file", "user", "at")


@admin.register(PackReading)
class PackReadingAdmin(ReadOnly):
    list_display = ("build", "user", "at")
