"""What is sent as JSON is read in one way, or refused in words; it never breaks the portal."""

import base64

import pytest

from tests import people
from tests.factories.metrics import initiative

pytestmark = pytest.mark.django_db
DEEP = "[" * 100_000
BULK = "/api/v1/initiatives/bulk/"


@pytest.fixture
def caller():
    people.everybody()
    return people.api("programme_manager")


def send(caller, text, kind="application/json"):
    return caller.generic("POST", BULK, text, content_type=kind)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DEEP, "nested more than 64 levels"),
        (f'{{"items": {"[" * 5000}{"]" * 5000}}}', "nested more than 64 levels"),
        (f'{{"items": {"[" * 64}{"]" * 64}}}', "nested more than 64 levels"),
        ('{"items": [], "items": [{"dossier": 1}]}', "“items” stands twice"),
        ('{"items": [{"dossier": {"a": 1, "\\u0061": 2}}]}', "“a” stands twice"),
        ('{"items": NaN}', "NaN"),
        ('{"items": "\\ud800"}', "U+D800"),
        (b"\xff\xfe", "utf-8"),
        ('{"items": ["a\\u0007b"]}', "U+0007"),
        ('{"i\\u001Btems": []}', "U+001B"),
        ('{"items": ["a\\fb"]}', "U+000C"),
    ],
    ids=["open", "deep", "65", "twice", "twice-escaped", "nan", "half", "bytes", "bell", "escape", "feed"],
)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(caller, text, words):
    answer = send(caller, text)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert words in answer.json()["detail"]


def test_a_backslash_before_letters_is_no_control_character_and_lines_may_end(caller):
    answer = send(caller, '{"items": [], "words": "C:\\\\u0007 \\n\\r\\t"}')
    assert "“words”" in str(answer.json()["errors"])


def test_a_byte_order_mark_is_read_past(caller):
    assert "/items" in str(send(caller, b'\xef\xbb\xbf{"items": []}').json()["errors"])


def test_a_cursor_that_is_a_deep_list_is_refused(caller):
    cursor = base64.urlsafe_b64encode(b"[" * 2800).decode()
    answer = caller.get("/api/v1/initiatives/", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
    assert (
        people.browser("programme_manager").get("/initiatives/", {"cursor": f"n{cursor}"}).status_code == 200
    )


def test_measures_that_are_a_deep_list_are_refused(caller):
    initiative()
    sent = {"question": "DR-01", "measures": DEEP}
    answer = caller.post("/api/v1/initiatives/AI-0001/evidence/", sent, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/measures")


def test_a_passkey_that_is_a_deep_list_opens_nothing(client):
    assert client.post("/sign-in/passkey/", {"credential": DEEP}).status_code == 422


# --- how much ----------------------------------------------------------------------------------------------


def test_a_body_larger_than_is_read_at_once_is_told_so(caller):
    answer = send(caller, f'{{"items": "{"a" * 9_000_000}"}}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_form_with_too_many_fields_is_told_so(client):
    answer = client.post("/sign-in/", {f"field-{number}": "1" for number in range(5001)})
    assert (answer.status_code, "at most 5,000 fields" in answer.content.decode()) == (413, True)


def test_a_body_of_unannounced_length_is_refused_and_not_taken_for_an_empty_one(caller):
    answer = caller.post(BULK, headers={"Transfer-Encoding": "chunked"}, CONTENT_LENGTH="")
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
