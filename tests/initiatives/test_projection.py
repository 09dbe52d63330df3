import pytest
from hypothesis import HealthCheck, given, settings

from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import writes_allowed
from initiatives.dossier.parsing import parse
from initiatives.models.projection import PROJECTIONS, changes, instances, values_of
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import full_document, small_document
from tests.initiatives.cast import OWNER, actor, saved
from tests.initiatives.dossier.strategies import documents

pytestmark = pytest.mark.usefixtures("people")


def table_rows(projection, initiative):
    rows = projection.model._default_manager.filter(initiative=initiative)
    return {row.pk: row for row in rows}


def assert_tables_hold(initiative, document, people):
    ids = {email: user.pk for email, user in people.items()}
    for projection in PROJECTIONS:
        wanted = values_of(initiative.pk, projection, parse(document))
        expected = {row.pk: row.__dict__ for row in instances(initiative.pk, projection.model, wanted, ids)}
        found = {pk: row.__dict__ for pk, row in table_rows(projection, initiative).items()}
        assert comparable(found) == comparable(expected)


def comparable(rows):
    return {pk: {name: value for name, value in row.items() if name != "_state"} for pk, row in rows.items()}


def test_a_full_document_fills_every_table(people):
    initiative = saved()
    assert [str(p.model) for p in PROJECTIONS if not table_rows(p, initiative)] == []
    assert_tables_hold(initiative, full_document(), people)


def test_emptying_a_document_empties_its_tables_and_filling_it_fills_them_again(people):
    initiative = saved()
    small = small_document()
    save_dossier(by=actor(OWNER), document=small)
    assert_tables_hold(initiative, small, people)
    save_dossier(by=actor(OWNER), document=full_document())
    assert_tables_hold(initiative, full_document(), people)


def test_every_part_of_the_document_has_a_table():
    dossier = parse(full_document())
    written = {change.model for change in changes(saved().pk, None, dossier)}
    assert written == {projection.model for projection in PROJECTIONS}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=documents(), other=documents())
def test_any_dossier_after_any_other_leaves_exactly_its_own_rows(people, one, other):
    add_drawn_people(people)
    for document in (one, other):
        document["initiative"] |= {"key": "AI-0042", "owner": OWNER, "horizon": "H1"}
        save_dossier(by=actor(OWNER), document=document)
    initiative = save_dossier(by=actor(OWNER), document=other).initiative
    assert_tables_hold(initiative, other, people)


def add_drawn_people(people):
    with writes_allowed():
        for email in ("ann@x.example", "bob@x.example", "cy@y.example"):
            people[email], _ = User.objects.get_or_create(email=email, defaults={"name": email})
