from django.contrib import admin

from initiatives.admin import ReadOnlyAdmin
from metrics.models import Acknowledgement, Metric, MetricResult, Observation


@admin.register(Metric)
class MetricAdmin(ReadOnlyAdmin):
    list_display = ("initiative", "code", "title", "layer", "claimed", "left_dossier_at")
    list_filter = ("layer",)
    search_fields = ("code", "title", "initiative__key")
    list_select_related = ("initiative",)


@admin.register(Observation)
class ObservationAdmin(ReadOnlyAdmin):
    list_display = ("metric", "deployment", "segment", "period_start", "period_end", "value", "revision")
    list_select_related = ("metric",)
    show_full_result_count = False


@admin.register(MetricResult)
class MetricResultAdmin(ReadOnlyAdmin):
    list_display = ("metric", "method", "code", "estimate", "low", "high", "read_on", "recorded_at")
    list_filter = ("code", "method")
    list_select_related = ("metric",)


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin):
    list_display = ("metric", "rule", "period_end", "by", "at")
    list_select_related = ("metric", "by")
