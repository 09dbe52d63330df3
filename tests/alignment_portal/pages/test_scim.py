"""Accounts and roles as the organisation's directory drives them: SCIM 2.0 as Okta and Entra send it."""

import json
import uuid

import pytest

from alignment_portal.accounts.models import ApiToken, GroupMember, RoleGrant, SignIn, User
from alignment_portal.accounts.services import grant_role, open_service_account
from alignment_portal.accounts.single_sign_on import follow_groups
from alignment_portal.accounts.tokens import token_of
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.operations.erasing import erase_person
from tests import people
from tests.people import actor, person

pytestmark = pytest.mark.django_db

HERE = "/api/v1/scim/v2"
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
SCIM = "application/scim+json"


class Directory:
    """A directory that provisions accounts: its requests are those of the media type, its token a program's."""

    def __init__(self, client):
        self.client = client

    def call(self, method, path, body=None):
        data = "" if body is None else json.dumps(body)
        return getattr(self.client, method)(
            f"{HERE}{path}", data, content_type=SCIM, headers={"accept": SCIM}
        )

    def get(self, path, **query):
        return self.client.get(f"{HERE}{path}", query, headers={"accept": SCIM})

    def patch(self, path, *operations):
        return self.call("patch", path, {"schemas": [f"{MESSAGES}PatchOp"], "Operations": list(operations)})


@pytest.fixture
def directory(settings):
    settings.SSO_ROLES = {
        "AI executives": (("executive", ""),),
        "AI risk": (("assurer", "risk"), ("contributor", "")),
        "AI auditors": (("auditor", ""),),
    }
    account = open_service_account(by=actor("administrator"), email="okta@example.org", name="Directory")
    grant_role(by=actor("administrator"), person=account, role="administrator")
    client = people.APIClient()
    prefix = uuid.uuid4().hex[:8]
    plain = f"ap_{prefix}_for-tests"
    with writes_allowed():
        ApiToken.objects.create(
            user=account,
            name="scim",
            prefix=prefix,
            digest=people.digest_of(plain),
            scopes=["scim"],
        )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {plain}")
    return Directory(client)


def error(answer):
    body = answer.json()
    assert answer.headers["Content-Type"] == SCIM
    assert body["schemas"] == [f"{MESSAGES}Error"]
    assert body["status"] == str(answer.status_code)
    assert body["detail"]
    return answer.status_code, body.get("scimType")


# What the two send to open an account, as their documentation shows it.
OKTA = {
    "schemas": [f"{CORE}User"],
    "userName": "Ann.Marsh@example.org",
    "name": {"givenName": "Ann", "familyName": "Marsh"},
    "emails": [{"primary": True, "value": "ann.marsh@example.org", "type": "work"}],
    "displayName": "Ann Marsh",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}
