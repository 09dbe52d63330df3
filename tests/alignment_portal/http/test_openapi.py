"""The generated description says what the calls answer."""

import pytest
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def answered(schema, path):
    return schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize(
    "path", ["/api/v1/people/", "/api/v1/reviews/", "/api/v1/reviews/{ref}/commitments/", "/api/v1/history/"]
)
def test_a_list_is_described_as_the_page_it_is(schema, path):
    assert sorted(answered(schema, path)["properties"]) == ["next", "previous", "results"]


def test_a_change_is_described_with_its_key_and_its_refusals(schema):
    call = schema["paths"]["/api/v1/reviews/{ref}/conclude/"]["post"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in call["parameters"]}
    assert {"200", "400", "401", "403", "404", "409"} <= set(call["responses"])
