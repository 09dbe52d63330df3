"""Many small initiatives at once, drawn by a seed, to compare a page with what it means."""

import datetime as dt
import random

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM
from gates.services.status import move_status
from initiatives.dossier.document import Dossier
from initiatives.models import Initiative
from initiatives.services.bulk import store_new
from tests.factories.initiatives import small_document
from tests.gates import policy
from tests.people import CAST, actor, everybody

NEEDED = ("harness", "lake", "log", "rights", "vault")
MANAGERS = ("programme_manager", "other_manager")


def many(count, seed=1, retired=8, first=1):
    """So many, of two managers: launches around today or without a day, what they need, and every so many-th retired."""
    policy.adopt()
    everybody()
    draw = random.Random(seed)
    keys = [f"AI-{number:04}" for number in range(first, first + count)]
    draw.shuffle(keys)
    store_new(by=SYSTEM, dossiers=[msgspec.convert(_drawn(key, draw), Dossier) for key in keys], seed=seed)
    for key in keys[::retired]:
        about = Initiative.objects.get(key=key)
        move_status(by=actor("executive"), initiative=about, to="retired", reason="Replaced by another.")
    return draw


def _drawn(key, draw):
    # Few different days, so that many stand on the same one.
    day = clock.now().date() + dt.timedelta(days=draw.randrange(-300, 800, 30))
    document = small_document(
        key,
        title=f"Title {draw.randrange(9)} of {key}",
        horizon=draw.choice(["H1", "H1", "H2", "H3"]),
        owner=CAST[draw.choice(MANAGERS)].email,
        planned_launch_on=draw.choice([None, day.isoformat(), day.isoformat()]),
    )
    needed = draw.sample(NEEDED, draw.randrange(len(NEEDED)))
    return document | {"dependencies": [{"code": code} for code in needed]}