ENTRA = {
    "schemas": [f"{CORE}User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "externalId": "58342554-38d6-4ec8-948c-50044d0a33fd",
    "userName": "ann.marsh@example.org",
    "active": True,
    "emails": [{"primary": True, "type": "work", "value": "ann.marsh@example.org"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Ann Marsh", "familyName": "Marsh", "givenName": "Ann"},
    "roles": [],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Risk"},
}


@pytest.mark.parametrize("sent", [OKTA, ENTRA])
def test_an_account_is_opened_as_the_directory_sends_it_and_found_again(directory, sent):
    assert directory.get("/Users", filter=f'userName eq "{sent["userName"]}"').json()["totalResults"] == 0
    made = directory.call("post", "/Users", sent)
    assert (made.status_code, made.headers["Content-Type"]) == (201, SCIM)
    body = made.json()
    assert made.headers["Location"] == body["meta"]["location"]
    assert {name: body[name] for name in ("userName", "displayName", "active", "externalId", "emails")} == {
        "userName": "ann.marsh@example.org",
        "displayName": "Ann Marsh",
        "active": True,
        "externalId": sent["externalId"],
        "emails": [{"value": "ann.marsh@example.org", "type": "work", "primary": True}],
    }
    for wanted in ('userName eq "ANN.MARSH@example.org"', f'externalId Eq "{sent["externalId"]}"'):
        found = directory.get("/Users", filter=wanted).json()
        assert (found["totalResults"], [row["id"] for row in found["Resources"]]) == (1, [body["id"]])
    assert directory.get(f"/Users/{body['id']}").json() == body
    assert User.objects.get(pk=body["id"]).has_usable_password() is False


def test_a_name_that_is_taken_answers_uniqueness(directory):
    directory.call("post", "/Users", OKTA)
    assert error(directory.call("post", "/Users", ENTRA)) == (409, "uniqueness")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("userName", f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.org"),
        ("displayName", "a" * 121),
        ("externalId", "a" * 256),
        ("title", "a" * 121),
        ("userName", 7),
        ("active", 1),
        ("emails", "ann"),
        ("name", "Ann"),
        ("shoeSize", "43"),
    ],
)
def test_a_user_that_cannot_be_kept_is_refused_and_none_is_opened(directory, name, value):
    before = User.objects.count()
    sent = {**OKTA, "emails": [], name: value}
    assert error(directory.call("post", "/Users", sent))[0] == 400
    assert User.objects.count() == before


def test_a_user_that_is_not_active_is_opened_closed(directory):
    made = directory.call("post", "/Users", {**OKTA, "active": "False"}).json()
    assert (made["active"], User.objects.get(pk=made["id"]).is_active) == (False, False)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "value": {"active": False}},  # Okta
        {"op": "Replace", "path": "active", "value": "False"},  # Entra, as it was first made
        {"op": "Replace", "path": "active", "value": False},  # Entra, as the RFC has it
        {"op": "add", "path": f"{CORE}User:active", "value": False},
    ],
)
def test_whoever_leaves_loses_sign_in_token_and_session_at_once(directory, operation):
    browser, plain = people.browser("executive"), people.token("executive")
    leaver = person("executive")
    answer = directory.patch(f"/Users/{leaver.pk}", operation)
    assert (answer.status_code, answer.json()["active"]) == (200, False)
    leaver.refresh_from_db()
    assert leaver.is_active is False
    assert browser.get("/").status_code == 302
    assert token_of(plain) is None
    assert SignIn.objects.get().ended_at is not None
    told = Entry.objects.filter(action="accounts.person.deactivate").get()
    assert (told.subject, "directory" in told.payload) == (f"person:{leaver.pk}", True)


def test_whoever_comes_back_is_let_in_again(directory):
    who = f"/Users/{person('executive').pk}"
    assert directory.call("delete", who).status_code == 204
    assert directory.get(who).json()["active"] is False
    again = directory.patch(who, {"op": "replace", "value": {"active": True}})
    assert again.json()["active"] is True


def test_the_last_person_who_administers_cannot_be_closed_by_the_program_that_administers_too(directory):
    last = person("administrator")
    refused = directory.patch(f"/Users/{last.pk}", {"op": "replace", "value": {"active": False}})
    assert error(refused) == (409, None)
    assert "last administrator" in refused.json()["detail"]
    person("second_administrator")
    directory.patch(f"/Users/{last.pk}", {"op": "replace", "value": {"active": False}})
    last.refresh_from_db()
    assert last.is_active is False


