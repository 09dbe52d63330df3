"""Where somebody goes after signing in: the page they asked for, when it is one of ours."""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def wanted(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


def target(request: HttpRequest) -> str:
    asked = wanted(request)
    safe = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if safe else "/"


def onwards(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(target(request))
