import datetime as dt

import msgspec
import pytest

from gates.engine.facts import Bottleneck, Incident, Move, SharedDependency
from initiatives.dossier.change import Group
from initiatives.dossier.document import Demand, Dependency
from initiatives.dossier.initiative import Deployment
from packs.content.decisions import decisions_sought
from packs.content.differences import what_changed
from packs.content.gathered import Held, Outcome, Promised, Scenario, Stake
from packs.content.parts import Table, decode, encode
from packs.content.portfolio.overview import MOST_DECISIONS
from packs.content.portfolio.paper import portfolio_content
from packs.content.since import Since, since, since_section
from packs.content.source import Voice
from portfolio.saturation import Load
from tests.gates.engine.dossiers import at
from tests.packs.papers import bare, gathered, member, section, whole, words

NOBODYS = SharedDependency(code="rights", title="Data rights", owner=None, funding="unfunded", state="open")
LEGAL = Bottleneck(code="legal", title="Legal", cap=1, in_flight=4)


def waiting():
    facts = whole()
    dossier = msgspec.structs.replace(
        facts.dossier,
        dependencies=(Dependency(code="rights"),),
        bottleneck_demand=(Demand(bottleneck="legal"),),
    )
    return msgspec.structs.replace(
        facts, dossier=dossier, dependencies={"rights": NOBODYS}, bottlenecks={"legal": LEGAL}
    )


def suspended():
    move = Move(to="suspended", at=whole().status_since, by_system=True, reason="Repeat contact rose")
    return msgspec.structs.replace(whole(), status="suspended", moves=(move,))


def test_sections_come_in_the_order_of_the_paper():
    said = portfolio_content(gathered())
    assert [one.code for one in said.sections] == [
        "initiatives", "flow", "change-load", "operation", "alignment", "basis",
    ]  # fmt: skip
    assert [one.key for one in said.members] == ["AI-0001", "AI-0002"]


def test_it_survives_being_stored_and_has_no_empty_section():
    for some in (gathered(), gathered(member("AI-0001", facts=bare()))):
        said = portfolio_content(some)
        assert decode(encode(said)) == said
        assert all(one.blocks for one in said.sections)
        assert all(block.rows for one in said.sections for block in one.blocks if isinstance(block, Table))


def test_at_most_three_decisions_are_on_the_front_page_one_of_each_kind_first():
    some = gathered(
        member("AI-0001", facts=suspended()),
        member("AI-0002", facts=waiting()),
        member("AI-0003", facts=suspended()),
        loads=(load(1.5),),
    )
    overview = portfolio_content(some).overview
    assert len(overview.decisions) == MOST_DECISIONS
    assert overview.decisions[0].what == "Decide whether AI-0001 Case support is put back or stopped."
    assert "Repeat contact rose." in overview.decisions[0].why
    assert overview.more_decisions == len(decisions_sought(some)) - MOST_DECISIONS


def load(share, *parts):
    """Of agents in September 2026; AI-0001 asks for all of it unless said otherwise."""
    month = dt.date(2026, 9, 1)
    return Load(
        group="agents", name="Agents", month=month, hours=12 * share, capacity_hours=12.0, headcount=140,
        share=share, parts=parts or (("AI-0001", 12 * share),),
    )  # fmt: skip


def launching(key, day, state="planned"):
    """A member that reaches agents on that day."""
    dossier = whole().dossier
    group = Group(code="agents", name="Agents", frontline=True, go_live_on=day)
    impact = msgspec.structs.replace(dossier.change_impact, groups=(group,))
    dossier = msgspec.structs.replace(
        dossier, change_impact=impact, deployments=(Deployment(code="desk", state=state),)
    )
    return member(key, facts=msgspec.structs.replace(whole(), dossier=dossier))


def test_what_nobody_owns_or_funds_is_asked_for_with_who_waits():
    (asked,) = [
        d for d in decisions_sought(gathered(member("AI-0002", facts=waiting()))) if "Data rights" in d.what
    ]
    assert asked.what == "Name an owner for “Data rights”, and fund it."
    assert asked.why == "One initiative waits for it: AI-0002."


def test_a_queue_over_its_cap_asks_who_is_served_first():
    told = words(decisions_sought(gathered(member("AI-0002", facts=waiting()))))
    assert "Say which initiatives Legal serves first." in told
    assert "4 are in flight where 1 fit" in told


def test_a_group_far_over_its_capacity_asks_for_a_go_live_to_move():
    ahead = launching("AI-0001", dt.date(2026, 9, 7))
    told = words(decisions_sought(gathered(ahead, loads=(load(1.5),))))
    assert "Move a go-live that falls on Agents in September 2026." in told
    assert "150% of what they can" in told
    assert "Move a go-live" not in words(decisions_sought(gathered(ahead, loads=(load(1.1),))))


RELIEVE = "Relieve Agents in September 2026, or give them more capacity."


