import pytest

from tests.initiatives.cast import open_people


@pytest.fixture
def people(db):
    """Open the accounts of the cast; users by e-mail."""
    return open_people()
