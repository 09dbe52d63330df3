import datetime as dt

import msgspec

from gates.engine.facts import Condition, Waiver
from tests.packs.papers import bare, content, whole


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
