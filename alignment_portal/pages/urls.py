from django.urls import path

from alignment_portal.pages import health, history, home, settings, sign_in

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("history/", history.history_page, name="history"),
    path("history/export/", history.history_export, name="history-export"),
    path("settings/", settings.index, name="settings"),
    path("settings/people/", settings.people, name="settings-people"),
    path("settings/people/open/", settings.open_person, name="settings-open-person"),
    path("settings/people/<uuid:person_id>/", settings.person, name="settings-person"),
    path("settings/people/<uuid:person_id>/roles/", settings.grant_role, name="settings-grant-role"),
    path(
        "settings/people/<uuid:person_id>/roles/<int:grant_id>/revoke/",
        settings.revoke_role,
        name="settings-revoke-role",
    ),
    path("settings/people/<uuid:person_id>/deactivate/", settings.deactivate, name="settings-deactivate"),
    path("settings/people/<uuid:person_id>/reactivate/", settings.reactivate, name="settings-reactivate"),
    path("settings/profile/", settings.profile, name="settings-profile"),
    path("settings/password/", settings.password, name="settings-password"),
    path("settings/tokens/", settings.own_tokens, name="settings-tokens"),
    path("settings/tokens/<int:token_id>/revoke/", settings.revoke_token, name="settings-revoke-token"),
]
