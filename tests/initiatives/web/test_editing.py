"""Editing a dossier part by part through its pages."""

import pytest

from initiatives.models import Draft
from initiatives.selectors import current_dossier
from tests.initiatives.cast import saved
from tests.people import browser

pytestmark = pytest.mark.django_db
METRIC = "/initiatives/AI-0001/edit/metrics/handling-time/"


@pytest.fixture
def initiative(people):
    return saved()


def dossier_of(initiative):
    initiative.refresh_from_db()
    return current_dossier(initiative).dossier


def fields_of(client, path, **changed):
    """What the page's form would post."""
    form = client.get(path).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in {**sent, **changed}.items() if value not in (None, False)}


def test_every_part_of_a_full_dossier_opens(initiative):
    client = browser("programme_manager")
    paths = [section.url for section in client.get("/initiatives/AI-0001/edit/").context["sections"]]
    seen = set()
    while paths:
        path = paths.pop()
        answer = client.get(path)
        assert answer.status_code == 200, path
        seen.add(path)
        rows = list(answer.context["rows"] or [])
        for part in answer.context["parts"]:
            rows += part.rows
            paths += [part.url, part.add] if part.is_list else [part.url]
        paths += [row.url for row in rows]
    assert "/initiatives/AI-0001/edit/metrics/repeat-contact/guards/handling-time/" in seen
    assert "/initiatives/AI-0001/edit/outcome_chain/links/draft~edits/" in seen


def test_saving_what_a_form_shows_changes_nothing(initiative):
    client = browser("programme_manager")
    for path in (
        "initiative", "metrics/handling-time", "metrics/handling-time/comparison", "operating_model",
        "operating_model/raci/monitoring", "risk_posture", "change_impact/workload_shifts/typing",
        "non_negotiables/per_deployment/leeds", "deployments/leeds", "trade_offs/log-first",
    ):  # fmt: skip
        address = f"/initiatives/AI-0001/edit/{path}/"
        assert client.post(address, fields_of(client, address)).status_code == 302, path
    initiative.refresh_from_db()
    assert initiative.version == 1


def test_an_answer_is_saved_as_a_new_version(initiative):
    client = browser("programme_manager")
    answer = client.post(METRIC, fields_of(client, METRIC, title="Time per ticket", node=""))
    assert answer.headers["Location"] == "/initiatives/AI-0001/edit/metrics/"
    metric = dossier_of(initiative).metrics[0]
    assert (metric.title, metric.node, metric.baseline.value) == ("Time per ticket", None, 11.8)


def test_a_row_without_a_code_gets_one_from_its_words(initiative):
    client = browser("programme_manager")
    address = "/initiatives/AI-0001/edit/risk_posture/harms/_new/"
    client.post(address, fields_of(client, address, description="A customer is misled."))
    assert [harm.code for harm in dossier_of(initiative).risk_posture.harms] == [
        "wrong-promise",
        "a-customer-is-misled",
    ]


def test_a_fault_stands_at_its_field_and_keeps_what_was_typed(initiative):
    client = browser("programme_manager")
    answer = client.post(METRIC + "baseline/", fields_of(client, METRIC + "baseline/", sample_size="-3"))
    assert answer.status_code == 422
    assert answer.context["form"].errors["sample_size"] == ["-3 is negative; it must be 0 or more."]
    assert answer.context["form"]["sample_size"].value() == "-3"
    assert dossier_of(initiative).metrics[0].baseline.sample_size == 8412


def test_a_fault_elsewhere_links_to_its_place(initiative):
    answer = browser("programme_manager").post(
        "/initiatives/AI-0001/edit/change_impact/groups/agents/", {"deed": "remove"}
    )
    assert answer.status_code == 422
    assert "/initiatives/AI-0001/edit/change_impact/workload_shifts/typing/#id_group" in [
        fault["href"] for fault in answer.context["faults"]
    ]


