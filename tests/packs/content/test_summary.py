import datetime as dt
from types import SimpleNamespace

import msgspec

from gates.engine.facts import Condition, Waiver
from packs.content.summary import _blocks_lead, in_brief
from tests.packs.papers import bare, content, html, whole


def waiver(**more):
    given = {
        "ref": "WV-0001",
        "rule": "OC-08",
        "reason": "The metric is being built",
        "compensating_control": "Weekly sample",
        "requested_by": "pam.manager@example.org",
        "accepted_by": "eva.risk@example.org",
        "accepted_at": dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
        "until": dt.date(2026, 6, 30),
        "horizon": "H1",
    }
    return Waiver(**{**given, **more})


def summary(**changes):
    return content(msgspec.structs.replace(whole(), **changes)).summary


def test_every_waiver_in_force_stands_on_the_first_page():
    found = summary(waivers=(waiver(), waiver(ref="WV-0002", rule="ME-03"))).waivers
    assert [line.split(" until")[0] for line in found] == ["OC-08", "ME-03"]


def test_a_waiver_that_ended_or_was_not_accepted_does_not():
    ended, asked = waiver(until=dt.date(2026, 6, 14)), waiver(accepted_at=None, accepted_by=None)
    assert summary(waivers=(ended, asked)).waivers == ()


def test_a_met_condition_is_no_longer_open():
    met = Condition(
        ref="CD-1", text="Show net hours", by="a@example.org", met_at=dt.datetime(2026, 6, 2, tzinfo=dt.UTC)
    )
    open_ = Condition(ref="CD-2", text="Refresh the report", by="a@example.org")
    review = msgspec.structs.replace(whole().review, conditions=(met, open_))
    assert summary(review=review).conditions == ("Refresh the report. (CD-2, no owner yet)",)


def test_a_reason_without_room_leaves_out_what_was_needed_and_is_no_torso():
    found = (
        "Repeat contact within seven days: with 8,400 cases per group the chance is 51% " + "and so on " * 12
    )
    reason = f"{found.strip()} (needed: a power of 80% at an error rate of 5%)."
    assert in_brief(reason) == f"{found.strip()}."
    assert in_brief("Short (needed: more).") == "Short (needed: more)."


def test_a_condition_that_a_gate_asks_says_so():
    asked = Condition(ref="CD-1", text="Show net hours", by="a@example.org", gate="governance")
    review = msgspec.structs.replace(whole().review, conditions=(asked,))
    assert summary(review=review).conditions == ("Show net hours. (CD-1, asked at Governance controls)",)


def test_what_is_not_named_is_counted():
    told = content(bare()).summary
    assert len(told.blocks) <= 6
    assert "all of them in the appendix" in told.blocks_lead
    assert told.more_deeds > 0


def test_nothing_stands_in_the_way_of_whole_facts():
    told = content().summary
    assert (told.blocks, told.deeds) == ((), ())
    assert [answer.state for answer in told.answers] == ["yes", "yes", "yes"]


def test_both_counts_of_the_sentence_that_leads_what_blocks_are_written_alike():
    def lead(rules, shown):
        findings = tuple(object() for _ in range(rules))
        return _blocks_lead(
            SimpleNamespace(verdict=SimpleNamespace(level="blocked")), findings, shown, "below"
        )

    assert lead(7, 6) == "Seven rules block it; six are named here, all of them below."
    assert lead(19, 6) == "19 rules block it; 6 are named here, all of them below."
    assert lead(2, 1) == "Two rules block it; one is named here, all of them below."


def test_the_last_column_of_the_deeds_is_called_by_what_stands_in_it():
    dossier = bare().dossier

    def planned(day):
        section = msgspec.structs.replace(dossier.initiative, planned_launch_on=day)
        return content(
            msgspec.structs.replace(bare(), dossier=msgspec.structs.replace(dossier, initiative=section))
        )

    dated, undated = planned(dt.date(2026, 9, 1)), planned(None)
    assert dated.summary.deeds[0].by.startswith("before 1 September 2026; takes about ")
    assert undated.summary.deeds[0].by.startswith("about ")
    assert "By when" in html(dated)
    assert "How long" not in html(dated)
    assert "How long" in html(undated)
    assert "By when" not in html(undated)
