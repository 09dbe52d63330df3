from django.contrib import admin

from initiatives.admin import ReadOnlyAdmin
from portfolio.models import Bottleneck, DependencyVersion, SharedDependency


@admin.register(SharedDependency)
class SharedDependencyAdmin(ReadOnlyAdmin):
    list_display = ("code", "title", "kind", "owner", "funding", "state", "due_on")
    list_filter = ("funding", "state")
    list_select_related = ("owner",)


@admin.register(DependencyVersion)
class DependencyVersionAdmin(ReadOnlyAdmin):
    list_display = ("dependency", "number", "owner", "funding", "state", "recorded_at")
    list_select_related = ("dependency", "owner")


@admin.register(Bottleneck)
class BottleneckAdmin(ReadOnlyAdmin):
    list_display = ("code", "title", "people", "cap")