def test_a_row_is_removed_and_a_row_moves_up(initiative):
    client = browser("programme_manager")
    client.post("/initiatives/AI-0001/edit/trade_offs/log-first/", {"deed": "remove"})
    client.post("/initiatives/AI-0001/edit/outcome_chain/nodes/cost/", {"deed": "up"})
    dossier = dossier_of(initiative)
    assert dossier.trade_offs == ()
    assert [node.code for node in dossier.outcome_chain.nodes] == ["draft", "edits", "cost", "faster"]


def test_changes_to_different_fields_by_two_people_both_stand(initiative):
    client = browser("programme_manager")
    mine = fields_of(client, METRIC, title="Mine")
    client.post(METRIC, fields_of(client, METRIC, unit="minutes"))
    client.post(METRIC, mine)
    metric = dossier_of(initiative).metrics[0]
    assert (metric.title, metric.unit) == ("Mine", "minutes")


def test_changes_to_one_field_are_put_side_by_side(initiative):
    client = browser("programme_manager")
    mine = fields_of(client, METRIC, title="Mine", gaming_risk="Closing early")
    client.post(METRIC, fields_of(client, METRIC, title="Theirs"))
    answer = client.post(METRIC, mine)
    assert answer.status_code == 409
    assert [(clash.mine, clash.theirs) for clash in answer.context["conflicts"]] == [("Mine", "Theirs")]
    chosen = {**dict(answer.context["kept"]), "version": answer.context["version"], "title": "Theirs"}
    client.post(METRIC, chosen)
    metric = dossier_of(initiative).metrics[0]
    assert (metric.title, metric.gaming_risk, metric.tags) == ("Theirs", "Closing early", ("time_saved",))


def test_a_row_removed_meanwhile_is_not_written_back(initiative):
    client = browser("programme_manager")
    address = "/initiatives/AI-0001/edit/trade_offs/log-first/"
    mine = fields_of(client, address, because="It is quicker")
    client.post(address, {"deed": "remove"})
    answer = client.post(address, mine)
    assert answer.status_code == 409
    assert dossier_of(initiative).trade_offs == ()


def test_a_draft_comes_back_until_it_is_saved_or_discarded(initiative):
    client = browser("programme_manager")
    typed = fields_of(client, METRIC, title="Half a")
    kept = client.post(METRIC.replace("/edit/", "/draft/"), typed)
    assert list(kept.json()) == ["saved_at"]
    assert client.get(METRIC).context["form"]["title"].value() == "Half a"
    client.post(METRIC, {"deed": "discard"})
    assert client.get(METRIC).context["form"]["title"].value() == "Handling time"
    client.post(METRIC.replace("/edit/", "/draft/"), typed)
    client.post(METRIC, typed)
    assert Draft.objects.count() == 0


def test_a_plan_asks_only_what_its_method_needs(initiative):
    client = browser("programme_manager")
    address = METRIC + "comparison/"
    assert "clusters" not in client.get(address).context["form"].fields
    assert "clusters" in client.get(address, {"method": "stepped_wedge"}).context["form"].fields


@pytest.mark.parametrize(
    ("who", "status"), [("other_manager", 404), ("executive", 403), ("contributor", 403)]
)
def test_others_may_not_edit(initiative, who, status):
    client = browser(who)
    assert client.get(METRIC).status_code == status
    assert client.post(METRIC, {"title": "X"}).status_code == status
    assert client.post(METRIC.replace("/edit/", "/draft/"), {"title": "X"}).status_code == status
    assert dossier_of(initiative).metrics[0].title == "Handling time"


def test_a_place_that_no_dossier_has_is_not_found(initiative):
    client = browser("programme_manager")
    for path in ("nothing", "metrics/none", "metrics/handling-time/nothing", "metrics/_new/baseline"):
        assert client.get(f"/initiatives/AI-0001/edit/{path}/").status_code == 404
