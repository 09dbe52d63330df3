import json
from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.accounts import services
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.accounts.selectors import people_directory, people_with_role
from alignment_portal.accounts.tokens import (
    digest_of,
    issue_token,
    note_use,
    revoke_token,
    rotate_token,
    token_of,
)
from alignment_portal.audit.models import Entry
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid, Stale
from tests import people
from tests.factories.accounts import RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db


def accounts_entries():
    """Without what the portal recorded when it was set up."""
    return Entry.objects.filter(action__startswith="accounts.")


@pytest.fixture
def admin():
    return people.actor("administrator")


def faults_of(refused):
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


# --- accounts ------------------------------------------------------------------------------------------------


def test_opening_an_account_is_recorded_and_announced(admin):
    person = services.open_person(by=admin, email=" Ann@Example.ORG ", name="Ann", function="data")
    assert (person.email, person.has_usable_password()) == ("ann@example.org", False)
    entry = accounts_entries().get()
    assert (entry.action, entry.subject, entry.actor_id) == (
        "accounts.person.open",
        f"person:{person.pk}",
        admin.user_id,
    )
    assert "ann" not in entry.payload
    told = Event.objects.filter(name="accounts.person_changed")
    assert list(told.values_list("payload", flat=True)) == [{"email": "ann@example.org"}]


def test_everything_wrong_with_an_account_is_said_at_once(admin):
    UserFactory(email="ann@example.org")
    with pytest.raises(Invalid) as refused:
        services.open_person(
            by=admin, email="ann@example.org", name=" ", function="magic", time_zone="Moon/Sea"
        )
    assert faults_of(refused) == [
        ("/name", "required"),
        ("/email", "taken"),
        ("/function", "invalid"),
        ("/time_zone", "invalid"),
    ]
    assert accounts_entries().count() == 0


@pytest.mark.parametrize("who", [role for role in people.ROLES if role != "administrator"])
def test_only_an_administrator_opens_accounts(who):
    with pytest.raises(Forbidden, match="Only an administrator may do this"):
        services.open_person(by=people.actor(who), email="new@example.org", name="New")


def test_a_change_names_the_fields_and_not_the_values(admin):
    person = UserFactory()
    changed = services.change_person(by=admin, person=person, version=1, name="Bea", title="")
    assert (changed.name, changed.version) == ("Bea", 2)
    assert json.loads(accounts_entries().get().payload) == {"fields": ["name"]}


def test_a_change_that_changes_nothing_leaves_no_trace(admin):
    person = UserFactory()
    assert services.change_person(by=admin, person=person, name=person.name).version == 1
    assert accounts_entries().count() == 0


def test_a_change_of_an_old_version_is_refused(admin):
    person = UserFactory()
    services.change_person(by=admin, person=person, name="Bea")
    with pytest.raises(Stale, match="was changed meanwhile"):
        services.change_person(by=admin, person=person, version=1, name="Cia")


def test_an_unknown_field_is_refused_by_name(admin):
    with pytest.raises(Invalid) as refused:
        services.change_person(by=admin, person=UserFactory(), is_active="no")
    assert faults_of(refused) == [("/is_active", "unknown")]


def test_a_deactivated_person_loses_the_tokens_and_keeps_the_history(admin):
    person = people.person("executive")
    plain = people.token("executive")
    services.deactivate_person(by=admin, person=person, reason="left the company")
    assert token_of(plain) is None
    assert people.actor("executive").roles == frozenset()
    assert json.loads(accounts_entries().get().payload)["reason"] == "left the company"


def test_deactivating_needs_a_reason(admin):
    with pytest.raises(Invalid, match="Say why"):
        services.deactivate_person(by=admin, person=UserFactory(), reason=" ")


def test_the_last_administrator_stays(admin):
    me = people.person("administrator")
    with pytest.raises(Conflict, match="last administrator"):
        services.deactivate_person(by=admin, person=me, reason="enough")
    with pytest.raises(Conflict, match="last administrator"):
        services.revoke_role(by=admin, grant=me.grants.get())


def test_a_weak_password_is_refused(admin):
    with pytest.raises(Invalid) as refused:
        services.set_password(by=admin, person=UserFactory(), password="short")
    assert faults_of(refused) == [("/password", "weak")]


# --- roles ---------------------------------------------------------------------------------------------------


def test_granting_twice_is_a_success_that_does_nothing(admin):
    person = UserFactory()
    first = services.grant_role(by=admin, person=person, role="executive")
    assert services.grant_role(by=admin, person=person, role="executive") == first
    assert accounts_entries().count() == 1


def test_a_role_taken_away_stays_on_record_and_may_be_given_again(admin):
    grant = RoleGrantFactory(role="executive")
    services.revoke_role(by=admin, grant=grant)
    services.revoke_role(by=admin, grant=grant)
    services.grant_role(by=admin, person=grant.user, role="executive")
    assert RoleGrant.objects.filter(user=grant.user).count() == 2
    assert accounts_entries().count() == 2


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("administrator", "executive"),
        ("executive", "administrator"),
        ("auditor", "contributor"),
        ("assurer", "auditor"),
    ],
)
def test_roles_that_would_undo_each_other_are_kept_apart(admin, held, wanted):
    grant = RoleGrantFactory(role=held, function="risk" if held == "assurer" else "")
    with pytest.raises(Conflict) as refused:
        services.grant_role(by=admin, person=grant.user, role=wanted)
    assert refused.value.code == "roles_conflict"


