import io

import pytest
from django.core.management import CommandError, call_command

from alignment_portal.accounts.models import User

pytestmark = pytest.mark.django_db


def open_account(monkeypatch, password, **options):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("open_person", "ada@example.org", name="Ada", **{"role": "administrator", **options})


def test_the_first_administrator_comes_in(monkeypatch, capsys):
    open_account(monkeypatch, "quite-a-long-one-77")
    ada = User.objects.get()
    assert (ada.is_staff, ada.check_password("quite-a-long-one-77")) == (True, True)
    assert capsys.readouterr().out == "The account of Ada is open, as administrator.\n"


def test_a_weak_password_opens_nothing(monkeypatch):
    with pytest.raises(CommandError, match="This password is too short"):
        open_account(monkeypatch, "short")
    assert User.objects.count() == 0


def test_a_role_that_cannot_be_given_opens_nothing(monkeypatch):
    with pytest.raises(CommandError, match="An assurer assures for a function"):
        open_account(monkeypatch, "quite-a-long-one-77", role="assurer")
    assert User.objects.count() == 0
