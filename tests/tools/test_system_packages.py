import pytest


@pytest.fixture
def packages(tool):
    return tool("system_packages")


@pytest.fixture
def nothing_installed(packages, monkeypatch):
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    absent = (packages.Package("libpango-1.0-0", lambda: False), packages.Package("qpdf", lambda: False))
    monkeypatch.setattr(packages, "GROUPS", {"pdf": absent, "test": absent})


def test_a_library_of_this_machine_is_found(packages):
    assert packages.has_library("libc.so.6") is True


def test_a_library_nobody_has_is_not_found(packages):
    assert packages.has_library("libnobodyhasthis.so.9") is False


@pytest.mark.usefixtures("nothing_installed")
def test_an_ordinary_user_is_told_the_exact_line(packages, capsys):
    assert packages.main(["test"]) == 1
    assert capsys.readouterr().err == (
        "Missing on this machine; as root run: apt-get install --yes libpango-1.0-0 qpdf\n"
        "The tests need them and skip nothing.\n"
    )


@pytest.mark.usefixtures("nothing_installed")
def test_what_is_optional_is_said_and_passed_over(packages, capsys):
    assert packages.main(["--optional", "pdf"]) == 0
    assert capsys.readouterr().err == (
        "Missing on this machine; as root run: apt-get install --yes libpango-1.0-0 qpdf\n"
        "Until then packs are web pages to print from the browser, and no PDF is built.\n"
    )


def test_a_machine_that_has_everything_is_left_in_silence(packages, monkeypatch, capsys):
    monkeypatch.setattr(packages, "GROUPS", {"pdf": (packages.Package("libc6", lambda: True),)})
    assert packages.main(["pdf"]) == 0
    assert capsys.readouterr() == ("", "")