def test_an_assurer_needs_a_function(admin):
    with pytest.raises(Invalid) as refused:
        services.grant_role(by=admin, person=UserFactory(), role="assurer")
    assert faults_of(refused) == [("/function", "required")]


def test_an_assurer_assures_for_the_granted_functions_only():
    user = UserFactory(function="data")
    RoleGrantFactory(user=user, role="assurer", function="risk")
    RoleGrantFactory(user=user, role="assurer", function="legal")
    assert Actor.of(user).functions == {"risk", "legal"}


def test_an_actor_holds_the_roles_of_today():
    user = UserFactory(function="finance")
    RoleGrantFactory(user=user, role="executive")
    RoleGrantFactory(user=user, role="contributor", revoked_at=clock.now() + timedelta(seconds=1))
    found = Actor.of(user, via="command")
    assert (found.roles, found.functions, found.via) == ({"executive"}, {"finance"}, "command")


# --- the directory -------------------------------------------------------------------------------------------


def test_the_directory_says_who_people_were_then(admin):
    start = clock.now()
    person = people.person("executive")
    later = clock.now() + timedelta(days=10)
    with clock.at_moment(later):
        services.deactivate_person(by=SYSTEM, person=person, reason="left")
    then = people_directory(later - timedelta(days=1))[person.email]
    after = people_directory(later + timedelta(days=1))[person.email]
    assert (then.active, then.inactive_since, then.roles) == (True, None, {"executive"})
    assert (after.active, after.inactive_since) == (False, later)
    assert person.email not in people_directory(start - timedelta(days=1))


@pytest.mark.parametrize("count", [1, 3])
def test_the_directory_costs_two_queries(count, django_assert_num_queries):
    RoleGrantFactory.create_batch(count)
    with django_assert_num_queries(2):
        assert len(people_directory(clock.now())) == count


def test_people_with_a_role_for_a_function():
    risk, legal = people.person("assurer"), people.person("legal_assurer")
    assert people_with_role("assurer", "risk") == [risk]
    assert people_with_role("assurer") == [risk, legal]


# --- tokens --------------------------------------------------------------------------------------------------


def test_a_token_judges_nothing_again():
    by, user = people.actor("executive"), people.person("executive")
    revoke_token(by=by, token=issue_token(by=by, user=user, name="nightly", scopes=["read"]).token)
    assert not Event.objects.filter(name="accounts.person_changed").exists()


def test_a_token_is_kept_as_a_digest_only():
    person = people.person("executive")
    issued = issue_token(by=people.actor("executive"), user=person, name="nightly", scopes=["read"])
    assert issued.token.digest == digest_of(issued.plain)
    assert issued.plain not in json.dumps(list(User.objects.values("email")), default=str)
    assert issued.plain.split("_", 2)[2] not in accounts_entries().get().payload
    assert token_of(issued.plain) == issued.token


@pytest.mark.parametrize("spoilt", ["", "ap_", "ap_zzzzzzzz_x", "xx_1_2", "ap_{prefix}_wrong", "ap_{prefix}"])
def test_what_is_not_a_token_opens_nothing(spoilt):
    plain = people.token("executive")
    assert token_of(spoilt.format(prefix=plain.split("_")[1])) is None


def test_a_token_ends():
    person = people.person("executive")
    by = people.actor("executive")
    expires = clock.now() + timedelta(hours=1)
    issued = issue_token(by=by, user=person, name="short", scopes=["read"], expires_at=expires)
    with clock.at_moment(expires):
        assert token_of(issued.plain) is None
    revoke_token(by=by, token=issued.token)
    assert token_of(issued.plain) is None


def test_a_token_cannot_beget_a_stronger_one():
    person = people.person("administrator")
    weak = Actor.of(person, token=token_of(people.token("administrator", "admin")))
    with pytest.raises(Invalid, match="cannot be issued") as refused:
        issue_token(by=weak, user=person, name="more", scopes=["read"])
    assert faults_of(refused) == [("/scopes", "scope_missing")]


def test_nobody_issues_tokens_for_others_but_an_administrator(admin):
    other = people.person("auditor")
    with pytest.raises(Forbidden):
        issue_token(by=people.actor("executive"), user=other, name="x", scopes=["read"])
    assert issue_token(by=admin, user=other, name="x", scopes=["read"]).token.user == other


@pytest.mark.parametrize("scope", ["endorse", "evidence"])
def test_nobody_issues_or_replaces_a_token_that_judges_in_somebody_else_s_name(admin, scope):
    other = people.person("executive")
    with pytest.raises(Invalid) as refused:
        issue_token(by=admin, user=other, name="x", scopes=["read", scope])
    assert faults_of(refused) == [("/scopes", "own_only")]
    own = issue_token(by=people.actor("executive"), user=other, name="x", scopes=["read", scope]).token
    with pytest.raises(Invalid) as refused:
        rotate_token(by=admin, token=own)
    assert faults_of(refused) == [("/scopes", "own_only")]
    assert rotate_token(by=people.actor("executive"), token=own).token.scopes == sorted(["read", scope])


def test_use_is_noted_once_a_minute():
    token = token_of(people.token("executive"))
    note_use(token)
    token.refresh_from_db()
    noted = token.last_used_at
    note_use(token)
    token.refresh_from_db()
    assert token.last_used_at == noted
