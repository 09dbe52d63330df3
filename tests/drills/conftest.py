import pytest

from tests.drills.portal import Portal


@pytest.fixture
def open_portal(tmp_path):
    """Make a portal with one initiative, given the addresses of its servers; all its processes end with the test."""
    made = []

    def make(**servers):
        portal = Portal(tmp_path, **servers)
        made.append(portal)
        return portal.prepare()

    yield make
    for portal in made:
        portal.stop()