@pytest.mark.parametrize(("day", "state"), [(-40, "planned"), (0, "planned"), (60, "live")])
def test_what_is_live_already_asks_for_the_group_to_be_relieved(day, state):
    today = gathered().today
    some = gathered(launching("AI-0001", today + dt.timedelta(days=day), state), loads=(load(1.5),))
    [asked] = [one for one in decisions_sought(some) if "Agents" in one.what]
    assert asked.what == RELIEVE
    assert asked.why.endswith("AI-0001 brings 18 hours a person. None of it is yet to go live.")


def test_a_launch_too_small_to_help_is_not_asked_to_move():
    live = launching("AI-0001", dt.date(2026, 5, 4), "live")
    ahead = launching("AI-0002", dt.date(2026, 9, 7))

    def asked(*parts):
        some = gathered(live, ahead, loads=(load(1.5, *parts),))
        [one] = [one for one in decisions_sought(some) if "Agents" in one.what]
        return one

    small = asked(("AI-0001", 16.0), ("AI-0002", 1.0), ("other:3", 1.0))
    assert small.what == RELIEVE
    assert small.why.endswith("Moving what is yet to go live would not be enough.")
    assert "change from elsewhere brings 1 hour a person" in small.why
    assert small.about == ("AI-0001", "AI-0002")
    large = asked(("AI-0001", 10.0), ("AI-0002", 8.0))
    assert large.what == "Move a go-live that falls on Agents in September 2026."
    assert large.about[0] == "AI-0002"


def test_below_aligned_no_benefit_is_shown_though_a_result_was_read():
    learning = member("AI-0001", facts=msgspec.structs.replace(whole(), endorsements=()))
    said = portfolio_content(gathered(learning))
    assert learning.facts.results
    for code in ("initiatives", "operation"):
        assert "To be learned" in words(section(said, code))
        assert "1.7" not in words(section(said, code))
    assert "better" in words(section(portfolio_content(gathered(member("AI-0001"))), "initiatives"))


def test_live_operation_names_suspensions_incidents_and_restricted_mode():
    incident = Incident(ref="IN-0001", severity=1, title="Wrong limit sent", opened_at=whole().status_since)
    facts = msgspec.structs.replace(suspended(), incidents=(incident,))
    told = words(section(portfolio_content(gathered(member("AI-0001", facts=facts))), "operation"))
    assert "Repeat contact rose." in told
    assert "IN-0001, severity 1" in told
    assert "estricted mode" in told


def test_overdue_commitments_and_dissent_are_told_in_their_own_words():
    late = Promised(
        ref="CM-0001",
        review="RV-0001",
        text="Fund the log",
        owner=at("eva.risk"),
        due_on=dt.date(2026, 6, 1),
    )
    voice = Voice(
        person=at("eva.risk"), role="risk_legal", trade_off="We log first", answer="disagree",
        at=whole().status_since, reason="The peak season comes first.",
    )  # fmt: skip
    told = words(section(portfolio_content(gathered(promised=(late,), voices=(voice,))), "alignment"))
    assert '"text":"Overdue"' in told
    assert '"text":"The peak season comes first."' in told
    assert "Eva Risk, risk and legal, on “We log first”" in told


def test_what_changed_names_who_joined_and_whose_verdict_is_another():
    before = portfolio_content(gathered(member("AI-0001"), member("AI-0002")))
    now = portfolio_content(
        gathered(
            member("AI-0001", facts=msgspec.structs.replace(whole(), endorsements=())), member("AI-0003")
        )
    )
    (front,) = [one for one in what_changed(before, now) if one.code == "summary"]
    told = {change.what: change for change in front.changes}
    assert told["AI-0001 Case support"].after.startswith("Blocked")
    assert told["AI-0002 Case support"].after == "Not in this paper"
    assert told["AI-0003 Case support"].before == "Not in this paper"


def test_the_section_of_changes_counts_what_it_leaves_out():
    before = portfolio_content(gathered(member("AI-0001")))
    now = portfolio_content(gathered(member("AI-0001", facts=bare())))
    told = since(before, now, ref="PK-0001", number=1, day="1 June 2026")
    said = since_section(told)
    assert told.first
    assert said.lead == f"Compared with PK-0001, version 1, as of 1 June 2026: {told.amount} differences."
    same = since_section(Since(ref="PK-0001", number=1, day="1 June 2026"))
    assert same.lead.endswith("nothing that the pack says has changed.")


def scenario(ref="SM-0001", saved=90.0, mean=40.0):
    today = Outcome(cost_p50=900, cost_p80=1200, all_p50=100, all_p80=130, mean_days=60, redone=2)
    outcome = Outcome(cost_p50=800, cost_p80=1000, all_p50=90, all_p80=120, mean_days=mean, redone=1)
    return Scenario(
        ref=ref, title=f"Cap {ref}", as_of=dt.date(2026, 6, 1), currency="EUR", levers=("at most 4 at once",),
        assumptions=("1,000 runs.",), today=today, outcome=outcome, saved=saved,
    )  # fmt: skip


