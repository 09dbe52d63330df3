import io
import json

import pytest
from django.core.management import CommandError, call_command

from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.models import Entry
from alignment_portal.audit.triggers import faults
from initiatives.dossier.parsing import parse
from initiatives.models import Group, Initiative, Membership
from initiatives.models.projection import PROJECTIONS, values_of
from initiatives.selectors import load_dossiers
from initiatives.services.generation.documents import generated
from initiatives.services.generation.draw import Cast
from metrics.models import Metric
from tests.factories.initiatives import full_document, small_document
from tests.initiatives.cast import saved

CAST = Cast(
    managers=["m@x.example"], sponsors=["s@x.example"], doers=[f"d{place}@x.example" for place in range(6)]
)


def run(name, *arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), ""


def file_of(folder, name, document):
    path = folder / name
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


@pytest.mark.usefixtures("people")
def test_files_are_imported_and_what_is_the_same_stays(tmp_path):
    one = file_of(tmp_path, "one.json", full_document())
    two = file_of(tmp_path, "two.json", small_document("AI-0002"))
    assert run("import_dossier", one, two)[0] == "AI-0001 created (version 1)\nAI-0002 created (version 1)\n"
    file_of(tmp_path, "two.json", small_document("AI-0002", title="Other"))
    assert (
        run("import_dossier", one, two)[0] == "AI-0001 unchanged (version 1)\nAI-0002 changed (version 2)\n"
    )


@pytest.mark.usefixtures("people")
def test_one_bad_file_keeps_all_of_them_out_and_every_fault_is_told(tmp_path):
    good = file_of(tmp_path, "good.json", full_document())
    bad = file_of(
        tmp_path, "bad.json", small_document("AI-0002", titel="x", sponsor=None, planned_launch_on="soon")
    )
    broken = file_of(tmp_path, "broken.json", b"{")
    missing = tmp_path / "missing.json"
    out, err, reason = run("import_dossier", good, bad, broken, missing)
    assert reason == "Nothing was imported: 4 faults in 3 files."
    assert [line.partition(": ")[0].rpartition("/")[2] for line in err.splitlines()] == [
        "bad.json",
        "bad.json",
        "broken.json",
        "missing.json",
    ]
    assert f"{bad}: /initiative/titel: There is no field “titel” here. Did you mean “title”?" in err
    assert (out, Initiative.objects.count(), Entry.objects.filter(initiative_key="AI-0001").count()) == (
        "",
        0,
        0,
    )


@pytest.mark.usefixtures("people")
def test_the_same_key_in_two_files_is_refused(tmp_path):
    files = [file_of(tmp_path, name, small_document(title=name)) for name in ("one", "two")]
    _, err, _ = run("import_dossier", *files)
    assert (
        err == f"{files[1]}: /initiative/key: AI-0001 stands in {files[0]} already; import one of the two.\n"
    )
    assert not Initiative.objects.exists()


@pytest.mark.usefixtures("people")
def test_what_is_exported_is_imported_without_change_and_exported_the_same(tmp_path):
    saved()
    file = tmp_path / "out.json"
    run("export_dossier", "AI-0001", out=file)
    assert run("export_dossier", "AI-0001")[0] == file.read_text()
    assert run("import_dossier", file)[0] == "AI-0001 unchanged (version 1)\n"
    run("export_dossier", "AI-0001", out=tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == file.read_bytes()


@pytest.mark.django_db
def test_what_does_not_exist_is_not_exported():
    assert run("export_dossier", "AI-0001")[2] == "There is no initiative AI-0001."


@pytest.mark.parametrize("number", range(60))
def test_every_made_up_document_is_a_dossier_and_always_the_same(number):
    first, second = (generated(CAST, seed=7, number=number, key="GP-00001") for _ in range(2))
    assert first == second
    assert parse(first).initiative.key == "GP-00001"


def test_another_seed_makes_other_documents():
    one, other = (generated(CAST, seed=seed, number=1, key="GP-00001") for seed in (1, 2))
    assert one != other


@pytest.mark.django_db
def test_a_generated_portfolio_is_whole_in_every_table_and_in_the_record():
    out, _, _ = run("generate_portfolio", initiatives=12, seed=5)
    assert out == "12 initiatives generated: GP-00001 to GP-00012\n"
    loaded = load_dossiers()
    for initiative in Initiative.objects.all():
        dossier = loaded[initiative.key].dossier
        assert (initiative.fingerprint, initiative.inputs_rev) == (loaded[initiative.key].fingerprint, 1)
        assert initiative.owner.email == dossier.initiative.owner
        for projection in PROJECTIONS:
            rows = projection.model._default_manager.filter(initiative=initiative)
            assert set(rows.values_list("pk", flat=True)) == set(
                values_of(initiative.pk, projection, dossier)
            )
    assert Metric.objects.count() == sum(len(item.dossier.metrics) for item in loaded.values())
    assert (Group.objects.count(), Membership.objects.filter(kind="owner").count()) == (12, 12)
    entry = Entry.objects.get(action="initiatives.portfolio.load")
    assert json.loads(entry.payload)["after"] == {key: item.fingerprint for key, item in loaded.items()}
    assert (verify_chain().ok, faults()) == (True, [])


@pytest.mark.django_db
def test_a_second_portfolio_goes_on_after_the_first():
    run("generate_portfolio", initiatives=2, seed=1)
    assert run("generate_portfolio", initiatives=2, seed=1)[0].endswith("GP-00003 to GP-00004\n")


@pytest.mark.django_db
@pytest.mark.parametrize("number", [5, 10])
def test_a_batch_costs_the_same_however_large(number, django_assert_max_num_queries):
    run("generate_portfolio", initiatives=1)
    with django_assert_max_num_queries(110):
        run("generate_portfolio", initiatives=number)


@pytest.mark.parametrize("number", [0, -1])
def test_an_impossible_number_is_refused(number):
    assert run("generate_portfolio", initiatives=number)[2].startswith("Generate between 1 and ")
