"""The portfolio leaves as one file, and comes into an empty portal as the same portfolio, byte for byte."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command

from alignment_portal.accounts.models import User
from alignment_portal.accounts.services import deactivate_person, open_service_account
from alignment_portal.audit import triggers
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.operations.portfolio_file import portfolio_bytes, read
from alignment_portal.refusals import Invalid
from initiatives.models import Cluster, Initiative
from initiatives.services.dossiers import save_dossier
from portfolio.models import Bottleneck, Closure, PeopleGroup, SharedDependency
from portfolio.services.closures import keep_closure
from portfolio.services.people import record_group, record_other_change
from portfolio.services.worths import state_worth
from tests.conftest import begin_the_record_anew
from tests.factories.accounts import UserFactory
from tests.factories.initiatives import PEOPLE, full_document, small_document
from tests.factories.portfolio import bottleneck, dependency
from tests.people import actor, everybody, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled():
    """A portal in which every part of the file holds something."""
    everybody()
    for email in PEOPLE:
        if not User.objects.filter(email=email).exists():
            UserFactory(email=email)
    pool = bottleneck(fresh_days=90, price_per_person=90_000)
    dependency(owner="eleanor@example.org", duration_days=40, price=1e5, note="-2 and “more”")
    keep_closure(
        by=actor("executive"),
        bottleneck=pool,
        starts_on=dt.date(2026, 12, 24),
        ends_on=dt.date(2027, 1, 1),
        reason="Closed for the year.",
    )
    record_group(by=actor("executive"), code="agents", name="Agents", headcount=140, peak_months=[12, 11])
    record_other_change(
        by=actor("executive"),
        group="agents",
        title="New till",
        hours_per_person=3,
        starts_on=dt.date(2026, 5, 1),
        ends_on=dt.date(2026, 7, 1),
    )
    save_dossier(by=actor("programme_manager"), document=full_document())
    save_dossier(by=actor("programme_manager"), document=small_document("AI-0002", title="Zweites “Ümläut”"))
    state_worth(
        by=actor("programme_manager"),
        initiative=Initiative.objects.get(key="AI-0001"),
        value=(1, 2, 3),
        cost=(0, 1, 2),
        owner="priya@example.org",
        basis="Last year.",
    )
    open_service_account(by=actor("administrator"), email="etl@example.org", name="Nightly load")
    deactivate_person(by=actor("administrator"), person=person("contributor"), reason="Left.")


def take_everything_away():
    """As a new portal is: every row goes, and the tables and their guards stay."""
    with writes_allowed():
        triggers.remove_all()
        call_command("flush", interactive=False, verbosity=0)
    begin_the_record_anew()


def test_out_and_into_an_empty_portal_and_out_again_gives_the_same_bytes(filled, tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    call_command("export_portfolio", first)
    before = {
        model: names_of(model) for model in (Cluster, SharedDependency, Bottleneck, PeopleGroup, Closure)
    }
    take_everything_away()
    assert not User.objects.exists()
    call_command("import_portfolio", first)
    call_command("export_portfolio", second)
    assert first.read_bytes() == second.read_bytes()
    assert Initiative.objects.count() == 2
    assert {model: names_of(model) for model in before} == before
    assert not User.objects.get(email="callum@example.org").is_active
    assert verify_chain().ok


def names_of(model):
    return sorted(str(row) for row in model.objects.all())


def test_the_file_holds_everybody_and_no_secret(filled):
    body = portfolio_bytes()
    told = json.loads(body)
    assert {row["email"] for row in told["people"]} == set(User.objects.values_list("email", flat=True))
    assert [row["initiative"]["key"] for row in told["dossiers"]] == ["AI-0001", "AI-0002"]
    assert person("executive").password.encode() not in body
    assert portfolio_bytes() == body


def test_a_dry_run_says_what_would_come_in_and_keeps_nothing(filled, tmp_path, capsys):
    file = tmp_path / "portfolio.json"
    call_command("export_portfolio", file)
    take_everything_away()
    call_command("import_portfolio", file, dry_run=True)
    assert "2 dossiers, 1 worths would come in" in capsys.readouterr().out
    assert not User.objects.exists()
    assert not Initiative.objects.exists()


def test_a_portal_that_holds_something_takes_no_portfolio(filled, tmp_path):
    file = tmp_path / "portfolio.json"
    call_command("export_portfolio", file)
    with pytest.raises(CommandError, match="This portal holds initiatives already"):
        call_command("import_portfolio", file)


def test_every_fault_is_told_with_its_place_and_nothing_stands(filled, tmp_path, capsys):
    told = json.loads(portfolio_bytes())
    told["dossiers"][0]["initiative"]["horizon"] = "H9"
    told["dossiers"][1]["initiative"]["owner"] = "nobody@example.org"
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps(told))
    take_everything_away()
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_portfolio", file)
    err = capsys.readouterr().err
    assert "/dossiers/0/initiative/horizon" in err
    assert "/dossiers/1/initiative/owner" in err
    assert not User.objects.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "portfolio/1"}', "not json"])
def test_anything_else_is_refused(text):
    with pytest.raises(Invalid, match="This is not a portfolio file"):
        read(text.encode())


def test_another_form_is_named():
    body = json.loads(portfolio_bytes()) | {"format": "portfolio/9"}
    with pytest.raises(Invalid, match="portfolio/9"):
        read(json.dumps(body).encode())
