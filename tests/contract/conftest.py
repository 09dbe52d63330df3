import json

import pytest
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="session")
def document():
    """The description the portal gives of its REST interface."""
    generated = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(generated, default=str))
