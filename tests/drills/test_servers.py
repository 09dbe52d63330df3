"""The database and the queue going away while the portal works: said to people, survived by jobs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from tests.drills.portal import wait_until
from tests.drills.servers import Postgres, Redis
from tools.with_services import temporary_folder

pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.redis]
STATES = "SELECT state, count(*) FROM outbox_job GROUP BY state"
WHOLE = "The record is whole"


@pytest.fixture
def queue(tmp_path):
    server = Redis(tmp_path / "redis").start()
    yield server
    server.kill()


@pytest.fixture
def database():
    with temporary_folder() as folder:  # one that PostgreSQL's own user gets into
        server = Postgres(folder).start()
        yield server
        server.stop_at_once()


def test_a_queue_that_is_flushed_and_killed_with_everything_in_it_loses_no_job(open_portal, queue):
    portal = open_portal(broker=queue.url)
    portal.announce(5)
    portal.nudge()  # the messages are in Redis, and nobody has taken them
    assert portal.rows(STATES) == [("queued", 10)]
    with redis.Redis(port=queue.port) as client:
        assert client.llen("portal") >= 10
        client.flushall()
    portal.start_worker()
    portal.nudge()
    wait_until(
        lambda: portal.rows("SELECT count(*) FROM outbox_job WHERE state = 'done'")[0][0] > 0, portal.logs
    )
    queue.kill()
    portal.announce(2)  # while nobody answers: what people do is done all the same
    queue.start()
    portal.nudge()
    wait_until(lambda: portal.rows(STATES) == [("done", 14)], portal.logs, pause=1)
    assert portal.rows("SELECT count(*) FROM gates_evaluation") == [(1,)]


def test_a_database_that_stops_dead_is_said_in_words_and_found_again(open_portal, database, queue):
    portal = open_portal(broker=queue.url, database=database.url)
    portal.start_web()
    portal.start_worker()
    assert portal.get("/readyz")[0] == 200
    portal.announce(1)
    build = portal.ask_for_a_pack()
    with ThreadPoolExecutor() as beside:
        beside.submit(portal.nudge)  # which may meet the dead database itself; a worker is at it by then
        building = "SELECT state FROM packs_packbuild"
        wait_until(lambda: portal.rows(building)[0][0] == "building", portal.logs, pause=0.02)
        database.stop_at_once()
    assert portal.get("/healthz") == (200, '{"status": "ok"}')
    assert portal.get("/readyz")[0] == 503
    status, page = portal.get("/")
    assert status == 503
    assert "The database does not answer just now. Nothing was changed; try again in a minute." in page

    database.start()
    wait_until(lambda: portal.get("/readyz")[0] == 200, portal.logs)
    assert portal.get("/sign-in/")[0] == 200
    portal.nudge()
    # The build's lease runs out after a minute at most, and the sweep gives it to whoever is there.
    wait_until(lambda: swept(portal), portal.logs, pause=3)
    assert portal.rows(f"SELECT count(*) FROM packs_packfile WHERE build_id = {build}") == [(1,)]
    assert portal.python("manage.py", "verify_audit").startswith(WHOLE)
    assert "guards are in place" in portal.python("manage.py", "check_guards")


def swept(portal):
    if portal.rows("SELECT state FROM packs_packbuild") == [("ready",)]:
        return True
    portal.python("-c", "import django; django.setup(); from packs import tasks; tasks.sweep()")
    return False
