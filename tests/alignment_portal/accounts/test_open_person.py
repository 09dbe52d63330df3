import io

import pytest
from django.core.management import CommandError, call_command

from alignment_portal.accounts.management.commands import open_person
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


class Terminal(io.StringIO):
    def isatty(self):
        return True


def open_account_at_a_terminal(monkeypatch, *typed):
    answers = iter(typed)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(open_person, "getpass", lambda _prompt: next(answers))
    call_command("open_person", "ada@example.org", name="Ada", role="administrator")


def test_at_a_terminal_the_password_is_asked_for_and_not_shown(monkeypatch):
    open_account_at_a_terminal(monkeypatch, "quite-a-long-one-77", "quite-a-long-one-77")
    assert User.objects.get().check_password("quite-a-long-one-77")


def test_a_slip_while_typing_opens_nothing(monkeypatch):
    with pytest.raises(CommandError, match=r"The two differ\. Nothing was changed\."):
        open_account_at_a_terminal(monkeypatch, "quite-a-long-one-77", "quite-a-long-one-78")
    assert User.objects.count() == 0


def test_a_weak_password_opens_nothing(monkeypatch):
    with pytest.raises(CommandError, match="This password is too short"):
        open_account(monkeypatch, "short")
    assert User.objects.count() == 0


def test_a_role_that_cannot_be_given_opens_nothing(monkeypatch):
    with pytest.raises(CommandError, match="An assurer assures for a function"):
        open_account(monkeypatch, "quite-a-long-one-77", role="assurer")
    assert User.objects.count() == 0
