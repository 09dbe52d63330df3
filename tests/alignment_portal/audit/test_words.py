import pytest

from alignment_portal.accounts import services
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.actions import ActionWords
from alignment_portal.audit import words
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.audit.models import Entry
from alignment_portal.audit.selectors import HistoryFilter, history
from tests import people


@service
def write(**more):
    return record(by=SYSTEM, **more)


@pytest.mark.django_db
def test_an_entry_reads_as_a_sentence_with_names():
    by, person = people.actor("administrator"), people.person("executive")
    services.grant_role(by=by, person=person, role="contributor", function="data")
    [line] = words.in_words(list(Entry.objects.all()))
    assert line.sentence == "Adaeze Obi gave Eleanor Voss the role contributor data"
    assert (line.label, line.roles, line.actor) == ("role granted", "administrator", "Adaeze Obi")


@pytest.mark.django_db
def test_an_action_without_words_still_reads():
    entry = write(action="elsewhere.thing.done", subject="thing:7", initiative="AI-0001", reason="because")
    [line] = words.in_words([entry])
    assert (line.sentence, line.reason) == ("The portal: elsewhere.thing.done on thing:7", "because")


@pytest.mark.django_db
def test_words_cost_one_query_however_many_entries(django_assert_num_queries):
    by = people.actor("administrator")
    for who in ("executive", "auditor", "assurer"):
        services.set_password(by=by, person=people.person(who), password=people.PASSWORD)
    entries = list(Entry.objects.all())
    for count in (1, 3):
        with django_assert_num_queries(1):
            words.in_words(entries[:count])


@pytest.mark.django_db
def test_history_is_filtered():
    write(action="a.b.c", subject="1", initiative="AI-0001")
    write(action="a.b.d", subject="2", initiative="AI-0002")

    def subjects(**wanted):
        return [entry.subject for entry in history(HistoryFilter(**wanted))]

    assert subjects() == ["2", "1"]
    assert subjects(action="a.b.c") == ["1"]
    assert subjects(initiative="ai-0002") == ["2"]
    assert subjects(before=2) == ["1"]
    assert subjects(actor="adaeze") == []


def test_every_action_has_a_label_and_a_sentence():
    assert words.known_actions() != []
    for action in words.known_actions():
        assert action.label
        assert "{actor}" in action.sentence, action
        assert action.value.count(".") == 2, action


def test_two_actions_cannot_share_a_code():
    class Others(ActionWords):
        PERSON_OPENED = "accounts.person.open", "other words", "{actor} did something else"

    with pytest.raises(ValueError, match=r"Two actions are called accounts\.person\.open"):
        words.register(Others)
