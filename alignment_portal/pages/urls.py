from django.urls import path

from alignment_portal.pages import confirm, health, history, home, security, settings, sign_in

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    # The sign-in library finds these doors under names of its own.
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-in/", sign_in.sign_in, name="account_inactive"),
    path("sign-in/second-step/", sign_in.second_step, name="mfa_authenticate"),
    path("sign-in/passkey/", sign_in.passkey, name="sign-in-passkey"),
    path("confirm/", confirm.confirm, name="confirm"),
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
    path("settings/sign-in/", security.sign_in, name="settings-sign-in"),
    path("settings/sign-in/app/", security.app, name="settings-app"),
    path("settings/sign-in/passkeys/", security.passkeys, name="settings-passkeys"),
    path("settings/sign-in/codes/", security.codes, name="settings-codes"),
    path("settings/sign-in/factors/<int:factor_id>/remove/", security.remove, name="settings-remove-factor"),
    path("settings/sign-in/sessions/end/", security.end_others, name="settings-end-others"),
    path("settings/sign-in/sessions/<int:session_id>/end/", security.end_one, name="settings-end-session"),
    path("settings/tokens/", settings.own_tokens, name="settings-tokens"),
    path("settings/tokens/<int:token_id>/revoke/", settings.revoke_token, name="settings-revoke-token"),
]
