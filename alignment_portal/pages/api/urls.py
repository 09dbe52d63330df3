from django.urls import path

from alignment_portal.pages.api import calendar, links, operations, people_table, person_data, views, webhooks

urlpatterns = [
    path("", views.root, name="root"),
    path("people/", views.people, name="people"),
    path("people/imports/", people_table.imports, name="people-imports"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("unfurl/", links.unfurl, name="unfurl"),
    path("people/<uuid:person_id>/", views.person, name="person"),
    path("people/<uuid:person_id>/roles/", views.roles, name="roles"),
    path("people/<uuid:person_id>/roles/<int:grant_id>/", views.role, name="role"),
    path("people/<uuid:person_id>/data/", person_data.data, name="person-data"),
    path("people/<uuid:person_id>/erasure/", person_data.erasure, name="person-erasure"),
    path("tokens/", views.own_tokens, name="tokens"),
    path("tokens/<int:token_id>/", views.token, name="token"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:webhook_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>/secret/", webhooks.secret, name="webhook-secret"),
    path("webhooks/<uuid:webhook_id>/stop/", webhooks.stop, name="webhook-stop"),
    path("webhooks/<uuid:webhook_id>/start/", webhooks.start, name="webhook-start"),
    path("webhooks/<uuid:webhook_id>/test/", webhooks.test, name="webhook-test"),
    path("webhooks/<uuid:webhook_id>/deliveries/", webhooks.delivery_list, name="webhook-deliveries"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/",
        webhooks.delivery,
        name="webhook-delivery",
    ),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay/",
        webhooks.replay,
        name="webhook-replay",
    ),
    path("events/", webhooks.events, name="events"),
    path("events/types/", webhooks.event_types, name="event-types"),
    path("tokens/<int:token_id>/rotation/", views.token_rotation, name="token-rotation"),
    path("service-accounts/", views.service_accounts, name="service-accounts"),
    path("history/", views.history_list, name="history"),
    path("operations/", operations.operations, name="operations"),
    path("operations/jobs/", operations.job_list, name="operations-jobs"),
    path("operations/jobs/<int:job_id>/retry/", operations.retry, name="operations-job-retry"),
    path("operations/jobs/<int:job_id>/cancel/", operations.cancel, name="operations-job-cancel"),
]
