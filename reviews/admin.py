"""Stances and conditions are left out on purpose: they are sealed, and an administrator is no exception."""

from django.contrib import admin

from initiatives.admin import ReadOnlyAdmin
from reviews.models import Commitment, Conclusion, Participant, Review, ReviewTradeOff


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("ref", "subject_kind", "initiative", "cluster", "opened_at", "sent_at", "concluded_at")
    list_filter = ("subject_kind",)
    search_fields = ("ref", "initiative__key")
    list_select_related = ("initiative", "cluster")


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    list_display = ("review", "user", "role", "required", "invited_at", "left_at")
    list_select_related = ("review", "user")


@admin.register(ReviewTradeOff)
class ReviewTradeOffAdmin(ReadOnlyAdmin):
    list_display = ("review", "code", "choose", "accept", "withdrawn_at")
    list_select_related = ("review",)


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyAdmin):
    list_display = ("ref", "review", "owner", "due_on", "made_at")
    list_select_related = ("review", "owner")


@admin.register(Conclusion)
class ConclusionAdmin(ReadOnlyAdmin):
    list_display = ("review", "outcome", "by", "at")
    list_select_related = ("review", "by")
