"""SCIM 2.0 (RFC 7643, RFC 7644) on the wire: media type, errors, lists and which attributes are asked for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.parsing import TextParser
from alignment_portal.http.problems import problem_response
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Refusal

CONTENT_TYPE = "application/scim+json"
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
USER, GROUP = f"{CORE}User", f"{CORE}Group"
MOST, USUAL = 200, 100  # resources in one answer
BASE = "/api/v1/scim/v2"

Body = Mapping[str, Any]


class ScimFault(Refusal):
    """A request that is refused, with the keyword of RFC 7644, section 3.12."""

    status = 400

    def __init__(self, sentence: str, kind: str = "invalidValue") -> None:
        super().__init__(sentence, code=kind)


class NotThere(Refusal):
    """A part of SCIM that a server may leave out, and this one does (RFC 7644, section 3.11 for `/Me`)."""

    status = 501
    code = "not_implemented"


# What our own refusals are called there; a keyword belongs to 400 and to a name that is taken only.
_KINDS = {"taken": "uniqueness", "uniqueness": "uniqueness", "parse_error": "invalidSyntax"}
_OWN = frozenset({"invalidFilter", "invalidPath", "invalidSyntax", "invalidValue", "mutability", "noTarget"})


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The portal's problem document, told as SCIM tells an error."""
    answer = problem_response(error, context)
    if answer is None:
        return None
    told: Mapping[str, Any] = answer.data
    codes = {told["code"], *(fault["code"] for fault in told.get("errors", ()))}
    kind = next((word for word in sorted(codes) if word in _OWN), "")
    kind = next((_KINDS[word] for word in sorted(codes) if word in _KINDS), kind)
    status = 409 if kind == "uniqueness" else answer.status_code
    if status == 400 and not kind:  # noqa: PLR2004 — the status that has keywords
        kind = "invalidValue"
    body = {"schemas": [f"{MESSAGES}Error"], "status": str(status), "detail": _detail(told)}
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
    answer = Response(body | ({"scimType": kind} if kind else {}), status=status, headers=headers)
    answer.content_type = CONTENT_TYPE
    return answer


def _detail(told: Body) -> str:
    sentences = [fault["detail"] for fault in told.get("errors", ())]
    return " ".join(dict.fromkeys(sentences)) or str(told["detail"])


class ScimRenderer(JSONRenderer):
    media_type = CONTENT_TYPE
    format = "scim"


class ScimParser(TextParser):
    media_type = CONTENT_TYPE


class ScimView(APIView):
    """One resource or list; all of it is for whoever may provision accounts."""

    renderer_classes = (ScimRenderer, JSONRenderer)
    parser_classes = (ScimParser, TextParser)
    permission_classes = ()  # the scope `scim` stands for reading as well, and is asked for below

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(actor_of(request), Action.PEOPLE_PROVISION)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return error_response


def given(request: Request) -> Body:
    if not isinstance(request.data, Mapping):
        raise ScimFault("Send a JSON object.", "invalidSyntax")
    return request.data


def text(value: object, name: str) -> str:
    """A text as it can be kept. Raises ScimFault for anything else."""
    if not isinstance(value, str) or "\x00" in value:
        raise ScimFault(f"{name} is a text.")
    return value.strip()


def truth(value: object, name: str) -> bool:
    """Some directories write truth as a text: `"False"`."""
    word = str(value).lower() if isinstance(value, bool | str) else ""
    if word not in {"true", "false"}:
        raise ScimFault(f"{name} is true or false.")
    return word == "true"


def address(request: Request | HttpRequest, kind: str, key: object) -> str:
    return request.build_absolute_uri(f"{BASE}/{kind}/{key}")


def list_response(
    request: Request, total: int, rows: Callable[[int, int], Sequence[Body]], *, always: Collection[str]
) -> Response:
    """One page: `startIndex` counts from 1, `count` may be 0. `rows` takes where to begin and where to end."""
    start = max(1, _number(request, "startIndex", 1))
    count = min(MOST, max(0, _number(request, "count", USUAL)))
    found = rows(start - 1, start - 1 + count) if count else ()
    return Response(
        {
            "schemas": [f"{MESSAGES}ListResponse"],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": len(found),
            "Resources": [cut(request, row, always=always) for row in found],
        }
    )


def _number(request: Request, name: str, usual: int) -> int:
    sent = request.query_params.get(name, "").strip()
    if not sent:
        return usual
    digits = sent.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):  # noqa: PLR2004 — more than anybody has
        raise ScimFault(f"{name} is a whole number.")
    return int(sent)


def asks_for(request: Request, name: str) -> bool:
    """Whether the answer holds an attribute that would have to be looked up first."""
    wanted, unwanted = _names(request, "attributes"), _names(request, "excludedAttributes")
    return name.lower() in wanted if wanted else name.lower() not in unwanted


def cut(request: Request, body: Body, *, always: Collection[str]) -> Body:
    """Only what is asked for (RFC 7644, section 3.9); what every answer holds stays."""
    wanted, unwanted = _names(request, "attributes"), _names(request, "excludedAttributes")
    if not wanted and not unwanted:
        return body
    stays = {"schemas", "id", *always}
    return {
        name: value
        for name, value in body.items()
        if name in stays or (name.lower() in wanted if wanted else name.lower() not in unwanted)
    }


def _names(request: Request, parameter: str) -> set[str]:
    """Top-level names in small letters: `name.formatted` asks for the whole of `name`."""
    sent = request.query_params.get(parameter, "")
    bare = (name.strip().rpartition(":")[2].partition(".")[0].lower() for name in sent.split(","))
    return {name for name in bare if name}
