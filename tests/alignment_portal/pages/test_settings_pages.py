import pytest

from alignment_portal.accounts.models import ApiToken, User
from alignment_portal.accounts.tokens import token_of
from tests import people
from tests.factories.accounts import RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = {
    "name": "Ann Other",
    "email": "ann@example.org",
    "title": "",
    "function": "data",
    "time_zone": "Europe/London",
    "password": "quite-a-long-one-77",
}


@pytest.fixture
def admin():
    return people.browser("administrator")


def test_an_account_is_opened_and_given_a_role(admin):
    answer = admin.post("/settings/people/open/", NEW)
    ann = User.objects.get(email="ann@example.org")
    assert answer.headers["Location"] == f"/settings/people/{ann.pk}/"
    admin.post(f"/settings/people/{ann.pk}/roles/", {"role-role": "assurer", "role-function": "data"})
    assert [str(grant) for grant in ann.current_grants()] == ["assurer (data)"]


def test_a_fault_stands_at_its_field_and_the_input_is_kept(admin):
    UserFactory(email="ann@example.org")
    answer = admin.post("/settings/people/open/", NEW)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"email": ["There is already an account for ann@example.org."]}
    assert 'value="Ann Other"' in answer.content.decode()


def test_a_change_made_meanwhile_is_not_overwritten(admin):
    person = UserFactory(name="Ann")
    form = {"name": "Bea", "email": person.email, "function": "", "time_zone": "UTC", "version": "1"}
    assert admin.post(f"/settings/people/{person.pk}/", form).status_code == 302
    answer = admin.post(f"/settings/people/{person.pk}/", {**form, "name": "Cia"})
    assert answer.status_code == 422
    assert "Bea’s account was changed meanwhile" in answer.content.decode()


def test_roles_in_conflict_are_refused_at_the_form(admin):
    grant = RoleGrantFactory(role="executive")
    answer = admin.post(f"/settings/people/{grant.user.pk}/roles/", {"role-role": "auditor"})
    assert answer.context["role_form"].errors["role"] == [
        "One person cannot be executive and auditor. Take the one role away first."
    ]


def test_an_account_is_deactivated_and_opened_again(admin):
    person = UserFactory()
    assert admin.post(f"/settings/people/{person.pk}/deactivate/", {"end-reason": ""}).status_code == 422
    admin.post(f"/settings/people/{person.pk}/deactivate/", {"end-reason": "left"})
    assert not User.objects.get(pk=person.pk).is_active
    admin.post(f"/settings/people/{person.pk}/reactivate/")
    assert User.objects.get(pk=person.pk).is_active


def test_people_are_found_by_name_or_address(admin):
    UserFactory(name="Ann", email="zoe@example.org")
    for sought in ("ann", "zoe@"):
        found = admin.get(f"/settings/people/?q={sought}").context["people"]
        assert [person.name for person in found] == ["Ann"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_people_costs_the_same_however_long(admin, count, django_assert_num_queries):
    RoleGrantFactory.create_batch(count)
    with django_assert_num_queries(5):
        admin.get("/settings/people/")


def test_a_token_is_shown_once():
    browser = people.browser("executive")
    page = browser.post(
        "/settings/tokens/", {"name": "nightly", "scopes": ["read"], "expires_on": "2099-01-31"}
    )
    plain = page.context["issued"].plain
    assert plain in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert token_of(plain).expires_at.isoformat() == "2099-02-01T00:00:00+00:00"
    assert plain not in browser.get("/settings/tokens/").content.decode()


def test_nobody_revokes_another_persons_token():
    people.token("auditor")
    token = ApiToken.objects.get()
    assert people.browser("executive").post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    assert people.browser("auditor").post(f"/settings/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_new_password_needs_the_old_one_and_keeps_the_session():
    browser = people.browser("executive")
    form = {"new-current": "not it", "new-password": "quite-a-long-one-77"}
    assert browser.post("/settings/password/", form).context["password_form"].errors == {
        "current": ["This is not your password."]
    }
    assert browser.post("/settings/password/", {**form, "new-current": people.PASSWORD}).status_code == 302
    assert browser.get("/settings/profile/").status_code == 200
    assert people.person("executive").check_password("quite-a-long-one-77")


def test_times_are_shown_in_the_readers_zone():
    browser = people.browser("executive")
    browser.post("/settings/profile/", {"time_zone": "Asia/Tokyo", "theme": "dark"})
    assert (people.person("executive").time_zone, people.person("executive").theme) == ("Asia/Tokyo", "dark")


def test_the_frame_shows_what_the_role_may_open():
    labels = {who: _nav(who) for who in ("contributor", "auditor")}
    assert "History" not in labels["contributor"]
    assert "History" in labels["auditor"]


def _nav(who):
    return [str(entry["label"]) for entry in people.browser(who).get("/settings/profile/").context["nav"]]
