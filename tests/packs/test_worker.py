"""A real worker process: asked for, built; killed in the middle, ready exactly once after the restart."""

import pytest

from tests.drills.portal import Portal, kill, wait_until


def row(portal, build, columns="state, step, losses, attempt, error"):
    return portal.rows(f"SELECT {columns} FROM packs_packbuild WHERE id = {build}")[0]


def files(portal):
    return portal.rows("SELECT sha256 FROM packs_packfile")


@pytest.fixture(params=["filesystem", pytest.param("redis", marks=pytest.mark.redis)])
def portal(request, tmp_path):
    broker = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    made = Portal(tmp_path, broker).prepare()
    yield made
    made.stop()


def test_a_pack_is_ready_exactly_once_though_its_worker_is_killed(portal):
    build = portal.ask_for_a_pack()
    worker = portal.start_worker()
    wait_until(
        lambda: row(portal, build)[0] == "building" and row(portal, build)[1] != "Starting", portal.logs
    )
    kill(worker)
    assert row(portal, build, "state") == ("building",)
    assert files(portal) == []
    portal.start_worker()
    wait_until(lambda: row(portal, build)[0] not in {"queued", "building"}, portal.logs)
    assert row(portal, build) == ("ready", "", 1, 2, "")
    ((sha256,),) = files(portal)
    place = portal.folder / "files" / "packs" / sha256[:2] / f"{sha256}.pdf"
    assert place.read_bytes().startswith(b"%PDF-")
    assert portal.rows("SELECT count(*) FROM audit_entry WHERE action = 'packs.build.finish'") == [(1,)]
