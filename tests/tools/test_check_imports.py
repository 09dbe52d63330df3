import pytest


@pytest.fixture
def check(tool, monkeypatch, tmp_path):
    """Give the check a house of its own: a gates app with models and a pure engine, and nothing else."""
    module = tool("check_imports")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "gates" / "engine").mkdir(parents=True)
    (tmp_path / "gates" / "models.py").touch()
    return module


def contract(**options):
    return {"root_packages": ["gates"], "contracts": [{"name": "a", **options}]}


def test_a_layer_not_yet_written_is_left_open_and_named(check):
    rules = contract(type="layers", layers=["gates.services | gates.tasks", "gates.models", "(gates.engine)"])
    assert check.loosen(rules) == {"gates.services", "gates.tasks"}
    assert rules["contracts"][0]["layers"] == [
        "(gates.services) | (gates.tasks)",
        "gates.models",
        "(gates.engine)",
    ]


def test_a_layer_missing_from_one_container_is_left_open(check, tmp_path):
    (tmp_path / "packs").mkdir()
    rules = contract(type="layers", containers=["gates", "packs"], layers=["models"])
    assert check.loosen(rules) == {"models"}


def test_a_listed_module_not_yet_written_is_left_out_and_named(check):
    rules = contract(
        type="forbidden",
        source_modules=["gates.engine", "gates.policy"],
        forbidden_modules=["django", "gates.models"],
    )
    assert check.loosen(rules) == {"gates.policy"}
    assert rules["contracts"][0]["source_modules"] == ["gates.engine"]
    assert rules["contracts"][0]["forbidden_modules"] == ["django", "gates.models"]


def test_a_contract_about_nothing_written_yet_is_left_out(check):
    rules = contract(type="forbidden", source_modules=["gates.policy"], forbidden_modules=["django"])
    assert check.loosen(rules) == {"gates.policy"}
    assert rules["contracts"] == []
