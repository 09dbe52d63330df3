"""Django's admin reads and never writes, whoever asks."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from tests import people

pytestmark = pytest.mark.django_db


def test_only_an_administrator_gets_in():
    assert people.browser("administrator").get("/admin/").status_code == 200
    assert people.browser("executive").get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert people.browser().get("/admin/login/?next=/admin/").headers["Location"].startswith("/sign-in/")


def test_nothing_can_be_added_changed_or_deleted_there():
    request = RequestFactory().get("/admin/")
    request.user = people.person("administrator")
    for model, model_admin in admin.site._registry.items():  # noqa: SLF001 — the admin's own list
        may = model_admin.get_model_perms(request)
        assert (may["add"], may["change"], may["delete"]) == (False, False, False), model
