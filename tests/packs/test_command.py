import pytest
from django.core.management import CommandError, call_command


def test_it_writes_the_pdf_of_an_initiative(initiative, tmp_path):
    call_command("build_pack", "initiative:AI-0001", out=tmp_path / "a.pdf")
    call_command("build_pack", "initiative:AI-0001", out=tmp_path / "b.pdf")
    assert (tmp_path / "a.pdf").read_bytes()[:5] == b"%PDF-"
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [
        ("cluster:nowhere", "There is no cluster nowhere that you may see."),
        ("initiative:AI-9999", "There is no initiative AI-9999"),
    ],
)
def test_it_says_in_a_sentence_what_it_cannot_do(initiative, tmp_path, subject, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("build_pack", subject, out=tmp_path / "a.pdf")


def test_it_says_where_it_cannot_write(ready, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("build_pack", "initiative:AI-0001", out=tmp_path / "missing" / "a.pdf")
