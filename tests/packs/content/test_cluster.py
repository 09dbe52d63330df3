import msgspec

from packs.content.cluster.paper import cluster_content, decision_list
from packs.content.parts import Table, decode, encode
from tests.packs.papers import bare, gathered, member, section, whole, words


def table(said, code, title):
    return next(b for b in section(said, code).blocks if isinstance(b, Table) and b.title.startswith(title))


def test_sections_come_in_the_order_of_the_paper():
    said = cluster_content(gathered())
    assert [one.code for one in said.sections] == [
        "decisions", "initiatives", "shared", "controls", "differences", "alignment", "basis",
    ]  # fmt: skip
    assert decode(encode(said)) == said


def test_what_all_members_share_is_said_once_and_what_differs_side_by_side():
    some = gathered(member("AI-0001"), member("AI-0002", horizon="H2"))
    told = words(section(cluster_content(some), "shared"))
    assert '["Owner","Pam Manager"]' in told
    aspects = table(cluster_content(some), "differences", "What they are")
    assert [[cell.text for cell in row] for row in aspects.rows] == [["Horizon", "H1", "H2"]]


def test_rules_with_different_outcomes_stand_side_by_side():
    less = msgspec.structs.replace(whole(), endorsements=())
    found = table(
        cluster_content(gathered(member("AI-0001"), member("AI-0002", facts=less))),
        "differences",
        "What the judge",
    )
    assert ["pass", "fail"] in [[cell.mark for cell in row[1:]] for row in found.rows]


def test_many_members_are_compared_four_at_a_time():
    some = gathered(*(member(f"AI-000{n}", horizon=f"H{1 + n % 2}") for n in range(1, 7)))
    titles = [
        b.title
        for b in section(cluster_content(some), "differences").blocks
        if b.title.startswith("What they")
    ]
    assert titles == ["What they are: AI-0001 to AI-0004", "What they are: AI-0005 to AI-0006"]


def test_the_same_evidence_is_one_document_and_other_evidence_a_duplicate():
    told = words(section(cluster_content(gathered()), "controls"))
    assert "One document serves all who answered" in told
    renamed = tuple(msgspec.structs.replace(e, ref=f"X{e.ref}", sha256="f" * 64) for e in whole().evidence)
    other = member("AI-0002", facts=msgspec.structs.replace(whole(), evidence=renamed))
    assert "Shown more than once" in words(
        section(cluster_content(gathered(member("AI-0001"), other)), "controls")
    )


def test_a_control_nobody_has_is_built_once():
    none = msgspec.structs.replace(whole(), evidence=())
    some = gathered(member("AI-0001", facts=none), member("AI-0002", facts=none))
    assert "Build it once for all of them" in words(section(cluster_content(some), "controls"))


def test_one_list_holds_what_each_member_asks_for():
    some = gathered(member("AI-0001", decision_sought="Extend to H2"), member("AI-0002", decision_sought=""))
    assert [d.what for d in decision_list(some) if "Extend" in d.what] == ["AI-0001: Extend to H2."]


def test_a_review_of_all_is_told_once_and_who_has_none_is_named():
    bare_one = member("AI-0002", facts=bare())
    told = words(section(cluster_content(gathered(member("AI-0001"), bare_one)), "alignment"))
    assert told.count("Review RV-") >= 1
    assert "AI-0002 has no alignment review yet" in told


def test_a_lone_member_shares_nothing():
    said = cluster_content(gathered(member("AI-0001")))
    assert "only initiative of this cluster" in words(section(said, "shared"))
    assert "differences" not in [one.code for one in said.sections]