def test_attributes_change_as_entra_sends_them(directory):
    who = person("executive")
    answer = directory.patch(
        f"/Users/{who.pk}",
        {"op": "Add", "path": "externalId", "value": "e-17"},
        {"op": "Replace", "path": "displayName", "value": "Eleanor Voss-Lane"},
        {"op": "Replace", "path": "name.familyName", "value": "Voss-Lane"},
        {"op": "Replace", "path": "title", "value": "Chief executive"},
        {"op": "Replace", "path": "userName", "value": "Eleanor.Lane@example.org"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "eleanor.lane@example.org"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+44 1632 960000"},
        {
            "op": "Add",
            "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "value": "Board",
        },
    )
    assert answer.status_code == 200
    who.refresh_from_db()
    assert (who.name, who.title, who.email, who.external_id) == (
        "Eleanor Voss-Lane",
        "Chief executive",
        "eleanor.lane@example.org",
        "e-17",
    )
    removed = directory.patch(f"/Users/{who.pk}", {"op": "remove", "path": "title"})
    assert "title" not in removed.json()


def test_a_whole_user_is_put_as_okta_does_and_what_is_left_out_stays(directory):
    who = person("executive")
    body = {
        "schemas": [f"{CORE}User"],
        "id": str(who.pk),
        "userName": who.email,
        "name": {"givenName": "Eleanor", "familyName": "Lane"},
        "emails": [{"primary": True, "value": who.email, "type": "work"}],
        "active": True,
        "groups": [],
        "meta": {"resourceType": "User"},
    }
    told = directory.call("put", f"/Users/{who.pk}", body).json()
    assert (told["displayName"], told["title"]) == ("Eleanor Lane", "Chief operating officer")


def test_half_a_name_changes_nothing(directory):
    who = person("executive")
    directory.patch(f"/Users/{who.pk}", {"op": "replace", "path": "name.givenName", "value": "Nell"})
    who.refresh_from_db()
    assert who.name == "Eleanor Voss"


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "replace", "path": "shoeSize", "value": 43}, "invalidPath"),
        ({"op": "replace", "path": "password", "value": "a-long-and-quiet-evening"}, "invalidPath"),
        ({"op": "replace", "path": "emails[", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": 7, "value": "x"}, "invalidPath"),
        ({"op": "move", "path": "title", "value": "x"}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": "no address"}, "invalidValue"),
        ({"op": "replace", "path": "title", "value": "a\x00b"}, "invalidValue"),
        ({"op": "replace", "path": "timezone", "value": "Mars/Olympus"}, "invalidValue"),
        ({"op": "replace", "path": 'emails[type eq "work"].value', "value": "b@example.org"}, "invalidValue"),
        ({"op": "replace", "value": "active"}, "invalidValue"),
    ],
)
def test_what_is_not_supported_is_refused_with_the_error_of_scim_and_changes_nothing(
    directory, operation, kind
):
    who = person("executive")
    refused = directory.patch(
        f"/Users/{who.pk}", {"op": "replace", "path": "displayName", "value": "Changed"}, operation
    )
    assert error(refused) == (400, kind)
    who.refresh_from_db()
    assert (who.name, who.version) == ("Eleanor Voss", 1)


@pytest.mark.parametrize(
    "body", [{}, {"Operations": []}, {"Operations": "x"}, {"Operations": ["x"]}, ["x"], "x"]
)
def test_what_is_no_patch_is_refused_as_such(directory, body):
    assert error(directory.call("patch", f"/Users/{person('executive').pk}", body)) == (400, "invalidSyntax")


def test_a_body_that_is_no_json_is_refused_as_such(directory):
    refused = directory.client.post(f"{HERE}/Users", "{", content_type=SCIM)
    assert error(refused) == (400, "invalidSyntax")


@pytest.mark.parametrize(
    "wanted",
    [
        "userName",
        'userName co "ann"',
        'userName eq "a" or userName eq "b"',
        'userName eq "a',
        "userName eq 7",
        'shoeSize eq "43"',
        'not (userName eq "a")',
        'userName eq "a\\u0000"',
        'userName eq "' + "a" * 2000 + '"',
    ],
)
def test_a_filter_that_is_not_understood_is_refused_rather_than_answered_with_everybody(directory, wanted):
    assert error(directory.get("/Users", filter=wanted)) == (400, "invalidFilter")


def test_filters_are_joined_by_and(directory):
    people.everybody()
    both = 'active eq true and userName eq "eleanor@example.org"'
    assert directory.get("/Users", filter=both).json()["totalResults"] == 1
    assert directory.get("/Users", filter=both.replace("true", "False")).json()["totalResults"] == 0
    key = str(person("executive").pk)
    assert directory.get("/Users", filter=f'id eq "{key}"').json()["Resources"][0]["id"] == key
    assert directory.get("/Users", filter='id eq "nobody"').json()["Resources"] == []


def test_people_are_listed_a_page_at_a_time_without_programs_and_without_the_erased(directory):
    everybody = people.everybody()
    erase_person(by=actor("administrator"), person=person("contributor"), reason="asked for")
    pages = [directory.get("/Users", startIndex=start, count=5).json() for start in (1, 6, 11, 16)]
    assert {page["totalResults"] for page in pages} == {len(everybody) - 1}
    assert [(page["startIndex"], page["itemsPerPage"]) for page in pages] == [
        (1, 5),
        (6, 5),
        (11, 4),
        (16, 0),
    ]
    found = [row["userName"] for page in pages for row in page["Resources"]]
    assert len(set(found)) == len(found) == len(everybody) - 1
    assert "okta@example.org" not in found
    assert pages[0]["schemas"] == [f"{MESSAGES}ListResponse"]


def test_a_count_of_nothing_tells_how_many_there_are_and_odd_numbers_are_set_right(directory):
    people.everybody()
    none = directory.get("/Users", count=0).json()
    assert (none["totalResults"], none["Resources"]) == (len(people.CAST), [])
    odd = directory.get("/Users", startIndex=-3, count=-1).json()
    assert (odd["startIndex"], odd["itemsPerPage"]) == (1, 0)
    assert error(directory.get("/Users", count="many")) == (400, "invalidValue")


def test_more_people_cost_no_more_questions(directory, django_assert_num_queries):
    def listed(count):
        with django_assert_num_queries(4):  # the token, the count, the people, their groups
            return len(directory.get("/Users", count=count).json()["Resources"])

    people.everybody()
    directory.get("/Users")
    assert (listed(2), listed(14)) == (2, 14)


def test_only_attributes_that_are_asked_for_are_told(directory):
    who = person("executive")
    assert set(directory.get(f"/Users/{who.pk}", attributes="active,name.formatted").json()) == {
        "schemas",
        "id",
        "userName",
        "active",
        "name",
    }
    told = directory.get("/Users", excludedAttributes="groups,emails").json()["Resources"][0]
    assert "groups" not in told
    assert "emails" not in told


@pytest.mark.parametrize("key", ["00000000-0000-4000-8000-000000000000", "nobody"])
def test_who_is_not_there_is_not_found(directory, key):
    assert error(directory.get(f"/Users/{key}")) == (404, None)
    assert error(directory.get(f"/Groups/{key}")) == (404, None)


def test_a_program_s_account_cannot_be_reached(directory):
    account = User.objects.get(email="okta@example.org")
    assert error(directory.get(f"/Users/{account.pk}")) == (404, None)


# --- groups ------------------------------------------------------------------------------------------------


def group(directory, name):
    found = directory.get("/Groups", filter=f'displayName eq "{name}"', excludedAttributes="members").json()
    assert "members" not in found["Resources"][0]
    return f"/Groups/{found['Resources'][0]['id']}"


def roles_of(who):
    grants = RoleGrant.objects.filter(user=who, revoked_at__isnull=True)
    return sorted(grants.values_list("role", "function", "source"))


@pytest.fixture
def newcomer(directory):
    made = directory.call("post", "/Users", OKTA).json()
    return User.objects.get(pk=made["id"])


def test_groups_that_give_roles_are_listed_with_ids_that_last(directory):
    listed = directory.get("/Groups").json()
    assert [row["displayName"] for row in listed["Resources"]] == ["AI auditors", "AI executives", "AI risk"]
    assert listed["Resources"][0]["members"] == []
    assert directory.get("/Groups", filter='displayName eq "Nobody"').json()["totalResults"] == 0
    assert directory.get(group(directory, "AI risk")).json() == listed["Resources"][2]


def test_joining_a_group_gives_its_roles_and_leaving_takes_them(directory, newcomer):
    risk = group(directory, "AI risk")
    member = [{"value": str(newcomer.pk)}]
    joined = directory.patch(risk, {"op": "Add", "path": "members", "value": member})
    assert (joined.status_code, joined.content) == (204, b"")
    assert roles_of(newcomer) == [("assurer", "risk", "group"), ("contributor", "", "group")]
    told = directory.get(f"/Users/{newcomer.pk}").json()["groups"]
    assert [place["display"] for place in told] == ["AI risk"]
    assert [row["value"] for row in directory.get(risk).json()["members"]] == [str(newcomer.pk)]
    asked = f'id eq "{risk.rpartition("/")[2]}" and members eq "{newcomer.pk}"'
    assert directory.get("/Groups", filter=asked).json()["totalResults"] == 1
    directory.patch(risk, {"op": "Remove", "path": f'members[value eq "{newcomer.pk}"]'})
    assert (roles_of(newcomer), GroupMember.objects.count()) == ([], 0)
    words = [entry.action for entry in Entry.objects.order_by("seq")]
    assert words.count("accounts.group.join") == words.count("accounts.group.leave") == 1


@pytest.mark.parametrize(
    "leaving",
    [
        lambda key: {
            "op": "Remove",
            "path": "members",
            "value": [{"value": key}],
        },  # Entra, as it was first made
        lambda key: {"op": "remove", "path": "members"},
        lambda key: {"op": "replace", "path": "members", "value": []},
        lambda key: {"op": "replace", "value": {"members": []}},
    ],
)
def test_members_leave_in_every_form_that_directories_send(directory, newcomer, leaving):
    risk = group(directory, "AI risk")
    directory.patch(risk, {"op": "add", "value": {"members": [{"value": str(newcomer.pk)}]}})
    assert roles_of(newcomer) != []
    assert directory.patch(risk, leaving(str(newcomer.pk))).status_code == 204
    assert roles_of(newcomer) == []


def test_a_whole_group_is_put_as_okta_does(directory, newcomer):
    risk, other = group(directory, "AI risk"), person("executive")
    body = {"schemas": [f"{CORE}Group"], "displayName": "AI risk", "members": [{"value": str(newcomer.pk)}]}
    assert directory.call("put", risk, body).json()["members"][0]["display"] == "Ann Marsh"
    told = directory.call("put", risk, {**body, "members": [{"value": str(other.pk)}]}).json()
    assert [row["value"] for row in told["members"]] == [str(other.pk)]
    assert roles_of(newcomer) == []


def test_leaving_takes_neither_what_was_given_by_hand_nor_what_another_group_gives(
    directory, newcomer, settings
):
    settings.SSO_ROLES = {**settings.SSO_ROLES, "AI helpers": (("contributor", ""),)}
    grant_role(by=actor("administrator"), person=newcomer, role="assurer", function="risk")
    for name in ("AI risk", "AI helpers"):
        directory.patch(
            group(directory, name), {"op": "add", "path": "members", "value": [{"value": str(newcomer.pk)}]}
        )
    directory.patch(group(directory, "AI risk"), {"op": "remove", "path": "members"})
    assert roles_of(newcomer) == [("assurer", "risk", "hand"), ("contributor", "", "group")]


def test_a_sign_in_that_tells_no_groups_leaves_what_the_directory_gave(directory, newcomer):
    risk = group(directory, "AI risk")
    directory.patch(risk, {"op": "add", "path": "members", "value": [{"value": str(newcomer.pk)}]})
    before = roles_of(newcomer)
    follow_groups(by=actor("administrator"), person=newcomer, groups=[])
    assert roles_of(newcomer) == before


def test_a_role_that_conflicts_is_left_out_and_the_membership_stands(directory):
    who = person("executive")
    auditors = group(directory, "AI auditors")
    added = directory.patch(auditors, {"op": "add", "path": "members", "value": [{"value": str(who.pk)}]})
    assert added.status_code == 204
    assert [role for role, _, _ in roles_of(who)] == ["executive"]
    assert GroupMember.objects.get().user == who


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "add", "path": "members", "value": [{"value": str(uuid.UUID(int=5))}]}, "invalidValue"),
        ({"op": "add", "path": "members", "value": [{"value": "nobody"}]}, "invalidValue"),
        ({"op": "add", "path": "members", "value": ["nobody"]}, "invalidValue"),
        ({"op": "replace", "path": "displayName", "value": "AI everybody"}, "mutability"),
        ({"op": "replace", "path": "owner", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": 'members[value eq "x"]', "value": "x"}, "invalidPath"),
    ],
)
def test_a_group_changes_its_members_alone_and_all_or_none_of_them(directory, newcomer, operation, kind):
    risk = group(directory, "AI risk")
    first = {"op": "add", "path": "members", "value": [{"value": str(newcomer.pk)}]}
    assert error(directory.patch(risk, first, operation)) == (400, kind)
    assert GroupMember.objects.count() == 0


