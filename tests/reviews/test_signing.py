"""A conclusion is signed by those who took part: name, time, and the fingerprint of all it says."""

from dataclasses import replace

import pytest
from django.db import IntegrityError

from alignment_portal.audit.guard import writes_allowed
from alignment_portal.refusals import Conflict, Forbidden, ProofRequired
from reviews.models import Signature
from reviews.selectors.signatures import conclusion_fingerprint, signatures_of
from reviews.services.conclusions import conclude_review
from reviews.services.opening import lapse_review
from reviews.services.signing import sign_conclusion
from reviews.services.stances import give_stance
from tests.factories.reviews import agreed, review
from tests.people import actor, api, browser, person

pytestmark = pytest.mark.django_db


def concluded():
    about = agreed(review())
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    return about


def sign(about, who="executive"):
    return sign_conclusion(by=actor(who), review=about)


def test_a_signature_holds_name_role_and_fingerprint():
    about = concluded()
    sign(about)
    about.refresh_from_db()
    [signed] = signatures_of(about)
    assert (signed.name, signed.role, signed.holds) == ("Eleanor Voss", "business", True)
    assert signed.fingerprint == conclusion_fingerprint(about)


def test_signing_twice_changes_nothing():
    about = concluded()
    assert sign(about).pk == sign(about).pk


def test_what_is_not_concluded_cannot_be_signed():
    with pytest.raises(Conflict, match="not concluded"):
        sign(agreed(review()))


def test_what_has_lapsed_cannot_be_signed():
    about = concluded()
    lapse_review(by=actor("executive"), review=about, reason="Nobody re-affirmed.")
    with pytest.raises(Conflict, match="lapsed"):
        sign(about)


def test_who_took_no_part_does_not_sign():
    about = review(people={"executive": "business"})
    give_stance(by=actor("executive"), review=about, trade_off="log-first", answer="agree")
    conclude_review(by=actor("executive"), review=about, outcome="not_aligned", statement="Too few.")
    with pytest.raises(Forbidden):
        sign(about, "technology_executive")


def test_the_database_refuses_a_signature_without_a_conclusion():
    with writes_allowed(), pytest.raises(IntegrityError, match="of_a_conclusion"):
        Signature.objects.create(review=review(), by=person("executive"), name="E", fingerprint="0")


def test_it_is_signed_on_a_page():
    about = concluded()
    client = browser("executive")
    assert client.post(f"/reviews/{about.ref}/sign/").status_code == 302
    page = client.get(f"/reviews/{about.ref}/").content.decode()
    assert "Eleanor Voss" in page[page.index('id="signed"') :]


def test_whoever_signed_in_a_while_ago_is_asked_first_whether_it_is_they():
    about = concluded()
    with pytest.raises(ProofRequired):
        sign_conclusion(by=replace(actor("executive"), is_proven=False), review=about)
    assert not Signature.objects.exists()


def test_it_is_signed_by_rest():
    about = concluded()
    answer = api("executive").post(f"/api/v1/reviews/{about.ref}/sign/", {})
    assert (answer.status_code, answer.json()["holds"]) == (200, True)
    shown = api("auditor").get(f"/api/v1/reviews/{about.ref}/").json()["signatures"]
    assert [row["name"] for row in shown] == ["Eleanor Voss"]
