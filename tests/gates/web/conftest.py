import pytest

from tests.gates.policy import adopt
from tests.gates.scene import LEARNING, saved


@pytest.fixture
def initiative(db, settings, tmp_path):
    """Priya's initiative under the small policy, with a learning question, its files in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path
    adopt()
    return saved(**LEARNING)
