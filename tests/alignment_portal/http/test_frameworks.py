"""What the middleware of the frameworks is spared changes no answer."""

import pytest
from csp.constants import HEADER, NONCE, SELF
from csp.decorators import csp_exempt, csp_update
from csp.middleware import CSPMiddleware
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client, RequestFactory

from alignment_portal.http.frameworks import PageMessageMiddleware, PolicyMiddleware
from tests import people

pytestmark = pytest.mark.django_db


def answered(middleware, view):
    response = middleware(view)(RequestFactory().get("/"))
    return response.status_code, {name: sorted(value.split("; ")) for name, value in response.headers.items()}


def plain(_request):
    return HttpResponse("answer")


@csp_exempt()
def exempt(_request):
    return HttpResponse("answer")


@csp_update({"img-src": ["example.org"]})
def updated(_request):
    return HttpResponse("answer")


def with_one_of_its_own(_request):
    return HttpResponse("answer", headers={HEADER: "default-src 'none'"})


@pytest.mark.parametrize("view", [plain, exempt, updated, with_one_of_its_own])
@pytest.mark.parametrize("debug", [False, True])
def test_the_policy_is_the_one_the_library_writes(view, debug, settings):
    settings.DEBUG = debug
    assert answered(PolicyMiddleware, view) == answered(CSPMiddleware, view)


def test_a_nonce_stands_in_the_policy_of_its_own_answer_only(settings):
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"script-src": [SELF, NONCE]}}
    kept = []

    def handled(request):
        if not kept:
            kept.append(str(request.csp_nonce))
        return HttpResponse("answer")

    middleware = PolicyMiddleware(handled)
    first, second = (middleware(RequestFactory().get("/"))[HEADER] for _ in range(2))
    assert (kept[0] in first, kept[0] in second) == (True, False)
    _, without = answered(PolicyMiddleware, plain)
    assert without[HEADER] == sorted(second.split("; "))


def test_every_answer_says_that_it_hangs_on_the_cookie():
    reader = people.api("executive", "read")
    for client, address in ((reader, "/api/v1/initiatives/"), (Client(), "/initiatives/"), (Client(), "/")):
        assert "Cookie" in client.get(address)["Vary"]


def test_who_has_a_session_is_known_to_pages_and_api_alike():
    assert Client().get("/api/v1/initiatives/").status_code == 401
    client = people.browser("executive")
    assert client.get("/initiatives/").status_code == 200
    assert client.get("/api/v1/initiatives/").status_code == 200
    client.cookies.clear()
    assert client.get("/initiatives/").status_code == 302


@pytest.mark.parametrize(("address", "kept"), [("/initiatives/", True), ("/api/v1/initiatives/", False)])
def test_messages_are_kept_for_pages_only(address, kept):
    request = RequestFactory().get(address)
    request.session = {}
    response = PageMessageMiddleware(plain)(request)
    assert response.content == b"answer"
    assert hasattr(request, "_messages") is kept
    assert list(get_messages(request)) == []