def test_chosen_what_ifs_stand_side_by_side_with_what_they_rest_on():
    said = portfolio_content(gathered(scenarios=(scenario(), scenario("SM-0002", saved=-5.0))))
    part = section(said, "what-if")
    assert "“Cap SM-0001” saves most cost of delay: 90 EUR" in part.lead
    ranges = part.blocks[0]
    assert [row[0].text for row in ranges.rows] == ["Everything at once", "Cap SM-0001", "Cap SM-0002"]
    assert [cell.text for cell in ranges.rows[1]] == ["Cap SM-0001", "800 to 1,000", "90 to 120", "40", "90"]
    assert "1,000 runs." in words(part.blocks[1])
    assert decode(encode(said)) == said


def test_no_what_if_has_no_heading_and_one_that_saves_nothing_is_not_praised():
    assert "what-if" not in [one.code for one in portfolio_content(gathered()).sections]
    said = portfolio_content(gathered(scenarios=(scenario(saved=-5.0),)))
    assert "None saves cost of delay" in section(said, "what-if").lead


# --- what waiting costs -------------------------------------------------------------------------------------


def waiting_for(*codes, key):
    facts = waiting()
    register = {
        code: SharedDependency(code=code, title=code, owner="a@example.org", funding="funded", state="open")
        for code in ("many", "dear")
    }
    dossier = msgspec.structs.replace(
        facts.dossier, dependencies=tuple(Dependency(code=code) for code in codes)
    )
    return member(key, facts=msgspec.structs.replace(facts, dossier=dossier, dependencies=register))


def needs_table(some):
    return next(
        block
        for block in section(portfolio_content(some), "flow").blocks
        if isinstance(block, Table) and block.title.startswith("Shared dependencies")
    )


def test_of_what_has_owner_and_money_the_dearest_to_wait_for_stands_before_the_most_waited_for():
    members = (
        waiting_for("many", key="AI-0001"),
        waiting_for("many", key="AI-0002"),
        waiting_for("dear", key="AI-0003"),
    )
    stake = Stake(low=1_000_000.0, high=3_000_000.0, cost_of_delay=40_000.0)
    rows = needs_table(gathered(*members, stakes={"AI-0003": stake}, currency="EUR")).rows
    assert [row[0].text for row in rows] == ["dear", "many"]
    assert (rows[0][2].text, rows[0][2].note) == (
        "40,000 EUR",
        "1 of 1 state 1,000,000 to 3,000,000 a year",
    )
    assert (rows[1][2].text, rows[1][2].note) == ("Not stated", "nobody who waits states a value")


def test_what_is_delivered_costs_nobody_anything():
    facts = waiting()
    done = msgspec.structs.replace(NOBODYS, state="delivered")
    facts = msgspec.structs.replace(facts, dependencies={"rights": done})
    stake = Stake(low=1.0, high=2.0, cost_of_delay=1.0)
    [row] = needs_table(gathered(member("AI-0001", facts=facts), stakes={"AI-0001": stake})).rows
    assert [cell.text for cell in row[1:3]] == ["Nobody any more", "–"]


# -- frameworks -------------------------------------------------------------------------------------------------


def held(**more):
    given = {
        "title": "House rules", "version": "3", "requirements": 9, "met": 6, "missing": 2,
        "most": "H 4", "most_words": "People are told", "most_missed": (3, 4), **more,
    }  # fmt: skip
    return Held(**given)


def test_frameworks_are_one_table_before_what_the_paper_rests_on():
    said = portfolio_content(gathered(frameworks=(held(), held(title="Others", missing=1))))
    assert [one.code for one in said.sections][-2:] == ["frameworks", "basis"]
    part = section(said, "frameworks")
    assert part.lead == "Three of 18 requirements are missing in at least one initiative."
    (table,) = part.blocks
    assert [cell.text for cell in table.rows[0]] == ["House rules", "9", "6", "2", "H 4: People are told"]
    assert (table.rows[0][0].note, table.rows[0][4].note) == ("Version 3", "In 3 of 4 initiatives")
    assert sum(column.width for column in table.columns) == 100


def test_a_framework_that_lacks_nothing_says_so():
    part = section(portfolio_content(gathered(frameworks=(held(met=9, missing=0, most=""),))), "frameworks")
    assert part.lead == "Nothing that they ask for is missing in any initiative."
    assert part.blocks[0].rows[0][4].text == "Nothing"


# -- who asks a group for its hours -------------------------------------------------------------------------------


def askers(*parts):
    some = gathered(loads=(load(0.5, *parts),))
    [row] = next(
        block for block in section(portfolio_content(some), "change-load").blocks if isinstance(block, Table)
    ).rows
    return row[3].text


def test_those_that_ask_most_are_named_and_the_rest_counted():
    parts = tuple((f"AI-{number:04}", float(number)) for number in range(1, 9))
    assert askers(*parts) == "AI-0008 8 h, AI-0007 7 h, AI-0006 6 h, AI-0005 5 h, AI-0004 4 h, 3 more"


def test_change_from_elsewhere_is_one_sum_and_no_number_of_a_row():
    assert (
        askers(("AI-0001", 2.0), ("other:7", 1.0), ("other:9", 0.5))
        == "AI-0001 2 h, change from elsewhere 1.5 h"
    )
