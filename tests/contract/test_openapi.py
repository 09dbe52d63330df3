"""What the description promises, generated calls are answered: nothing undocumented, and never a failure of ours."""

import os
import re
from contextlib import suppress

import pytest
import requests
import schemathesis
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import URLResolver, get_resolver
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests import people
from tests.contract.world import filled

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "2"))
ROLES = ("administrator", "executive", "programme_manager")
MODES = {GenerationMode.POSITIVE: EXAMPLES, GenerationMode.NEGATIVE: EXAMPLES}
PARAMETER = re.compile(r"([a-z-]+)/\{(\w+)\}")


def routes(resolver, prefix="/"):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        else:
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def test_the_document_is_valid_openapi(document):
    validate_schema(document)
    assert document["openapi"].startswith("3.1")


def test_every_route_of_the_api_is_described(document):
    # The description and the pages that show it describe the rest, not themselves.
    own = {"/api/v1/schema/", "/api/v1/docs/"}
    # What SCIM lets a server leave out is answered with 501 or 404, and is not there to be described.
    scim = "/api/v1/scim/v2/"
    parts = ("Me", "Bulk", ".search", "Users/.search", "Groups/.search", "{rest}")
    left_out = {f"{scim}{part}" for part in parts}
    found = {route for route in routes(get_resolver()) if route.startswith("/api/v1/")} - own - left_out
    assert sorted(document["paths"]) == sorted(found)


def test_every_call_has_a_name_of_its_own_and_says_what_it_does(document):
    calls = [call for path in document["paths"].values() for call in path.values() if isinstance(call, dict)]
    names = [call["operationId"] for call in calls]
    assert len(names) == len(set(names))
    assert [call["operationId"] for call in calls if not call.get("description")] == []


class Caller:
    """One role's calls; each is taken back afterwards, so that every one meets the same portal."""

    def __init__(self, who):
        self.client = people.api(who)
        self.client.raise_request_exception = False
        self.faults = []

    def check(self, case):
        cache.clear()  # nobody is asked to slow down here
        sid = transaction.savepoint()
        try:
            answer = self.send(case)
            self.judge(case, answer)
        finally:
            connection.needs_rollback = False
            transaction.savepoint_rollback(sid)

    def send(self, case):
        call = case.as_transport_kwargs(base_url="http://testserver")
        prepared = requests.Request(
            **{
                name: call[name]
                for name in ("method", "url", "params", "json", "data", "files")
                if name in call
            },
            headers={
                name: value for name, value in (call.get("headers") or {}).items() if name != "Authorization"
            },
        ).prepare()
        headers = {
            name: value for name, value in prepared.headers.items() if name.lower() != "content-length"
        }
        body = prepared.body or b""
        return self.client.generic(
            prepared.method,
            prepared.path_url,
            body if isinstance(body, bytes) else body.encode(),
            content_type=headers.pop("Content-Type", "application/json"),
            headers=headers,
        )

    def judge(self, case, answer):
        documented = case.operation.definition.raw["responses"]
        if answer.status_code >= 500 or str(answer.status_code) not in documented:
            sent = case.body if case.operation.body else case.query
            self.faults.append(f"{answer.status_code} {case.method} {case.formatted_path} {sent!r:.300}")


def places(path, world):
    """The path with what stands in the portal; what the world does not hold is made up."""
    return {name: world[word] for word, name in PARAMETER.findall(path) if word in world}


def call_everything(caller, operations, world, mode, examples):
    for operation in operations:
        at_hand = places(operation.path, world)
        complete = set(at_hand) == set(re.findall(r"{(\w+)}", operation.path))
        made = operation.as_strategy(
            generation_mode=mode, **({"path_parameters": at_hand} if complete else {})
        )

        @seed(int(os.environ.get("CONTRACT_SEED", "2026")))
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(made)
        def check(case):
            caller.check(case)

        # A call that takes nothing cannot be given anything wrong.
        with suppress(Unsatisfiable):
            check()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("who", ROLES)
def test_no_generated_call_fails_or_is_answered_with_what_is_not_documented(document, who):
    world, caller = filled(), Caller(who)
    schema = schemathesis.openapi.from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations()]
    for mode, examples in MODES.items():
        call_everything(caller, operations, world, mode, examples)
    assert caller.faults == []
