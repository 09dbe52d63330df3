"""Two administrators who take each other away at the same moment: one of them stays."""

from threading import Thread

import pytest
from django.db import connection, transaction

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import RoleGrant
from alignment_portal.accounts.services import deactivate_person, revoke_role
from alignment_portal.refusals import Conflict
from tests import people

pytestmark = pytest.mark.django_db(transaction=True)


def deactivate(by, person):
    deactivate_person(by=by, person=person, reason="Left.")


def revoke(by, person):
    revoke_role(by=by, grant=RoleGrant.objects.get(user=person, role="administrator"))


@pytest.mark.parametrize("second", [deactivate, revoke])
@pytest.mark.parametrize("first", [deactivate, revoke])
def test_the_second_of_two_at_once_is_refused(first, second):
    adaeze, siobhan = people.person("administrator"), people.person("second_administrator")
    refused = []

    def take_adaeze_away():
        try:
            second(Actor.of(siobhan), adaeze)
        except Conflict as conflict:
            refused.append(conflict.code)
        finally:
            connection.close()

    other = Thread(target=take_adaeze_away)
    with transaction.atomic():
        first(Actor.of(adaeze), siobhan)
        other.start()
        other.join(timeout=1)  # it has begun, and cannot end before this has
    other.join(timeout=30)
    assert refused == ["last_administrator"]
    left = RoleGrant.objects.filter(role="administrator", revoked_at__isnull=True, user__is_active=True)
    assert [grant.user for grant in left] == [adaeze]
