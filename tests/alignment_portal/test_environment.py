"""The readers of the environment refuse what they do not understand."""

import stat
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from alignment_portal.accounts.roles import Function, Role
from alignment_portal.environment import Environment, kept_secret
from alignment_portal.providers import providers
from alignment_portal.variables import FUNCTIONS, ROLES, SETTINGS


def refused(match, variables, read):
    with pytest.raises(ImproperlyConfigured, match=match):
        read(Environment(variables))


@pytest.mark.parametrize("value", ["on", "TRUE", "1", "yes"])
def test_a_flag_is_on(value):
    assert Environment({"DEBUG": value}).flag("DEBUG") is True


@pytest.mark.parametrize("value", ["off", "False", "0", "no"])
def test_a_flag_is_off(value):
    assert Environment({"DEBUG": value}).flag("DEBUG") is False


@pytest.mark.parametrize("value", ["maybe", "2", "tru"])
def test_an_unknown_flag_stops_the_start(value):
    refused("Write on or off", {"DEBUG": value}, lambda env: env.flag("DEBUG"))


@pytest.mark.parametrize("value", ["-1", "1.5", "ten", "1_0", "²"])
def test_an_unknown_number_stops_the_start(value):
    refused("Write a whole number", {"API_RATE": value}, lambda env: env.number("API_RATE"))


def test_how_long_something_is_kept_has_a_least():
    kept = Environment({"KEEP_READINGS_DAYS": "90"}).time_kept(
        "KEEP_READINGS_DAYS", timedelta(days=1), least=90
    )
    assert kept == timedelta(days=90)
    refused(
        "Write 90 or more",
        {"KEEP_READINGS_DAYS": "30"},
        lambda env: env.time_kept("KEEP_READINGS_DAYS", timedelta(days=1), least=90),
    )


def test_an_unknown_choice_stops_the_start_and_names_the_known():
    refused(
        "Write one of: embedded, production", {"PORTAL_MODE": "prod"}, lambda env: env.choice("PORTAL_MODE")
    )


def test_an_address_needs_a_scheme():
    refused("begins with http", {"PORTAL_URL": "portal.example"}, lambda env: env.url("PORTAL_URL"))


def test_a_misspelt_setting_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="PORTAL_MOED is not a setting of the portal"):
        Environment({"PORTAL_MOED": "production"})


def test_a_secret_is_read_from_its_file(tmp_path):
    path = tmp_path / "key"
    path.write_text("hush\n")
    assert Environment({"SECRET_KEY_FILE": str(path)}).text("SECRET_KEY") == "hush"


def test_a_secret_given_twice_is_refused(tmp_path):
    refused(
        "Both SECRET_KEY and SECRET_KEY_FILE are set",
        {"SECRET_KEY": "a", "SECRET_KEY_FILE": "b"},
        lambda env: env.text("SECRET_KEY"),
    )


def test_a_secret_file_that_is_not_there_is_refused(tmp_path):
    variables = {"SECRET_KEY_FILE": str(tmp_path / "none")}
    refused("cannot be read: No such file", variables, lambda env: env.text("SECRET_KEY"))


def test_an_empty_secret_file_is_refused(tmp_path):
    (tmp_path / "key").write_text("\n")
    variables = {"SECRET_KEY_FILE": str(tmp_path / "key")}
    refused("which is empty", variables, lambda env: env.text("SECRET_KEY"))


def test_only_secrets_are_read_from_files(tmp_path):
    (tmp_path / "mode").write_text("production")
    assert Environment({"PORTAL_MODE_FILE": str(tmp_path / "mode")}).text("PORTAL_MODE") == "embedded"


def test_what_production_demands_is_named():
    refused(
        "In production these must be set: SECRET_KEY, REDIS_URL",
        {"DATABASE_URL": "postgres://x"},
        lambda env: env.demand("SECRET_KEY", "DATABASE_URL", "REDIS_URL"),
    )


def test_the_first_run_makes_a_secret_that_only_its_owner_reads(tmp_path):
    path = tmp_path / "var" / "secret-key"
    first = kept_secret(path)
    assert len(first) > 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_secret(path) == first


def test_every_setting_is_documented_once():
    names = [setting.name for setting in SETTINGS]
    assert sorted(set(names)) == sorted(names)
    call_command("document_settings", "--check")


def test_roles_and_functions_of_settings_are_those_of_accounts():
    assert (list(ROLES), list(FUNCTIONS)) == (Role.values, Function.values)


def test_groups_give_roles():
    read = Environment({"PORTAL_SSO_ROLES": "Board = executive, Legal=assurer:legal,Legal=contributor"})
    assert read.roles_of_groups("PORTAL_SSO_ROLES") == {
        "Board": (("executive", ""),),
        "Legal": (("assurer", "legal"), ("contributor", "")),
    }


@pytest.mark.parametrize("value", ["executive", "=executive", "Board=boss", "Legal=assurer:law"])
def test_a_group_that_gives_no_role_stops_the_start(value):
    refused(
        "Write group=role", {"PORTAL_SSO_ROLES": value}, lambda env: env.roles_of_groups("PORTAL_SSO_ROLES")
    )


def test_an_unknown_role_stops_the_start():
    refused("Write some of", {"SECOND_FACTOR_ROLES": "boss"}, lambda env: env.names_of("SECOND_FACTOR_ROLES"))


def test_providers_are_set_up_from_the_environment():
    variables = {
        "PORTAL_OIDC_ISSUER": "https://id.example.org/",
        "PORTAL_OIDC_CLIENT_ID": "portal",
        "PORTAL_SAML_ENTITY": "https://idp.example.org/saml",
        "PORTAL_SAML_URL": "https://idp.example.org/sign-in",
        "PORTAL_SSO_DOMAINS": "example.org",
    }
    found = providers(Environment(variables))
    assert found["openid_connect"]["APPS"][0]["settings"] == {
        "server_url": "https://id.example.org",
        "verified_email": ["example.org"],
    }
    assert found["saml"]["APPS"][0]["settings"]["advanced"]["want_assertion_signed"] is True
    assert providers(Environment({})) == {}