def test_a_group_is_named_by_the_setting_and_by_nobody_else(directory):
    assert error(directory.call("post", "/Groups", {"displayName": "AI risk"})) == (409, "uniqueness")
    assert error(directory.call("post", "/Groups", {"displayName": "AI cooks"})) == (400, "invalidValue")
    assert error(directory.call("delete", group(directory, "AI risk"))) == (405, None)


# --- who may, and what is said beforehand ------------------------------------------------------------------


@pytest.mark.parametrize("who", ["executive", "auditor"])
def test_only_who_manages_people_may(who):
    refused = Directory(people.api(who)).get("/Users")
    assert error(refused) == (403, None)


def test_the_scope_scim_opens_nothing_but_scim(directory):
    assert directory.get("/Users").status_code == 200
    ann = directory.call("post", "/Users", OKTA).json()["id"]
    for method, path in (
        ("get", "/api/v1/initiatives/"),
        ("get", "/api/v1/people/"),
        ("get", f"/api/v1/people/{ann}/data/"),
        ("post", f"/api/v1/people/{ann}/roles/"),
        ("get", "/api/v1/tokens/"),
        ("get", "/api/v1/webhooks/"),
        ("get", "/api/v1/operations/"),
    ):
        refused = getattr(directory.client, method)(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing"), path


def test_the_scope_admin_holds_the_scope_scim():
    wide = Directory(people.api("administrator", "admin"))
    assert wide.get("/Users").status_code == 200
    assert wide.call("post", "/Users", OKTA).status_code == 201


def test_the_token_needs_the_scope_to_provision_accounts():
    assert error(Directory(people.api("administrator", "read")).get("/Users")) == (403, None)
    assert error(Directory(people.api()).get("/Users")) == (401, None)


def test_a_directory_may_ask_what_is_supported(directory):
    config = directory.get("/ServiceProviderConfig").json()
    assert (config["patch"]["supported"], config["bulk"]["supported"], config["filter"]["supported"]) == (
        True,
        False,
        True,
    )
    assert [row["endpoint"] for row in directory.get("/ResourceTypes").json()["Resources"]] == [
        "/Users",
        "/Groups",
    ]
    kept = {attribute["name"] for attribute in directory.get("/Schemas").json()["Resources"][0]["attributes"]}
    assert kept == {
        "userName",
        "externalId",
        "displayName",
        "name",
        "title",
        "timezone",
        "active",
        "emails",
        "groups",
    }


@pytest.mark.parametrize("kind", ["ResourceTypes", "Schemas"])
def test_each_description_is_found_where_it_says_it_is_and_none_is_filtered(directory, kind):
    for row in directory.get(f"/{kind}").json()["Resources"]:
        assert directory.get(row["meta"]["location"].partition(HERE)[2]).json() == row
    assert error(directory.get(f"/{kind}/Shoe")) == (404, None)
    assert error(directory.get(f"/{kind}", filter='id eq "User"')) == (403, None)


@pytest.mark.parametrize("path", ["/Bulk", "/.search", "/Users/.search", "/Groups/.search", "/Me"])
def test_what_is_left_out_says_so(directory, path):
    assert error(directory.call("post", path, {})) == (501, None)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_nobody_is_me(directory, method):
    assert error(directory.call(method, "/Me")) == (501, None)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_address_that_is_none_answers_as_scim_does(directory, method):
    assert error(directory.call(method, "/Shoes/43")) == (404, None)


def test_plain_json_is_understood_and_answered_too(directory):
    answer = directory.client.post(
        f"{HERE}/Users", OKTA, format="json", headers={"accept": "application/json"}
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
