import pytest
from django.contrib import admin
from django.urls import reverse

from initiatives.models import Cluster, DossierVersion, Incident, Initiative, Membership
from tests.initiatives.cast import saved
from tests.people import browser

pytestmark = pytest.mark.usefixtures("people")
MODELS = (Initiative, DossierVersion, Incident, Membership, Cluster)


@pytest.mark.parametrize("model", MODELS)
def test_the_admin_shows_and_does_not_change(model):
    saved()
    client = browser("administrator")
    name = f"admin:initiatives_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.post(reverse(f"{name}_add")).status_code == 403
    options = admin.site.get_model_admin(model)
    assert not any((options.has_change_permission(None), options.has_delete_permission(None)))


def test_the_admin_refuses_to_change_an_initiative():
    initiative = saved()
    address = reverse("admin:initiatives_initiative_change", args=[initiative.pk])
    client = browser("administrator")
    assert client.get(address).status_code == 200
    assert client.post(address, {"status": "scale_ready"}).status_code == 403
    assert Initiative.objects.get().status == "draft"
