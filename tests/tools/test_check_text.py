import subprocess

import pytest

REGISTRY = "names a package registry: the machine's own settings say where packages come from"
NETWORK = "names a content network: what pages need is kept under static/"
MACHINE = "names a path of one machine: build it from the project's folder"
SECRET = "holds a secret: take it from the environment"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("see https://pypi@org/project/x".replace("@", "."), REGISTRY),
        ("index = files.pythonhosted@org".replace("@", "."), REGISTRY),
        ('<script src="https://cdn.jsdelivr.net/x.js">', NETWORK),
        ("cd /home/grace/portal", MACHINE),
        ("open('/root/x')", MACHINE),
        ("/home/ada/portal", MACHINE),
        ("-----BEGIN RSA PRIVATE KEY-----", SECRET),
    ],
)
def test_what_must_not_stand_in_the_tree_is_named_with_its_line(tool, line, sentence):
    assert list(tool("check_text").faults_in(f"fine\n{line}\n")) == [(2, sentence)]


@pytest.mark.parametrize(
    "line", ["/api/v1/work/items", "network/main", "the home/office split", "/var/lib/portal"]
)
def test_ordinary_text_passes(tool, line):
    assert list(tool("check_text").faults_in(line)) == []


def test_a_binary_file_is_passed_over(tool, tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "picture").write_bytes(b"\0/root/x")
    assert tool("check_text").main(tmp_path) == 0


def test_a_file_about_to_be_added_is_read(tool, tmp_path, capsys):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "notes.md").write_text("cd /root/x\n")
    assert tool("check_text").main(tmp_path) == 1
    assert capsys.readouterr().out == f"notes.md:1: {MACHINE}\n"


def test_our_own_tree_passes(tool, capsys):
    assert (tool("check_text").main(), capsys.readouterr().out) == (0, "")
